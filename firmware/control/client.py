"""The other end of the control socket: whoever asks, follows or listens to a recorder."""

from __future__ import annotations

import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.control.protocol import LIMIT, Message, RecorderSilent


class ControlClient:
    """Asks a recorder; each request is a connection of its own."""

    def __init__(self, path: Path, timeout: float = 2.0) -> None:
        self._path = path
        self._timeout = timeout

    def request(self, message: Message) -> Message:
        """Ask once. Raises RecorderSilent where nobody answers in time."""
        with self._connected() as connection:
            self._ask(connection, message)
            return self._first(connection)

    def events(self, greeted: bool = False) -> Iterator[Message]:
        """Every event from now on, until the recorder goes. Raises RecorderSilent.

        `greeted`: the first says that nothing is missed from here on, `{"event": "subscribed"}`.
        """
        with self._connected() as connection:
            self._ask(connection, {"do": "subscribe"})
            lines = connection.makefile("rb")
            connection.settimeout(None)
            next(lines, b"")
            if greeted:
                yield {"event": "subscribed"}
            for line in lines:
                yield json.loads(line)

    @contextmanager
    def listening(self) -> Iterator[tuple[Message, Iterator[bytes]]]:
        """The recorder's answer, and the running call's audio: blocks of 16-bit mono.

        Raises RecorderSilent. The blocks end with the call, or where none came for `timeout`.
        """
        with self._connected() as connection:
            self._ask(connection, {"do": "listen"})
            lines = connection.makefile("rb")

            def blocks() -> Iterator[bytes]:
                try:
                    for line in lines:
                        message = json.loads(line)
                        if message.get("event") != "audio":
                            return
                        yield b64decode(message["pcm"])
                except (OSError, ValueError):
                    return  # the recorder is gone, or stands still

            try:
                reply = json.loads(lines.readline(LIMIT) or b"null")
            except (OSError, ValueError) as error:
                raise RecorderSilent(f"{self._path}: no recorder answers ({error})") from error
            yield reply if isinstance(reply, dict) else {"ok": False}, blocks()

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._timeout)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise RecorderSilent(f"{self._path}: no recorder answers ({error})") from error
        return connection

    def _ask(self, connection: socket.socket, message: Message) -> None:
        try:
            connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise RecorderSilent(f"{self._path}: no recorder answers ({error})") from error

    def _first(self, connection: socket.socket) -> Message:
        try:
            reply = json.loads(connection.makefile("rb").readline(LIMIT) or b"null")
        except (OSError, ValueError) as error:
            raise RecorderSilent(f"{self._path}: no recorder answers ({error})") from error
        if not isinstance(reply, dict):
            raise RecorderSilent(f"{self._path}: the recorder closed the connection")
        return reply
