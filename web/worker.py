"""gunicorn's threaded worker with a porter: a thread is given to requests that have arrived.

The stock worker gives a thread to every connection, whatever it sends. A few dozen connections
that send nothing, or half a request, would then keep everyone else out. A form is waited for whole,
under TLS too; larger bodies are read by a few threads at once and have a time by which they must be
there.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import ThreadWorker

PATIENCE_S = 10.0
LARGEST_HEAD = 16 * 1024  # bytes; a browser's has one or two thousand
RECORD = 16 * 1024  # bytes that one record of TLS may carry
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
WAITS = re.compile(rb"\r\nexpect:", re.IGNORECASE)
FORM = 32 * 1024  # bytes of a body that is waited for whole; the kernel holds more
MOST = LARGEST_HEAD + FORM
UPLOADS_AT_ONCE = 4
GONE_S = 60.0
SLOWEST = 20_000  # bytes a second of an upload
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Too much is being sent to this box at once. Nothing was changed; try again in a minute.\n"
)


class Ahead(ssl.SSLSocket):
    """A TLS connection whose handshake, and whose first bytes, need no thread that waits."""

    _shaken = False
    _over = False
    _ahead = b""

    def look(self) -> tuple[bytes, bool]:
        """What has come and was not read yet, and whether no more will. Waits for nothing.

        Raises BlockingIOError while nothing is there, ssl.SSLError for what is no TLS.
        """
        self.setblocking(False)
        try:
            if not self._shaken:
                self.do_handshake()
                self._shaken = True
            while len(self._ahead) < MOST and not self._over:
                came = super().recv(RECORD)
                self._ahead += came
                self._over = not came
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not self._ahead:
                raise BlockingIOError from None
        return self._ahead, self._over

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read what was looked at first."""
        if self._ahead:
            taken, self._ahead = self._ahead[:buflen], self._ahead[buflen:]
            return taken
        return super().recv(buflen, flags)


