"""One request and its answer over HTTP, within limits of time and size.

A request has its own connection: at a second between two of them nothing is gained by keeping one, and the
address is always the one just checked. Certificates are those of the system, or of SSL_CERT_FILE.
"""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url, make_headers, parse_url

from indexer.errors import BodoError
from indexer.pulling.addresses import Target
from indexer.pulling.exchange_errors import describe, refuse_encoding, refuse_headers, refuse_size, too_slow

# http.client reads 100 headers of 64 KiB at most, and that much may come in one; browsers and servers take 8
# to 256 KiB in all.
MAX_HEADER_BYTES: Final = 64 * 1024
# A name with more addresses is tried at the first of them.
_MAX_ADDRESSES: Final = 4
_CHUNK_BYTES: Final = 64 * 1024
# The only one that is asked for. RFC 9110 (8.4.1.3) has the other name for it.
_GZIP: Final = ("gzip", "x-gzip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """In seconds: until there is a connection, between two pieces of an answer, and for the whole answer
    however slowly it drips. A busy portal needs up to 20 seconds for a page; 256 MiB in ten minutes is the
    line of a small office (3.6 Mbit/s).
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    page_s: float = 120.0
    download_s: float = 600.0


class Reply:
    """An answer whose body is not read yet. Headers have one value each; `header` gives '' for none."""

    def __init__(self, target: Target, response: urllib3.BaseHTTPResponse, deadline: _Deadline) -> None:
        self.target = target
        self.status = response.status
        self._response = response
        self._deadline = deadline

    def header(self, name: str) -> str:
        """The value of a header, in Latin-1 as HTTP has it."""
        return self._response.headers.get(name, "").strip()

    def chunks(self, max_bytes: int) -> Iterator[bytes]:
        """The body, unpacked, piece by piece; a piece has 64 KiB at most. Raises FetchError where it breaks
        off, is packed in another way than was asked for (gzip), or has more than `max_bytes`, as it came or
        unpacked.
        """
        wire = _Wire(self.target.url, self._response, max_bytes)
        encoding = self.header("Content-Encoding").lower()
        if encoding not in ("", "identity", *_GZIP):
            raise refuse_encoding(self.target.url)
        body: gzip.GzipFile | _Wire = gzip.GzipFile(fileobj=wire) if encoding in _GZIP else wire
        size = 0
        try:
            while chunk := body.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise refuse_size(self.target.url, max_bytes)
                yield chunk
        except (exceptions.HTTPError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise self._deadline.explain(self.target.url, error) from error
        # A connection that was cut looks like the end of a body without a length.
        if self._deadline.has_passed:
            raise too_slow(self.target.url, self._deadline.seconds)


class _Wire(io.RawIOBase):
    """What comes over the line, counted: packed bytes may come for ever without anything in them."""

    def __init__(self, url: str, response: urllib3.BaseHTTPResponse, max_bytes: int) -> None:
        self._url = url
        self._response = response
        self._max_bytes = max_bytes
        self._size = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with what there is; 0 at the end."""
        data = self._response.read1(len(buffer))
        self._size += len(data)
        if self._size > self._max_bytes:
            raise refuse_size(self._url, self._max_bytes)
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def asking(target: Target, headers: Mapping[str, str], limits: Limits, total_s: float) -> Iterator[Reply]:
    """A context with the answer of `target`, at one of the addresses that were checked. Raises FetchError."""
    with _Deadline(total_s) as deadline:
        try:
            response = _send(target, headers, limits, deadline)
        except (exceptions.HTTPError, ValueError) as error:
            raise deadline.explain(target.url, error) from error
        try:
            if sum(len(name) + len(value) + 4 for name, value in response.headers.items()) > MAX_HEADER_BYTES:
                raise refuse_headers(target.url)
            yield Reply(target, response, deadline)
        finally:
            response.close()


def _send(
    target: Target, headers: Mapping[str, str], limits: Limits, deadline: _Deadline
) -> urllib3.BaseHTTPResponse:
    connect_s = min(limits.connect_s, deadline.left_s)
    ask: Callable[..., urllib3.BaseHTTPResponse] = partial(
        _ask,
        headers={**headers, "Host": target.authority, "Connection": "close"},
        timeout=urllib3.Timeout(connect=connect_s, read=min(limits.read_s, deadline.left_s)),
        deadline=deadline,
    )
    proxy = proxy_of(target)
    if proxy:
        # The proxy looks the name up once more: what that means stands in docs/pull.md.
        return ask(_proxy_manager(proxy), target, target.host, {})
    names = {"server_hostname": target.host, "assert_hostname": target.host}
    addresses = target.addresses[:_MAX_ADDRESSES]
    for address in addresses[:-1]:
        with suppress(exceptions.ConnectTimeoutError, exceptions.NewConnectionError):
            return ask(urllib3.PoolManager(), target, address, names)
    return ask(urllib3.PoolManager(), target, addresses[-1], names)


def _ask(
    manager: urllib3.PoolManager,
    target: Target,
    address: str,
    names: Mapping[str, str],
    *,
    headers: Mapping[str, str],
    timeout: urllib3.Timeout,
    deadline: _Deadline,
) -> urllib3.BaseHTTPResponse:
    tls_names = dict(names) if target.scheme == "https" else {}
    pool = manager.connection_from_host(address, target.port, target.scheme, tls_names)
    kind = _WatchedTls if target.scheme == "https" else _Watched
    pool.ConnectionCls = partial(kind, watch=deadline.watch)  # type: ignore[assignment]
    # A proxy is told the whole address, except through a tunnel.
    is_forwarded = manager.proxy is not None and target.scheme == "http"
    return pool.urlopen(
        "GET",
        target.url if is_forwarded else target.path,
        headers=headers,
        timeout=timeout,
        retries=False,
        redirect=False,
        assert_same_host=False,
        preload_content=False,
        decode_content=False,
    )


def proxy_of(target: Target) -> str:
    """The proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name for an address; '' for none."""
    return "" if proxy_bypass(target.authority) else getproxies().get(target.scheme, "")


def _proxy_manager(proxy: str) -> urllib3.ProxyManager:
    try:
        login = parse_url(proxy).auth
        bare = Url(*parse_url(proxy)._replace(auth=None)).url
        return urllib3.ProxyManager(
            bare, proxy_headers=make_headers(proxy_basic_auth=login) if login else None
        )
    except (exceptions.HTTPError, ValueError) as error:
        host = urlsplit(proxy).netloc.rpartition("@")[2][:80]
        raise BodoError(
            f"프록시의 주소를 읽을 수 없습니다: {host}", "HTTPS_PROXY, HTTP_PROXY를 확인하세요."
        ) from error


class _Deadline:
    """Cuts the connection after `seconds`, whatever it is at: headers and chunk sizes that drip in, too."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.has_passed = False
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._socket:
                self._socket.close()
                self._socket = None

    @property
    def left_s(self) -> float:
        """Seconds until the end; a moment at least, as 0 would mean that there is no end."""
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, connected: socket.socket) -> None:
        """Cut `connected` at the end. Of a connection with TLS its socket is cut, not its cipher, which
        another thread is at.
        """
        with self._lock:
            if self._socket:
                self._socket.close()
            self._socket = socket.socket(fileno=socket.dup(connected.fileno()))
            if self.has_passed:
                _cut(self._socket)

    def explain(self, url: str, error: Exception) -> BodoError:
        """What to say of an error of urllib3."""
        return too_slow(url, self.seconds) if self.has_passed else describe(url, error)

    def _pass(self) -> None:
        with self._lock:
            self.has_passed = True
            if self._socket:
                _cut(self._socket)


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


class _Telling:
    """Tells `watch` the socket of the connection that it is mixed into."""

    def __init__(self, *given: object, watch: Callable[[socket.socket], None], **named: object) -> None:
        super().__init__(*given, **named)
        self._watch = watch

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # that of the connection
        self._watch(self.sock)  # type: ignore[attr-defined]  # likewise


class _Watched(_Telling, HTTPConnection):
    """Over TCP."""


class _WatchedTls(_Telling, HTTPSConnection):
    """Over TLS."""
