"""Answers of the sites of tests: pages as good servers give them, and every kind of fault."""

from __future__ import annotations

import gzip
import hashlib
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from typing import Final, Protocol

# Long enough that only a client without a limit of its own waits for it.
STALL_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; `path` with its query."""

    path: str
    headers: Message


class Fault(Protocol):
    """A way to answer. `page` is what a good server would give, None where there is none."""

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None: ...


class Out:
    """The way back to a client, byte by byte."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self.connection = connection
        self.closing = closing

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status line and headers; text beyond ASCII is sent in UTF-8."""
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "?"
        lines = [
            f"HTTP/1.1 {status} {phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        self.send("\r\n".join(lines).encode())

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Whether the site is still open after so long."""
        return not self.closing.wait(seconds)

    def reset(self) -> None:
        """Drop the connection without the end that TCP has."""
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


@dataclass(frozen=True, slots=True)
class Page:
    """What is at a path. A good server gives it with validators and ranges, and 304 where it is known; `headers`
    come besides or instead.
    """

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: float = 1_700_000_000.0
    has_validators: bool = True

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        headers = {"Content-Type": self.media_type, "Date": formatdate(usegmt=True), "Connection": "close"}
        if self.has_validators:
            headers |= {"ETag": self.etag, "Last-Modified": formatdate(self.modified, usegmt=True)}
        headers |= self.headers
        if self.has_validators and self._is_known(asked):
            return out.head(304, headers)
        start = self._start(asked) if self.has_validators else 0
        if start >= len(self.body) > 0:
            out.head(416, {"Content-Range": f"bytes */{len(self.body)}", "Content-Length": "0"})
            return None
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        out.head(206 if start else 200, {"Content-Length": str(len(self.body) - start), **headers})
        out.send(self.body[start:])
        return None

    def _is_known(self, asked: Asked) -> bool:
        tags, since = asked.headers["If-None-Match"], asked.headers["If-Modified-Since"]
        if tags is not None:
            return self.etag in tags
        return since is not None and parsedate_to_datetime(since).timestamp() >= int(self.modified)

    def _start(self, asked: Asked) -> int:
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("Range", ""))
        known = asked.headers.get("If-Range", self.etag)
        is_same = known in (self.etag, formatdate(self.modified, usegmt=True))
        return int(wanted[1]) if wanted and is_same else 0


@dataclass(frozen=True, slots=True)
class Status:
    """An error, or a redirect with a `Location`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        out.head(self.status, {"Content-Length": str(len(self.body)), **self.headers})
        out.send(self.body)


def redirect(location: str, status: int = 302) -> Status:
    return Status(status, {"Location": location})


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are."""

    data: bytes

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        out.send(self.data)


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is dropped after so many bytes of the answer (head and body)."""

    after: int = 0

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        _send_beginning(out, page, asked, self.after)
        out.reset()


@dataclass(frozen=True, slots=True)
class CutBody:
    """The body ends after so many bytes; the length says more."""

    after: int

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        _send_beginning(out, page, asked, self.after, counts_head=False)


@dataclass(frozen=True, slots=True)
class Stall:
    """So many bytes of the answer; then nothing, and the connection stays."""

    after: int = 0

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        _send_beginning(out, page, asked, self.after)
        out.wait(STALL_S)


@dataclass(frozen=True, slots=True)
class Drip:
    """The answer a byte at a time after its first bytes, for ever."""

    every_s: float
    first: bytes = b"HTTP/1.1 200 OK\r\n\r\n"
    drop: bytes = b"."

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        out.send(self.first)
        end = time.monotonic() + STALL_S
        while out.wait(self.every_s) and time.monotonic() < end:
            out.send(self.drop)


@dataclass(frozen=True, slots=True)
class Endless:
    """A body without a length that goes on until the client leaves, at full speed."""

    headers: Mapping[str, str] = field(default_factory=dict)
    chunk: bytes = b"0" * 65_536

    def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
        out.head(200, self.headers)
        while not out.closing.is_set():
            out.send(self.chunk)


def gzip_bomb(size: int) -> Page:
    """A small answer that unpacks to `size` bytes."""
    return Page(gzip.compress(b"\0" * size, mtime=0), headers={"Content-Encoding": "gzip"})


@dataclass
class RandomFaults:
    """Faults by `seed`, at most `most` for each path, so that they end; each path has its own, whatever the order
    of requests. Redirects start again from their first address, so that a chain of n addresses asks n * `most`
    times more.
    """

    seed: int
    share: float = 0.5
    most: int = 2
    _given: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)

    def draw(self, asked: Asked, page: Page | None) -> Fault | None:
        self._asked[asked.path] += 1
        chance = random.Random(f"{self.seed} {self._asked[asked.path]} {asked.path}")  # noqa: S311
        if self._given[asked.path] >= self.most or chance.random() >= self.share:
            return None
        self._given[asked.path] += 1
        size = len(page.body) if page else 0
        faults: list[Fault] = [
            *(Status(status) for status in (500, 502, 503, 504)),
            Status(429, {"Retry-After": "0"}),
            Status(503, {"Retry-After": "1"}, "점검 중".encode()),
            Reset(),
            Reset(chance.randrange(1, 200 + size)),
            Raw(b"\x00\x01 this is not HTTP\r\n\r\n"),
        ]
        if size:
            faults += [CutBody(chance.randrange(size))] * 4
        return chance.choice(faults)


class _Recorder(Out):
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.data = bytearray()

    def send(self, data: bytes) -> None:
        self.data += data


def _send_beginning(
    out: Out, page: Page | None, asked: Asked, size: int, *, counts_head: bool = True
) -> None:
    recorder = _Recorder()
    (page or Status(404))(recorder, page, asked)
    head = bytes(recorder.data).index(b"\r\n\r\n") + 4
    out.send(bytes(recorder.data[: size if counts_head else head + size]))
