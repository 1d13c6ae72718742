"""TLS by the box's own authority: trusted where it is installed, good for nothing else."""

import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.web.conftest import Page, until
from tests.web.test_serve import free_port
from web.tls import Paths, ensure, fingerprint


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return ensure(tmp_path_factory.mktemp("state"), ["box.lan", "evil.example"])


def test_the_certificate_is_made_once_and_its_keys_are_secret(made: Paths) -> None:
    before = made.certificate.read_bytes()
    assert ensure(made.key.parent, ["box.lan"]).certificate.read_bytes() == before
    for path in made.key.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_new_name_is_taken_up_and_a_foreign_one_never(made: Paths) -> None:
    text = subprocess.run(
        ["openssl", "x509", "-in", str(made.certificate), "-noout", "-text"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "DNS:box.lan" in text
    assert "IP Address:127.0.0.1" in text
    assert "evil" not in text
    before = made.certificate.read_bytes()
    ensure(made.key.parent, ["other.lan"])
    assert made.certificate.read_bytes() != before


def test_openssl_accepts_the_chain_and_the_limits_of_the_authority(made: Paths) -> None:
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", str(made.authority), str(made.certificate)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_authority_cannot_sign_for_a_foreign_name(made: Paths, tmp_path: Path) -> None:
    folder = made.key.parent
    run = {"capture_output": True, "text": True, "check": True, "cwd": tmp_path}
    subprocess.run(
        ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "r"]
        + ["-subj", "/CN=bank.example", "-addext", "subjectAltName=DNS:bank.example"],
        **run,  # type: ignore[call-overload]
    )
    subprocess.run(
        ["openssl", "x509", "-req", "-in", "r", "-CA", str(made.authority), "-CAkey"]
        + [str(folder / "ca-key.pem"), "-copy_extensions", "copy", "-out", "c"],
        **run,  # type: ignore[call-overload]
    )
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", str(made.authority), "c"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "permitted subtree violation" in done.stderr


def test_the_page_answers_with_and_without_tls_at_once(fresh: Page) -> None:
    plain, secure = free_port(), free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "web.serve", "--bind", f"127.0.0.1:{plain}"]
        + ["--tls-bind", f"127.0.0.1:{secure}", "--archive", str(fresh.folder / "calls")]
        + ["--control", str(fresh.folder / "c.sock"), "--state", str(fresh.folder / "state")],
        stdout=subprocess.DEVNULL,
    )
    try:

        def answers() -> bool:
            return socket.socket().connect_ex(("127.0.0.1", secure)) == 0

        until(answers)
        trusting = ssl.create_default_context(cafile=str(fresh.folder / "state/ca.pem"))
        for name in ("127.0.0.1", "localhost"):
            with urllib.request.urlopen(
                f"https://{name}:{secure}/healthz", context=trusting, timeout=10
            ) as answer:
                assert answer.read() == b"ok\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{plain}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"https://127.0.0.1:{secure}/healthz", timeout=10)
    finally:
        server.terminate()
        assert server.wait(timeout=15) == 0


def test_the_owner_downloads_the_authority_and_compares_its_fingerprint(page: Page) -> None:
    assert page.get("/ca.crt").status_code == 404
    paths = ensure(page.folder / "state")
    assert page.get("/ca.crt").data == paths.authority.read_bytes()
    assert fingerprint(paths.authority) in page.get("/settings").text
    assert b"PRIVATE" not in page.get("/ca.crt").data
