"""Under TLS, too, those who connect and do not ask keep nobody out."""

import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.web.test_serve import free_port
from tests.web.test_worker import FORM, POST

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """A page without and with TLS: their ports."""
    folder = tmp_path_factory.mktemp("secure")
    plain, tls = free_port(), free_port()
    command = [sys.executable, "-m", "web.serve", "--bind", f"127.0.0.1:{plain}"]
    command += ["--tls-bind", f"127.0.0.1:{tls}", "--archive", str(folder / "calls")]
    command += ["--control", str(folder / "c.sock"), "--state", str(folder / "state")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not (answers(plain) and answers(tls)):
            assert process.poll() is None
            time.sleep(0.05)
        yield plain, tls
        process.terminate()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def trusting() -> ssl.SSLContext:
    """Whom the box's certificate is shown to is no matter here."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def shaken(port: int) -> ssl.SSLSocket:
    """A connection whose handshake is over."""
    return trusting().wrap_socket(socket.create_connection(("127.0.0.1", port), 5))


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"a" * 60_000,
        POST % 500 + FORM,
        POST % 1_500_000 + FORM,
        b"",
    ],
    ids=["half a head", "a head without end", "half a form", "part of an upload", "nothing"],
)
def test_both_pages_answer_while_many_speak_tls_and_do_not_ask(
    secure: tuple[int, int], said: bytes
) -> None:
    plain, tls = secure
    held = [shaken(tls) for _ in range(60)]
    for one in held:
        with suppress(OSError):  # a head that is too long is not waited for
            one.sendall(said)
    assert_both_answer(plain, tls)
    for one in held:
        one.close()


@pytest.mark.parametrize("said", [b"\x16", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_both_pages_answer_while_many_begin_a_handshake_or_speak_no_tls(
    secure: tuple[int, int], said: bytes
) -> None:
    plain, tls = secure
    held = [socket.create_connection(("127.0.0.1", tls), 5) for _ in range(60)]
    for one in held:
        one.sendall(said)
    assert_both_answer(plain, tls)
    for one in held:
        one.close()


def assert_both_answer(plain: int, tls: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{plain}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    with shaken(tls) as one:
        one.sendall(HEALTH)
        assert b"200 OK" in one.recv(4096)


def test_a_request_under_tls_that_comes_in_pieces_is_answered_and_the_next_one_too(
    secure: tuple[int, int],
) -> None:
    with shaken(secure[1]) as one:
        for _ in range(2):
            for piece in (HEALTH[:9], HEALTH[9:40], HEALTH[40:]):
                one.sendall(piece)
            said = b""
            while b"ok\n" not in said:
                said += one.recv(4096)
            assert b"200 OK" in said


def test_a_form_under_tls_larger_than_a_record_is_read_whole(secure: tuple[int, int]) -> None:
    body = b"password=" + b"a" * 30_000
    with shaken(secure[1]) as one:
        head = FORM.removesuffix(b"password=")
        one.sendall(POST % len(body) + head + body[:17_000])
        one.sendall(body[17_000:])
        assert one.recv(4096).startswith(b"HTTP/1.1 400")  # it had no token
