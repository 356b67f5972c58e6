"""A proxy between a client and an HTTP server that passes requests on, or does with them what a bad network does.

with FaultyProxy(server_url) as proxy:
    proxy.behaviour = Cut("after")     # the server does the work, its answer is lost
    ...
    assert len(proxy.requests) == 1
"""

from __future__ import annotations

import base64
import ipaddress
import random
import socket
import ssl
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# What belongs to one connection, not to what is said over it.
_OF_CONNECTION = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade"}
_UPSTREAM_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for; `path` with its query string."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Pass the request on and the answer back."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait, then pass the request on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection: `before` the server hears of the request; when it has half of the `request`; `after` it
    did the work, with its answer lost; when the client has half of the `answer`.
    """

    when: Literal["before", "request", "after", "answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer so; the server hears of nothing."""

    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """Pass the request on, and back the first half of the answer as if it were all of it."""


Fault = Pass | Delay | Cut | Answer | Truncate
Behaviour = Fault | Callable[[Request], Fault]

GARBAGE = Answer(200, b"\x00\xff\xfe<html>no JSON\x80")


@dataclass
class Mix:
    """Faults at random, each with its probability; else the request is passed. The same seed gives the same to the
    same requests one after the other.
    """

    faults: Sequence[tuple[Fault, float]]
    seed: int = 0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        assert sum(share for _, share in self.faults) <= 1
        self._random = random.Random(self.seed)  # noqa: S311

    def __call__(self, request: Request) -> Fault:
        drawn = self._random.random()
        for fault, share in self.faults:
            if drawn < share:
                return fault
            drawn -= share
        return Pass()


class FaultyProxy:
    """Listens on a free port of 127.0.0.1 at `url`, as long as its context lasts. `behaviour` may be set at any time;
    a function of the request gives each its own. With `tls`, clients trust `certificate`; with `login`, a name and
    a password, others get 401.
    """

    def __init__(self, upstream: str, *, tls: bool = False, login: tuple[str, str] | None = None) -> None:
        self.behaviour: Behaviour = Pass()
        self.requests: list[Request] = []
        self._folder = TemporaryDirectory()
        self.certificate = Path(self._folder.name) / "certificate.pem"
        self._server = _Server(self, upstream, login)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(make_certificate(self.certificate))
            # The handshake is made by the thread of the connection.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self.drop_connections()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    def drop_connections(self) -> None:
        """Close all connections that are open, also those that clients keep for later."""
        self._server.drop_connections()


def make_certificate(path: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 that says itself that it is right."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "faulty proxy")])
    now = datetime.now(UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


class _Server(ThreadingHTTPServer):
    # Closing waits for the threads, so that none is left behind a test.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, proxy: FaultyProxy, upstream: str, login: tuple[str, str] | None) -> None:
        self.proxy = proxy
        parts = urlsplit(upstream)
        assert parts.scheme == "http"
        self.upstream = (parts.hostname or "", parts.port or 80)
        self.authorization = "Basic " + base64.b64encode(":".join(login).encode()).decode() if login else None
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def choose(self, request: Request) -> Fault:
        """What to do with it."""
        self.proxy.requests.append(request)
        behaviour = self.proxy.behaviour
        return behaviour(request) if callable(behaviour) else behaviour

    @contextmanager
    def kept(self, connection: socket.socket) -> Iterator[None]:
        """A connection is among those that can be dropped."""
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def drop_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say what is wrong here, not that a connection ended."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are sent apart: without this each answer would wait for the client's confirmation.
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        with self.server.kept(self.connection):
            super().handle()

    def do_GET(self) -> None:
        request = Request(self.command, self.path)
        fault = self.server.choose(request)
        if fault == Cut("before"):
            self._cut()
            return
        body = self._read_body()
        if self.server.authorization not in (None, self.headers["Authorization"]):
            realm = ("WWW-Authenticate", 'Basic realm="faulty proxy"')
            fault = Answer(401, b"Unauthorized", "text/plain", (realm,))
        if isinstance(fault, Answer):
            self._send(fault.status, [("Content-Type", fault.kind), *fault.headers], fault.body)
            return
        if isinstance(fault, Delay):
            self.server.closing.wait(fault.seconds)
        head = self._head(body)
        if fault == Cut("request"):
            # Some servers take half of a head for a whole one.
            self._send_and_cut(head + body[: len(body) // 2] if body else head[: len(self.command) // 2])
        else:
            self._pass_on(head + body, fault)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def _send_and_cut(self, sent: bytes) -> None:
        with suppress(OSError), socket.create_connection(self.server.upstream) as upstream:
            upstream.sendall(sent)
        self._cut()

    def _pass_on(self, sent: bytes, fault: Fault) -> None:
        try:
            response, body = self._ask_upstream(sent)
        except (OSError, HTTPException) as error:
            self._send(502, [("Content-Type", "text/plain")], repr(error).encode())
            return
        if fault == Cut("after"):
            self._cut()
            return
        # A HEAD is answered with the length of what a GET would give.
        ours = _OF_CONNECTION if self.command == "HEAD" else _OF_CONNECTION | {"content-length"}
        headers = [(name, value) for name, value in response.getheaders() if name.lower() not in ours]
        if isinstance(fault, Truncate):
            body = body[: len(body) // 2]
        self._send(response.status, headers, body, half=fault == Cut("answer"))

    def _ask_upstream(self, sent: bytes) -> tuple[HTTPResponse, bytes]:
        with (
            socket.create_connection(self.server.upstream, _UPSTREAM_TIMEOUT_S) as upstream,
            self.server.kept(upstream),
            HTTPResponse(upstream, method=self.command) as response,
        ):
            upstream.sendall(sent)
            response.begin()
            return response, response.read()

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self._read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self._read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # what may follow the last chunk
        return b"".join(chunks)

    def _read(self, size: int) -> bytes:
        got = self.rfile.read(size)
        if len(got) < size:
            raise ConnectionError("the client broke off")
        return got

    def _head(self, body: bytes) -> bytes:
        """The request as the server gets it, up to its body."""
        of_length = {"content-length", "expect"}
        headers = [
            (name, value)
            for name, value in self.headers.items()
            if name.lower() not in _OF_CONNECTION | of_length
        ]
        headers += [("Connection", "close"), ("Content-Length", str(len(body)))]
        lines = [f"{self.command} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")

    def _send(
        self, status: int, headers: Sequence[tuple[str, str]], body: bytes, *, half: bool = False
    ) -> None:
        """Send an answer; `half` of it, then cut."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        _shut(self.connection)

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: `requests` has them."""


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
