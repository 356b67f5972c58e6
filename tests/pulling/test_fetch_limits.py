"""Answers without an end, or with too much in them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import brotli
import pytest
from backports import zstd

from indexer.pulling.exchange import MAX_HEADER_BYTES, Limits
from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Fetched, Fetcher
from indexer.pulling.visits import TRIES
from tests.pulling.conftest import short
from tests.support.site_answers import (
    Drip,
    Endless,
    Fault,
    Page,
    Raw,
    gzip_bomb,
)
from tests.support.sites import Site
from tests.support.times import FakeTime

TEXT = "창원특례시".encode() * 50


def fetch(site: Site, fetcher: Fetcher) -> Fetched:
    return fetcher.fetch(f"{site.url}/a", rules=site.rules)


@pytest.mark.parametrize(
    "fault",
    [
        Drip(0.05),
        Drip(0.05, b"HTTP/1.1 200 OK\r\nX: "),
        Drip(0.05, b"HTTP/1.1 "),
        Drip(0.02, drop=b"HTTP/1.1 100 Continue\r\n\r\n", first=b""),
        Drip(0.05, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        Drip(0.05, b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
        Drip(0.02, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0)),
    ],
    ids=short,
)
def test_answer_that_drips_for_ever_is_cut(site: Site, fault: Fault) -> None:
    limits = Limits(connect_s=5, read_s=5, page_s=0.3, download_s=0.3)
    fetcher = Fetcher(limits=limits, surroundings=FakeTime().surroundings())
    site.pages["/robots.txt"] = Page(b"")
    site.script["/a"] = [fault] * TRIES
    with pytest.raises(FetchError, match=r"0\.3초 안에") as refused:
        fetch(site, fetcher)
    assert refused.value.is_passing
    # All the time was spent: once more would spend it again.
    assert site.paths().count("/a") == 1


@pytest.mark.parametrize(
    "fault",
    [
        Endless(),
        Endless({"Transfer-Encoding": "identity"}),
        Page(b"0" * 100_001),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + b"0" * 200_000),
        gzip_bomb(50_000_000),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"", mtime=0) * 10_000),
        Endless({"Content-Encoding": "gzip"}, gzip.compress(b"", mtime=0) * 1_000),
        Endless({"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x08" + b"a" * 65_000),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_body_that_is_too_large(site: Site, fetcher: Fetcher, tmp_path: Path, fault: Fault) -> None:
    site.script["/a"] = [fault, fault]
    with pytest.raises(FetchError, match="너무 큽니다"):
        fetcher.fetch(f"{site.url}/a", rules=site.rules, max_bytes=100_000)
    with pytest.raises(FetchError, match="너무 큽니다"):
        fetcher.download(f"{site.url}/a", tmp_path / "a", rules=site.rules, max_bytes=100_000)
    assert site.paths() == ["/a"] * 2
    assert list(tmp_path.iterdir()) == []


def test_body_as_large_as_allowed(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(b"0" * 100_000)
    assert len(fetcher.fetch(f"{site.url}/a", rules=site.rules, max_bytes=100_000).body) == 100_000


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"1" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"1" * (MAX_HEADER_BYTES // 2) + b"\r\n") * 2 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n",
    ],
    ids=lambda answer: answer[15:30],
)
def test_headers_that_are_too_large(site: Site, fetcher: Fetcher, answer: bytes) -> None:
    site.script["/a"] = [Raw(answer)] * TRIES
    with pytest.raises(FetchError, match="머리글"):
        fetch(site, fetcher)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", brotli.compress(b"\0" * 50_000_000)),
        ("zstd", zstd.compress(b"\0" * 50_000_000)),
        ("deflate", zlib.compress(b"\0" * 50_000_000)),
        ("gzip, gzip", gzip.compress(gzip.compress(b"\0" * 50_000_000, mtime=0), mtime=0)),
        ("gzip;q=1", gzip.compress(b"a", mtime=0)),
        ("compress", b"a"),
    ],
    ids=short,
)
def test_packing_that_was_not_asked_for(site: Site, fetcher: Fetcher, encoding: str, body: bytes) -> None:
    site.script["/a"] = [Page(body, headers={"Content-Encoding": encoding})]
    with pytest.raises(FetchError, match="압축"):
        fetch(site, fetcher)
    assert {asked.headers["Accept-Encoding"] for asked in site.asked} == {"gzip"}


def test_packed_page_is_unpacked(site: Site, fetcher: Fetcher) -> None:
    packed = gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0)
    for encoding in ("GZIP", "x-gzip"):
        site.pages["/a"] = Page(packed, headers={"Content-Encoding": encoding})
        assert fetch(site, fetcher).body == TEXT
