"""The recorder's end of the control socket: it answers, tells and lets hear; it never waits."""

from __future__ import annotations

import json
import os
import selectors
import socket
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from firmware.control.protocol import LIMIT, ControlError, Message, RecorderRunning, encoded

CLIENTS = 32


@dataclass(eq=False, slots=True)
class _Client:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)
    subscribed: bool = False
    listening: bool = False


class ControlServer:
    """`on_command` answers each object that is no subscription; it runs on the server's thread."""

    def __init__(self, path: Path, on_command: Callable[[Message], Message]) -> None:
        self._path = path
        self._on_command = on_command
        self._selector = selectors.DefaultSelector()
        self._clients: set[_Client] = set()
        self._events: deque[Message] = deque(maxlen=1024)
        self._audio: deque[Message] = deque(maxlen=128)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)

    def start(self) -> None:
        """Listen. Raises RecorderRunning where another recorder answers on the socket."""
        mask = os.umask(0o117)
        try:
            self._make_way()
            self._listener.bind(str(self._path))
        except OSError as error:
            raise ControlError(
                f"{self._path}: cannot listen there ({error.strerror}); the page would see no line"
                " state. Is the path too long, or its folder not writable?"
            ) from error
        finally:
            os.umask(mask)
        self._listener.listen(CLIENTS)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread.start()

    def _make_way(self) -> None:
        """Remove what a dead recorder left; the folder exists afterwards."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        if self._path.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
                knock.settimeout(1.0)
                try:
                    knock.connect(str(self._path))
                except ConnectionRefusedError:
                    self._path.unlink(missing_ok=True)
                    return
            # Somebody listens, even if too busy to answer.
            raise RecorderRunning(
                f"{self._path}: another recorder answers there; this one does not start, so"
                " that no call is recorded twice."
            )

    def publish(self, message: Message) -> None:
        """Tell every subscriber; returns at once, from any thread."""
        self._events.append(message)
        self._wake_up()

    @property
    def followed(self) -> bool:
        """Whether anybody subscribed: without one no event need be made."""
        return any(client.subscribed for client in tuple(self._clients))

    @property
    def listened(self) -> bool:
        """Whether anybody listens: without a listener no audio need be handed over."""
        return any(client.listening for client in tuple(self._clients))

    def send_audio(self, first: int, pcm: bytes) -> None:
        """Hand the running call's audio to every listener; returns at once, from any thread."""
        self._audio.append({"event": "audio", "first": first, "pcm": b64encode(pcm).decode()})
        self._wake_up()

    def end_audio(self) -> None:
        """The call that is listened to is over, or private: nobody hears more."""
        self._audio.append({"event": "audio-over"})
        self._wake_up()

    def _wake_up(self) -> None:
        try:
            self._wake.send(b"!")
        except OSError:
            return  # it is awake already, or closed

    def close(self) -> None:
        """Let every client go and remove the socket; once more does nothing."""
        if self._stopping:
            return
        self._stopping = True
        self._wake_up()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
            self._path.unlink(missing_ok=True)
        for one in (self._listener, self._wake, self._woken):
            one.close()
        self._selector.close()

    def _serve(self) -> None:
        while not self._stopping:
            for key, ready in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                elif key.data in self._clients:
                    self._attend(key.data, ready)
            while self._events:
                self._spread(self._events.popleft())
            while self._audio:
                self._let_hear(self._audio.popleft())
        for client in list(self._clients):
            self._drop(client)

    def _accept(self) -> None:
        try:
            made, _ = self._listener.accept()
        except OSError:  # the client is gone again, or no file descriptor is free
            time.sleep(0.01)
            return
        if len(self._clients) >= CLIENTS:
            made.close()
            return
        made.setblocking(False)
        client = _Client(made)
        self._clients.add(client)
        self._selector.register(made, selectors.EVENT_READ, client)

    def _attend(self, client: _Client, ready: int) -> None:
        if ready & selectors.EVENT_WRITE:
            self._send(client)
        if ready & selectors.EVENT_READ and client in self._clients:
            self._receive(client)

    def _receive(self, client: _Client) -> None:
        try:
            data = client.socket.recv(LIMIT)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        client.received += data
        while client in self._clients and (end := client.received.find(b"\n")) >= 0:
            line = bytes(client.received[:end])
            del client.received[: end + 1]
            self._answer(client, line)
        if len(client.received) > LIMIT:
            self._refuse(client)

    def _refuse(self, client: _Client) -> None:
        self._queue(client, {"ok": False, "error": "expected one JSON object a line"})
        self._drop(client)

    def _answer(self, client: _Client, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or len(line) > LIMIT:
            self._refuse(client)
            return
        if message.get("do") == "subscribe":
            client.subscribed = True
            self._queue(client, {"ok": True})
            return
        try:
            reply = self._on_command(message)
        except Exception as error:  # the recorder goes on whatever a command does
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        if message.get("do") == "listen":
            client.listening = bool(reply.get("ok"))
        self._queue(client, reply)

    def _let_hear(self, message: Message) -> None:
        over = message["event"] == "audio-over"
        for client in list(self._clients):
            if client.listening:
                self._queue(client, message)
                client.listening = not over

    def _spread(self, message: Message) -> None:
        for client in list(self._clients):
            if client.subscribed:
                self._queue(client, message)

    def _queue(self, client: _Client, message: Message) -> None:
        client.unsent += encoded(message)
        self._send(client)
        if len(client.unsent) > LIMIT:
            self._drop(client)

    def _send(self, client: _Client) -> None:
        try:
            while client.unsent:
                del client.unsent[: client.socket.send(client.unsent)]
        except BlockingIOError:
            self._selector.modify(
                client.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, client
            )
            return
        except OSError:
            self._drop(client)
            return
        if client in self._clients:
            self._selector.modify(client.socket, selectors.EVENT_READ, client)

    def _drop(self, client: _Client) -> None:
        if client in self._clients:
            self._clients.discard(client)
            self._selector.unregister(client.socket)
            client.socket.close()
            client.unsent.clear()
