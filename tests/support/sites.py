"""A site on 127.0.0.1 for tests of what fetches: pages that answer as good servers do, and every kind of fault.

with Site() as site:
    site.pages["/news/1"] = Page("<p>…</p>".encode(), "text/html; charset=utf-8")
    site.script["/news/1"] = [Status(503), Reset(10)]       # the first two answers; then the page
    site.faults = RandomFaults(seed=7)                      # or some at random, which end after some tries
    fetcher.fetch(site.url + "/news/1", rules=site.rules)
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/news/1", ...]
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from indexer.pulling.visits import Rules
from tests.support.faulty_proxy import make_certificate
from tests.support.site_answers import STALL_S, Asked, Fault, Out, Page, RandomFaults, Status


class Site:
    """Listens on a free port of 127.0.0.1 as long as its context lasts. What `pages` has not is 404. `script` has
    what comes first at a path, one fault a request. `rules` are those by which a fetcher may ask it.
    """

    def __init__(self, *, tls: bool = False) -> None:
        self.pages: dict[str, Page] = {}
        self.script: dict[str, list[Fault]] = {}
        self.faults: RandomFaults | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._folder = TemporaryDirectory()
        self.certificate = Path(self._folder.name) / "certificate.pem"
        self._server = _Server(self)
        if tls:
            make_certificate(self.certificate)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.tls = context
        self.port = self._server.server_port
        self._scheme = "https" if tls else "http"
        self.url = self.at("127.0.0.1")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()

    @property
    def rules(self) -> Rules:
        return Rules(private_hosts=frozenset({f"127.0.0.1:{self.port}"}), delay_s=0)

    def at(self, host: str) -> str:
        """The address of the site under another name of its."""
        return f"{self._scheme}://{host}:{self.port}"

    def paths(self) -> list[str]:
        """What was asked for, in this order, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def choose(self, asked: Asked) -> tuple[Fault, Page | None]:
        """How to answer."""
        with self._lock:
            self.asked.append(asked)
            page = self.pages.get(asked.path)
            if self.script.get(asked.path):
                return self.script[asked.path].pop(0), page
            drawn = self.faults.draw(asked, page) if self.faults else None
            return drawn or page or Status(404), page


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, site: Site) -> None:
        self.site = site
        self.tls: ssl.SSLContext | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.site.connections += 1
        try:
            if self.tls:
                request.settimeout(STALL_S)
                request = self.tls.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except OSError:
            # The client does not trust the certificate.
            self.shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        # A proxy is asked for the whole address, and may pass it on so.
        asked = Asked(self.path.removeprefix(site.url), self.headers)
        answer, page = site.choose(asked)
        self.close_connection = True
        answer(Out(self.connection, site._closing), page, asked)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Listener:
    """A port of 127.0.0.1, and of ::1 where there is IPv6, that nobody may connect to: `connections` counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = int(self._sockets[0].getsockname()[1])
        with suppress(OSError):
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        self._threads = [threading.Thread(target=self._accept, args=(one,)) for one in self._sockets]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()

    def _accept(self, one: socket.socket) -> None:
        with suppress(OSError):
            while True:
                one.accept()[0].close()
                self.connections += 1


def names(**addresses: Sequence[str]) -> Callable[[str, int], list[str]]:
    """A look-up that knows these names, with an underscore for each dot, and no others."""
    known = {name.replace("_", "."): list(found) for name, found in addresses.items()}

    def resolve(host: str, port: int) -> list[str]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return known[host]

    return resolve
