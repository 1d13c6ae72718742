"""A time-stamp authority made with `openssl ts`, and a loopback HTTP server in front of it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[ca]
default_ca = d
[d]
dir = .
database = ./index.txt
serial = ./serial
crlnumber = ./crlnumber
new_certs_dir = .
default_md = sha256
policy = p
default_crl_days = 3650
[p]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test
[v3ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[v3tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[v3other]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
[tsa]
default_tsa = t
[t]
dir = .
serial = ./tsserial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """`since`, `until`: days from now that the stamping certificate is good for; `key`: what
    openssl makes a new key of."""

    def __init__(
        self,
        folder: Path,
        since: int = -1,
        until: int = 3650,
        name: str = "TSA",
        key: tuple[str, ...] = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "ts.cnf").write_text(CONFIG)
        (folder / "index.txt").touch()
        for counter in ("serial", "tsserial", "crlnumber"):
            (folder / counter).write_text("01\n")
        new = ["-newkey", *key, "-nodes"]
        self._run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "7300",
                  "-subj", f"/CN={name} Root", "-extensions", "v3ca", clock="-90d")  # fmt: skip
        self._run("req", "-new", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj",
                  f"/CN={name}")  # fmt: skip
        begin, end = (self._date(days) for days in (since, until))
        self._run("ca", "-batch", "-in", "tsa.csr", "-out", "tsa.pem", "-cert", "ca.pem", "-notext",
                  "-keyfile", "ca.key", "-extensions", "v3tsa", "-startdate", begin, "-enddate",
                  end)  # fmt: skip
        self.root = (folder / "ca.pem").read_bytes()

    def _date(self, days: int) -> str:
        made = subprocess.run(
            ["date", "-u", "-d", f"{days} days", "+%Y%m%d%H%M%SZ"], capture_output=True, text=True
        )
        return made.stdout.strip()

    def _run(self, verb: str, *words: str, clock: str = "") -> None:
        config = ["-config", "ts.cnf"]
        command = ["openssl", verb, *config, *words]
        if clock:
            command = ["faketime", "-f", clock, *command]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def stamp(self, request: bytes, clock: str = "") -> bytes:
        """Answer a request, as `openssl ts -reply` does; `clock` for faketime, such as "-30d"."""
        (self.folder / "q").write_bytes(request)
        self._run("ts", "-reply", "-queryfile", "q", "-signer", "tsa.pem", "-inkey", "tsa.key",
                  "-chain", "ca.pem", "-out", "r.tsr", clock=clock)  # fmt: skip
        return (self.folder / "r.tsr").read_bytes()

    def revoke(self) -> bytes:
        """Revoke the stamping certificate; the list of revoked certificates (PEM)."""
        signing = ["-cert", "ca.pem", "-keyfile", "ca.key"]
        self._run("ca", "-revoke", "tsa.pem", *signing)
        return self.revocation_list()

    def revocation_list(self) -> bytes:
        """The list of revoked certificates (PEM)."""
        self._run("ca", "-gencrl", "-cert", "ca.pem", "-keyfile", "ca.key", "-out", "crl.pem")
        return (self.folder / "crl.pem").read_bytes()

    def verify(self, data: bytes, answer: bytes, chain: bytes) -> str:
        """What `openssl ts -verify` says: "" where it accepts."""
        for name, content in (("data", data), ("v.tsr", answer), ("chain.pem", chain)):
            (self.folder / name).write_bytes(content)
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-data", "data", "-in", "v.tsr", "-CAfile", "chain.pem"],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr


@contextmanager
def served(authority: Authority) -> Iterator[str]:
    """The authority behind HTTP on the loopback address; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            fits = self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(200 if fits else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            if fits:
                self.wfile.write(authority.stamp(asked))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
