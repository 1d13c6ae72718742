"""`python -m web.serve`: the page under gunicorn, one worker with threads."""

from __future__ import annotations

import argparse
import ctypes
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from web.auth import SetupCode

THREADS = 32
M_ARENA_MAX = -8  # malloc.h


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything here and nothing by files or the environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": [self._options.bind],
            "worker_class": "web.worker.PatientWorker",
            "workers": 1,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 3,
            "loglevel": "warning",
            "proc_name": "tipring-web",
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
        }
        if self._options.tls_bind:
            from web.tls import ensure
            from web.worker import worker_with_tls

            paths = ensure(self._options.state, self._options.name)
            port = int(self._options.tls_bind.rpartition(":")[2])
            settings["bind"].append(self._options.tls_bind)
            settings["worker_class"] = worker_with_tls(port, paths.certificate, paths.key)
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from web.app import create_app

        options = self._options
        return create_app(
            options.archive,
            options.control,
            options.state,
            trusted_hosts=options.name,
            config_path=options.config,
        )


def few_arenas() -> None:
    """Let glibc's malloc have two pools, not eight for each core: with 32 threads their halves that
    nobody uses were a fifth of the page's memory (121 MB with, 99 MB without them)."""
    with suppress(OSError, AttributeError):  # another C library has none
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def address(text: str) -> str:
    """HOST:PORT, checked here because gunicorn's own message is a traceback."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT with a port to 65535, got {text!r}")
    return text


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser("web.serve", description="Tipring's page.")
    parser.add_argument(
        "--bind", default="127.0.0.1:8080", type=address, help="address and port, [::]:8080"
    )
    parser.add_argument(
        "--tls-bind", type=address, help="address and port of the page with TLS, [::]:8443"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a name by which browsers reach the box, such as tipring.lan; may be repeated",
    )
    parser.add_argument("--archive", type=Path, required=True, help="the folder of the calls")
    parser.add_argument("--control", type=Path, required=True, help="the recorder's socket")
    parser.add_argument("--state", type=Path, required=True, help="the folder of the secrets")
    parser.add_argument(
        "--config", type=Path, help="the box's configuration, whose settings the page shows"
    )
    options = parser.parse_args(arguments)
    try:
        code = SetupCode.ensure(options.state)
        if code:
            print(f"tipring: first run: the one-time code is {code}", flush=True)
    except OSError as error:
        print(f"tipring: {options.state}: no secret can be kept there: {error}", file=sys.stderr)
        return 1
    few_arenas()
    Server(options).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
