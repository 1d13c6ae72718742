"""`python -m web.serve`: the page under gunicorn, one worker with threads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from firmware.archive.errors import ArchiveError
from web.auth import SetupCode

THREADS = 32


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything here and nothing by files or the environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": self._options.bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 3,
            "loglevel": "warning",
            "proc_name": "tipring-web",
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from web.app import create_app

        options = self._options
        return create_app(options.archive, options.control, options.state)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser("web.serve", description="Tipring's page.")
    parser.add_argument("--bind", default="127.0.0.1:8080", help="address and port")
    parser.add_argument("--archive", type=Path, required=True, help="the folder of the calls")
    parser.add_argument("--control", type=Path, required=True, help="the recorder's socket")
    parser.add_argument("--state", type=Path, required=True, help="the folder of the secrets")
    options = parser.parse_args(arguments)
    try:
        code = SetupCode.ensure(options.state)
        if code:
            print(f"tipring: first run: the one-time code is {code}", flush=True)
        Server(options).run()
    except (ArchiveError, OSError) as error:
        print(f"tipring: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
