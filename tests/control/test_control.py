"""The control socket serves everyone and waits for nobody."""

import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.control import (
    ControlClient,
    ControlError,
    ControlServer,
    RecorderRunning,
    RecorderSilent,
)


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "run/control.sock"


@pytest.fixture
def server(path: Path) -> Iterator[ControlServer]:
    made = ControlServer(path, answer)
    made.start()
    yield made
    made.close()


def answer(message: dict[str, object]) -> dict[str, object]:
    if message.get("do") == "fail":
        raise RuntimeError("no")
    if message.get("do") == "odd":
        return {"ok": True, "path": Path("/x"), (1, 2): "not a key"}  # type: ignore[dict-item]
    return {"ok": True, "did": message.get("do")}


def raw(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(5)
    made.connect(str(path))
    return made


def test_a_request_is_answered(server: ControlServer, path: Path) -> None:
    assert ControlClient(path).request({"do": "flag"}) == {"ok": True, "did": "flag"}
    assert path.stat().st_mode & 0o777 == 0o660


def test_a_command_that_fails_is_an_answer_not_the_end(server: ControlServer, path: Path) -> None:
    client = ControlClient(path)
    assert client.request({"do": "fail"}) == {"ok": False, "error": "RuntimeError: no"}
    assert client.request({"do": "state"})["ok"]


def test_an_answer_that_json_does_not_know_is_sent_as_text(
    server: ControlServer, path: Path
) -> None:
    client = ControlClient(path)
    assert client.request({"do": "odd"}) == {"ok": True, "path": "/x"}
    assert client.request({"do": "state"})["ok"]


def test_a_subscriber_gets_every_event_in_order(server: ControlServer, path: Path) -> None:
    connection = raw(path)
    connection.sendall(b'{"do": "subscribe"}\n')
    lines = connection.makefile("rb")
    assert json.loads(lines.readline()) == {"ok": True}
    for number in range(100):
        server.publish({"event": number})
    assert [json.loads(lines.readline())["event"] for _ in range(100)] == list(range(100))
    connection.close()


def test_the_event_iterator_ends_with_the_recorder(path: Path) -> None:
    server = ControlServer(path, answer)
    server.start()
    got: list[dict[str, object]] = []
    begun = threading.Event()

    def listen() -> None:
        for event in ControlClient(path).events():
            got.append(event)
            begun.set()

    listener = threading.Thread(target=listen)
    listener.start()
    while not begun.wait(0.02):
        server.publish({"event": "x"})
    server.close()
    listener.join(timeout=5)
    assert not listener.is_alive()
    assert got[0] == {"event": "x"}
    assert not path.exists()


def test_a_client_that_never_reads_is_dropped_and_others_are_served(
    server: ControlServer, path: Path
) -> None:
    lazy = raw(path)
    lazy.sendall(b'{"do": "subscribe"}\n')
    assert ControlClient(path).request({"do": "state"})["ok"]
    for _ in range(40):
        for _ in range(25):
            server.publish({"event": "x" * 1000})
        assert ControlClient(path).request({"do": "state"})["ok"]
    received = 0
    while data := lazy.recv(65536):
        received += len(data)
    assert received < 1_000_000


@pytest.mark.parametrize("nonsense", [b"hello\n", b"[1]\n", b"\xff\n", b"[" * 9000 + b"\n"])
def test_nonsense_is_told_so_and_dropped(
    server: ControlServer, path: Path, nonsense: bytes
) -> None:
    client = raw(path)
    client.sendall(nonsense)
    lines = client.makefile("rb").readlines()
    assert [json.loads(line)["ok"] for line in lines] == [False]
    assert ControlClient(path).request({"do": "state"})["ok"]


def test_a_line_without_an_end_is_dropped(server: ControlServer, path: Path) -> None:
    client = raw(path)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(100):
            client.sendall(b"x" * 65536)
    assert ControlClient(path).request({"do": "state"})["ok"]


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=300))
def test_whatever_one_client_sends_another_is_answered(
    server: ControlServer, path: Path, noise: bytes
) -> None:
    client = raw(path)
    client.sendall(noise)
    assert ControlClient(path).request({"do": "state"})["ok"]
    client.close()


def test_a_socket_left_by_a_dead_recorder_is_taken_over_a_live_one_never(path: Path) -> None:
    path.parent.mkdir()
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(path))
    stale.close()
    server = ControlServer(path, answer)
    server.start()
    second = ControlServer(path, answer)
    with pytest.raises(RecorderRunning, match="another recorder"):
        second.start()
    second.close()
    assert ControlClient(path).request({"do": "state"})["ok"]
    server.close()


def test_a_recorder_that_is_too_busy_to_answer_is_still_a_recorder(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as busy:
        busy.bind(str(path))
        busy.listen()
        server = ControlServer(path, answer)
        with pytest.raises(RecorderRunning):
            server.start()
        server.close()
    assert path.is_socket()


def test_a_file_in_the_sockets_place_is_not_removed(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("precious")
    server = ControlServer(path, answer)
    with pytest.raises(ControlError, match="cannot listen"):
        server.start()
    server.close()
    assert path.read_text() == "precious"


def test_the_thirty_third_client_waits_outside_and_the_others_are_served(
    server: ControlServer, path: Path
) -> None:
    held = [raw(path) for _ in range(32)]
    for client in held:
        client.sendall(b'{"do": "state"}\n')
        assert b"true" in client.recv(1000)
    with pytest.raises(RecorderSilent):
        ControlClient(path).request({"do": "state"})
    held.pop().close()
    held[0].sendall(b'{"do": "state"}\n')
    assert b"true" in held[0].recv(1000)
    assert ControlClient(path).request({"do": "state"})["ok"]
    for client in held:
        client.close()


def test_an_event_after_the_end_troubles_nobody(path: Path) -> None:
    server = ControlServer(path, answer)
    server.start()
    server.close()
    server.publish({"event": "late"})


def test_without_a_recorder_it_is_said(path: Path) -> None:
    with pytest.raises(RecorderSilent, match="no recorder answers"):
        ControlClient(path).request({"do": "state"})


def test_a_path_that_is_too_long_is_said(tmp_path: Path) -> None:
    server = ControlServer(tmp_path / ("x" * 150), answer)
    with pytest.raises(ControlError, match="cannot listen"):
        server.start()
    server.close()


def test_a_listener_hears_the_running_call_until_it_is_over(path: Path) -> None:
    server = ControlServer(path, lambda message: {"ok": message["do"] == "listen", "rate": 8000})
    server.start()
    assert not server.listened
    with ControlClient(path).listening() as (reply, blocks):
        assert reply == {"ok": True, "rate": 8000}
        assert server.listened
        server.send_audio(0, b"\1\0" * 160)
        server.send_audio(160, b"\2\0" * 160)
        server.end_audio()
        assert list(blocks) == [b"\1\0" * 160, b"\2\0" * 160]
    server.close()


def test_who_is_refused_or_does_not_listen_hears_nothing(path: Path) -> None:
    server = ControlServer(path, lambda _: {"ok": False, "error": "no call"})
    server.start()
    with ControlClient(path, timeout=0.3).listening() as (reply, blocks):
        assert not reply["ok"]
        assert not server.listened
        server.send_audio(0, b"secret")
        server.end_audio()
        assert list(blocks) == []
    server.close()
