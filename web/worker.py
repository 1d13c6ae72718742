"""gunicorn's threaded worker with a porter: a thread is given to requests that have arrived.

The stock worker gives a thread to every connection, whatever it sends. A few dozen connections
that send nothing, or half a request, would then keep everyone else out.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from pathlib import Path
from typing import Any

from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

PATIENCE_S = 10.0
LARGEST_HEAD = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"


class Porter:
    """Holds connections until the head of a request is there; `let_in` is called once for each."""

    def __init__(self, let_in: Any, patience: float = PATIENCE_S) -> None:
        self._let_in = let_in
        self._patience = patience
        self._waiting: dict[int, tuple[float, Any]] = {}  # in the order in which they came
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
                conn.sock.shutdown(socket.SHUT_RDWR)  # its thread then reads the end at once
        except OSError:
            pass  # gone already
        self._let_in(conn)


def has_come(conn: Any) -> bool:
    """Whether the head of a request, or the end of the connection, can be read.

    Under TLS anything will do: what lies there is encrypted.
    """
    connection, tls = conn.sock, conn.cfg.is_ssl
    if hasattr(connection, "pending"):
        return True  # the handshake is over, and bytes may wait within
    try:
        head = connection.recv(LARGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return tls or not head or END_OF_HEAD in head or len(head) >= LARGEST_HEAD


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """One thread for each request, none for a connection that has not asked yet.

    One of the listening sockets may speak TLS; gunicorn itself knows TLS for all or for none.
    """

    tls: tuple[int, Config] | None = None  # the port, and its certificate; set before the start

    def init_process(self) -> None:
        self._porter = Porter(super().enqueue_req)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Give the connection to the porter first."""
        if self.tls is not None and not conn.initialized and conn.server[1] == self.tls[0]:
            conn.cfg = self.tls[1]
        self._porter.take(conn)


def worker_with_tls(port: int, certificate: Path, key: Path) -> type[PatientWorker]:
    """A worker class for which this port speaks TLS."""
    config = Config()
    config.set("certfile", str(certificate))
    config.set("keyfile", str(key))
    return type("TlsWorker", (PatientWorker,), {"tls": (port, config)})
