"""Those who connect and do not ask keep nobody out."""

import select
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.screens import box
from tests.web.conftest import until
from web.worker import UPLOADS_AT_ONCE, Porter, let_go_of_the_gone


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


POST = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n\r\npassword="


@pytest.mark.parametrize("length", [500, 30_000, 1_500_000])
def test_the_page_answers_while_many_send_a_body_that_never_ends(
    address: tuple[str, int], length: int
) -> None:
    held = []
    for _ in range(40):
        one = socket.create_connection(address, 5)
        one.sendall(POST % length + FORM)
        held.append(one)
    for one in held:
        one.sendall(b"x")
    with urllib.request.urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    with socket.create_connection(address, 5) as other:  # and a form that does end is taken
        other.sendall(POST % 9 + FORM)
        assert other.recv(4096).startswith(b"HTTP/1.1 400")  # it had no token
    for one in held:
        one.close()


def test_uploads_beyond_the_few_that_are_read_at_once_are_told_so(address: tuple[str, int]) -> None:
    held = [socket.create_connection(address, 5) for _ in range(12)]
    for one in held:
        one.sendall(POST % 1_500_000 + FORM)
    until(lambda: len(select.select(held, [], [], 0)[0]) >= 12 - UPLOADS_AT_ONCE)
    refused = select.select(held, [], [], 0)[0][0]  # whichever of them came later
    told = refused.recv(4096)
    assert told.startswith(b"HTTP/1.1 503")
    assert b"try again in a minute" in told + refused.recv(4096)
    for one in held:
        one.close()


def test_a_form_that_comes_in_pieces_is_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, 5) as one:
        for piece in (POST % 12, FORM, b"a", b"b", b"c"):
            one.sendall(piece)
        assert one.recv(4096).startswith(b"HTTP/1.1 400")


def test_an_upload_that_is_too_slow_ends() -> None:
    porter = Porter(lambda _conn: None)
    ours, theirs = socket.socketpair()
    porter.watch(SimpleNamespace(sock=ours), patience=0.05)
    assert ours.recv(10) == b""
    theirs.close()


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


def test_who_waits_to_be_asked_for_his_form_holds_no_thread_for_ever(
    address: tuple[str, int],
) -> None:
    held = []
    for _ in range(40):
        one = socket.create_connection(address, 5)
        one.sendall(POST % 500 + b"Expect: 100-continue\r\n" + FORM)
        held.append(one)
    with urllib.request.urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    for one in held:
        one.close()


def test_the_page_answers_while_many_send_a_head_that_is_far_too_long(
    address: tuple[str, int],
) -> None:
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 2000) for number in range(50))
    held = []
    for _ in range(40):
        one = socket.create_connection(address, 5)
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + lines)
        held.append(one)
    with urllib.request.urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    for one in held:
        one.close()


def test_a_telephone_that_left_the_wi_fi_holds_no_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        phone = socket.create_connection(listener.getsockname())
        ours, _address = listener.accept()
    let_go_of_the_gone(ours, after_s=0.3)
    with pytest.raises(TimeoutError):
        while True:  # it takes nothing more: what it was sent fills the way to it
            ours.sendall(bytes(65536))
    ours.close()
    phone.close()