class Porter:
    """Holds connections until the head of a request is there; `let_in` is called once for each."""

    def __init__(self, let_in: Any, patience: float = PATIENCE_S) -> None:
        self._let_in = let_in
        self._patience = patience
        self._waiting: dict[int, tuple[float, Any]] = {}  # in the order in which they came
        self._read: dict[int, tuple[float, Any]] = {}  # by a thread, now
        self._lock = threading.Lock()
        self._poll = select.epoll()
        threading.Thread(target=self._run, name="porter", daemon=True).start()

    def take(self, conn: Any) -> None:
        """Watch a connection, or let it in where its request is there already."""
        if has_come(conn):
            self._let_in(conn)
            return
        handle = conn.sock.fileno()
        with self._lock:
            self._waiting[handle] = (time.monotonic() + self._patience, conn)
        try:
            # Told at each arrival, not while unfinished bytes lie there: nobody is busy waiting.
            self._poll.register(handle, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        except OSError:
            self._release(handle)

    def watch(self, conn: Any, patience: float) -> None:
        """A thread reads from it now: end what it reads when the time is over."""
        with self._lock:
            self._read[id(conn)] = (time.monotonic() + patience, conn)

    def unwatch(self, conn: Any) -> None:
        """It has all that it wanted."""
        with self._lock:
            self._read.pop(id(conn), None)

    def _run(self) -> None:
        while True:
            for handle, event in self._poll.poll(1.0):
                with self._lock:
                    conn = self._waiting.get(handle, (0.0, None))[1]
                if conn is not None and (
                    event & (select.EPOLLRDHUP | select.EPOLLHUP) or has_come(conn)
                ):
                    self._release(handle)
            self._close_late()

    def _close_late(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [handle for handle, (until, _) in self._waiting.items() if until <= now]
            for until, conn in self._read.values():
                if until <= now:
                    with suppress(OSError):  # below TLS, whose own state is the thread's
                        socket.socket.shutdown(conn.sock, socket.SHUT_RD)
        for handle in late:
            self._release(handle, late=True)

    def _release(self, handle: int, late: bool = False) -> None:
        with self._lock:
            _, conn = self._waiting.pop(handle, (0.0, None))
        if conn is None:
            return
        try:
            self._poll.unregister(handle)
            if late:
                # Below TLS; its thread then reads the end at once.
                socket.socket.shutdown(conn.sock, socket.SHUT_RDWR)
        except OSError:
            pass  # gone already
        self._let_in(conn)


def has_come(conn: Any) -> bool:
    """Whether a request, up to the end of its form, or the end of the connection, can be read.

    Of an upload the head will do. Of a head that is too long no more is read.
    """
    try:
        if isinstance(conn.sock, Ahead):
            head, over = conn.sock.look()
        else:
            head = conn.sock.recv(MOST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            over = not head
    except BlockingIOError:
        return False
    except OSError:
        return True
    end = head.find(END_OF_HEAD)
    if end < 0 and len(head) >= LARGEST_HEAD:
        over = True
        with suppress(OSError):
            socket.socket.shutdown(conn.sock, socket.SHUT_RD)
    if over or end < 0:
        return over
    said = LENGTH.search(head, 0, end + 2)
    length = int(said[1]) if said and not WAITS.search(head, 0, end + 2) else 0
    return length > FORM or len(head) >= end + len(END_OF_HEAD) + length


def body_length(request: Any) -> int:
    """Bytes of the body that a request announces; more than any form has where they are not here:
    in chunks, or where the sender waits to be asked for them."""
    headers = {str(name).upper(): str(value) for name, value in request.headers}
    if "TRANSFER-ENCODING" in headers or "EXPECT" in headers:
        return FORM + 1
    said = headers.get("CONTENT-LENGTH", "0")
    return int(said) if said.isdecimal() else 0


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """One thread for each request, none for a connection that has not asked yet.

    One of the listening sockets may speak TLS; gunicorn itself knows TLS for all or for none.
    """

    tls: tuple[int, Config] | None = None  # the port, and its certificate; set before the start

    def init_process(self) -> None:
        self._porter = Porter(super().enqueue_req)
        self._uploads = threading.BoundedSemaphore(UPLOADS_AT_ONCE)
        self._context = context_of(self.tls[1]) if self.tls else None
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head is there; an upload has its time and place."""
        length = body_length(req)
        if length <= FORM:
            return self._answered(req, conn)
        if not self._uploads.acquire(blocking=False):
            conn.sock.sendall(BUSY)
            return False
        self._porter.watch(conn, PATIENCE_S + length / SLOWEST)
        req.force_close()  # or what it still sends would be read after the answer
        try:
            return self._answered(req, conn)
        finally:
            self._porter.unwatch(conn)
            self._uploads.release()

    def _answered(self, req: Any, conn: Any) -> Any:
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            return False  # who asked takes nothing more

    def enqueue_req(self, conn: Any) -> None:
        """Give the connection to the porter first."""
        if not conn.initialized:
            let_go_of_the_gone(conn.sock)
        if self.tls is not None and not conn.initialized and conn.server[1] == self.tls[0]:
            conn.cfg = self.tls[1]
            conn.sock = self._context.wrap_socket(
                conn.sock, server_side=True, do_handshake_on_connect=False
            )
            conn.parser = get_parser(conn.cfg, conn.sock, conn.client)
            conn.initialized = True
        self._porter.take(conn)


def let_go_of_the_gone(connection: socket.socket, after_s: float = GONE_S) -> None:
    """End a connection whose other end takes nothing more: a telephone that left the Wi-Fi, a
    paused player. The kernel would try for a quarter of an hour, and a stream or a thread be held;
    browsers ask for the rest of a recording when they want it.
    """
    with suppress(OSError):  # it is no TCP connection, or it has ended
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(after_s * 1000))


def context_of(config: Config) -> ssl.SSLContext:
    """gunicorn's own, whose sockets can be looked into."""
    context: ssl.SSLContext = ssl_context(config)
    context.sslsocket_class = Ahead
    return context


def worker_with_tls(port: int, certificate: Path, key: Path) -> type[PatientWorker]:
    """A worker class for which this port speaks TLS."""
    config = Config()
    config.set("certfile", str(certificate))
    config.set("keyfile", str(key))
    return type("TlsWorker", (PatientWorker,), {"tls": (port, config)})
