"""Those who connect and do not ask keep nobody out."""

import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.screens import box
from tests.web.conftest import until
from web.worker import Porter


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as name, box(Path(name)) as found:
        yield found.split("/")[-1].split(":")[0], int(found.rsplit(":", 1)[1])


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"\x16\x03\x01"])
def test_the_page_answers_while_hundreds_connect_and_do_not_ask(
    address: tuple[str, int], said: bytes
) -> None:
    held = []
    for _ in range(200):
        one = socket.create_connection(address, 5)
        if said:
            one.sendall(said)
        held.append(one)
    with urllib.request.urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    for one in held:
        one.close()


def test_a_request_that_comes_in_pieces_is_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, 5) as one:
        for piece in (b"GET /heal", b"thz HTTP/1.1\r\nHo", b"st: localhost\r\n", b"\r\n"):
            one.sendall(piece)
            assert piece
        assert b"200 OK" in one.recv(4096)
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # and once more
        assert b"ok" in one.recv(4096) + one.recv(4096)


def test_who_never_finishes_is_shown_out() -> None:
    let_in: list[object] = []
    porter = Porter(let_in.append, patience=0.05)
    ours, theirs = socket.socketpair()
    theirs.sendall(b"GET / HT")
    conn = SimpleNamespace(sock=ours, cfg=SimpleNamespace(is_ssl=False))
    porter.take(conn)
    until(lambda: let_in == [conn])
    assert theirs.recv(10) == b""
