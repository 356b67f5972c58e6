"""One page: what comes back, what is refused, how often it is tried."""

from __future__ import annotations

import gzip
import logging
import zlib
from pathlib import Path

import brotli
import pytest
from backports import zstd

from indexer import __version__
from indexer.pulling.exchange import MAX_HEADER_BYTES, Limits
from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Fetched, Fetcher
from indexer.pulling.pacing import MAX_WAIT_S
from indexer.pulling.visits import TRIES
from tests.pulling.conftest import LIMITS, short
from tests.support.faulty_proxy import FaultyProxy
from tests.support.site_answers import (
    CutBody,
    Drip,
    Endless,
    Fault,
    Page,
    RandomFaults,
    Raw,
    Reset,
    Stall,
    Status,
    gzip_bomb,
    redirect,
)
from tests.support.sites import Site
from tests.support.times import FakeTime

PAGE = Page("<p>창원특례시</p>".encode() * 50)


def fetch(site: Site, fetcher: Fetcher, path: str = "/a", **options: str) -> Fetched:
    return fetcher.fetch(site.url + path, rules=site.rules, **options)  # type: ignore[arg-type]


def test_page_with_all_that_is_told_of_it(site: Site, fetcher: Fetcher) -> None:
    disposition = {"Content-Disposition": "attachment; filename*=UTF-8''%EB%B3%B4%EB%8F%84.html"}
    site.pages["/a"] = Page("보도".encode("cp949"), "Text/HTML;Charset=EUC-KR", disposition)
    fetched = fetch(site, fetcher)
    assert fetched == Fetched(
        url=f"{site.url}/a",
        body="보도".encode("cp949"),
        media_type="text/html",
        charset="cp949",
        etag=site.pages["/a"].etag,
        last_modified="Tue, 14 Nov 2023 22:13:20 GMT",
        file_name="보도.html",
    )


def test_page_that_has_not_changed(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = PAGE
    first = fetch(site, fetcher)
    for known in (
        {"etag": first.etag},
        {"last_modified": first.last_modified},
        {"etag": first.etag, "last_modified": "x"},
    ):
        again = fetch(site, fetcher, **known)
        assert (again.not_modified, again.body, again.etag) == (True, b"", first.etag)
    site.pages["/a"] = Page(b"new")
    changed = fetch(site, fetcher, etag=first.etag)
    assert (changed.not_modified, changed.body) == (False, b"new")


def test_304_that_was_not_asked_for_is_an_error(site: Site, fetcher: Fetcher) -> None:
    site.script["/a"] = [Status(304)]
    with pytest.raises(FetchError, match="304"):
        fetch(site, fetcher)


@pytest.mark.parametrize(
    "status", [201, 204, 206, 300, 305, 400, 401, 403, 404, 405, 410, 418, 451, 501, 505, 599]
)
def test_error_that_stays_is_not_tried_again(site: Site, fetcher: Fetcher, status: int) -> None:
    site.script["/a"] = [Status(status)]
    with pytest.raises(FetchError, match=f"HTTP {status}") as refused:
        fetch(site, fetcher)
    assert (refused.value.status, refused.value.is_passing) == (status, False)
    assert site.paths() == ["/a"]


PASSING: list[Fault] = [
    *(Status(status) for status in (429, 500, 502, 503, 504)),
    *(Reset(), Reset(1), Reset(30), Reset(250), CutBody(0), CutBody(5), Raw(b""), Raw(b"not HTTP\r\n\r\n")),
    Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n"),
    Raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde"),
    # The end of what is packed is missing, and no length tells.
    Raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc" * 99, mtime=0)[:-4]),
    Raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc", mtime=0) + b"more"),
    Stall(),
    Stall(250),
]  # fmt: skip


@pytest.mark.parametrize("fault", PASSING, ids=short)
def test_error_that_passes_is_tried_again(
    site: Site, fetcher: Fetcher, clock: FakeTime, fault: Fault
) -> None:
    site.pages["/a"] = PAGE
    site.script["/a"] = [fault]
    assert fetch(site, fetcher).body == PAGE.body
    # The back-off after one failure, with chance in the middle.
    assert clock.slept == [1.0]


def test_tries_end(site: Site, fetcher: Fetcher, clock: FakeTime) -> None:
    site.script["/a"] = [Status(503)] * 9
    with pytest.raises(FetchError, match="503") as refused:
        fetch(site, fetcher)
    assert refused.value.is_passing
    assert site.paths() == ["/a"] * TRIES
    assert clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(("chance", "slept"), [(0.0, 0.5), (0.999, 1.499)])
def test_chance_spreads_the_tries(site: Site, chance: float, slept: float) -> None:
    clock = FakeTime()
    fetcher = Fetcher(limits=LIMITS, surroundings=clock.surroundings(chance=chance))
    site.pages["/a"] = PAGE
    site.script["/a"] = [Status(500)]
    fetch(site, fetcher)
    assert clock.slept == [slept]


@pytest.mark.parametrize("retry_after", ["20", "Mon, 02 Mar 2026 09:00:20 GMT"])
def test_site_is_left_alone_as_long_as_it_asks(
    site: Site, fetcher: Fetcher, clock: FakeTime, retry_after: str
) -> None:
    site.pages["/a"] = PAGE
    site.script["/a"] = [Status(503, {"Retry-After": retry_after})]
    fetch(site, fetcher)
    assert sum(clock.slept) == pytest.approx(20.0)


@pytest.mark.parametrize(
    "retry_after",
    [str(MAX_WAIT_S + 9), "9" * 9, "Tue, 03 Mar 2026 09:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"],
)
def test_site_that_asks_for_long_is_asked_in_the_next_run(
    site: Site, fetcher: Fetcher, clock: FakeTime, retry_after: str
) -> None:
    site.pages["/b"] = PAGE
    site.script["/a"] = [Status(429, {"Retry-After": retry_after.removesuffix(".0")})]
    for path in ("/a", "/b"):
        with pytest.raises(FetchError, match="초 뒤에 다시") as refused:
            fetch(site, fetcher, path)
        assert refused.value.is_passing
    assert site.paths() == ["/a"]
    clock.sleep(86_400)
    assert fetch(site, fetcher, "/b").body == PAGE.body


@pytest.mark.parametrize(
    "retry_after", ["", "-5", "soon", "1e9", "Sun, 01 Mar 2026 00:00:00 GMT", "9" * 400, "²"]
)
def test_retry_after_that_says_nothing(
    site: Site, fetcher: Fetcher, clock: FakeTime, retry_after: str
) -> None:
    site.pages["/a"] = PAGE
    site.script["/a"] = [Status(503, {"Retry-After": retry_after})]
    fetch(site, fetcher)
    assert clock.slept == [1.0]


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
    packed = gzip.compress(PAGE.body[:50], mtime=0) + gzip.compress(PAGE.body[50:], mtime=0)
    for encoding in ("GZIP", "x-gzip"):
        site.pages["/a"] = Page(packed, headers={"Content-Encoding": encoding})
        assert fetch(site, fetcher).body == PAGE.body


@pytest.mark.parametrize(
    ("operator_url", "agent"),
    [
        ("", f"bodo/{__version__}"),
        ("https://archive.example/", f"bodo/{__version__} (+https://archive.example/)"),
        ("https://a.example/\r\nX: 1", f"bodo/{__version__}"),
        ("https://보도.example/", f"bodo/{__version__}"),
    ],
)
def test_sites_learn_who_asks(site: Site, operator_url: str, agent: str) -> None:
    fetcher = Fetcher(operator_url=operator_url, limits=LIMITS, surroundings=FakeTime().surroundings())
    site.pages["/a"] = PAGE
    fetch(site, fetcher)
    assert {asked.headers["User-Agent"] for asked in site.asked} == {agent}


@pytest.mark.parametrize("seed", range(20))
def test_random_faults_end_with_the_same_pages(site: Site, tmp_path: Path, seed: int) -> None:
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings())
    site.faults = RandomFaults(seed, share=0.7, most=TRIES - 1)
    for name in "abc":
        site.pages[f"/{name}"] = Page(name.encode() * 3_000)
        assert fetch(site, fetcher, f"/{name}").body == site.pages[f"/{name}"].body
        fetcher.download(f"{site.url}/{name}", tmp_path / name, rules=site.rules)
        assert (tmp_path / name).read_bytes() == site.pages[f"/{name}"].body
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


SECRET = "Zx9SecretKey%2Bof%2FmineQ"  # noqa: S105


@pytest.mark.parametrize(
    "fault",
    [
        Status(404), Status(500), Reset(), Reset(60), CutBody(1), Raw(b"garbage\r\n\r\n"), redirect("http://10.0.0.1/"),
        redirect(f"?serviceKey={SECRET}"), redirect(f"http://10.0.0.1/?serviceKey={SECRET}"), Endless(),
        Raw(b"HTTP/1.1 200 OK\r\nbroken header\r\n: x\r\n\r\n"), Raw(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101),
        Status(200, {"Content-Encoding": "x"}, b"a"), Status(429, {"Retry-After": "9999"}), redirect("http://["),
    ],
    ids=short,
)  # fmt: skip
def test_key_of_an_address_is_in_no_message_and_no_log(
    site: Site, fetcher: Fetcher, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"/1371000/pressReleaseService?serviceKey={SECRET}&startDate=20260301"
    site.script[path] = [fault] * TRIES
    said = ""
    try:
        fetcher.fetch(site.url + path, rules=site.rules, max_bytes=1_000)
    except FetchError as refused:
        said = f"{refused}{refused!r}"
    assert SECRET not in said
    logged = "\n".join(f"{record.getMessage()}{record.args}{record.exc_text}" for record in caplog.records)
    assert SECRET not in logged
    assert "Starting new HTTP connection" in logged


def test_key_is_in_no_message_where_nothing_answers(
    caplog: pytest.LogCaptureFixture, fetcher: Fetcher
) -> None:
    caplog.set_level(logging.DEBUG)
    with Site() as site:
        rules = site.rules
    with pytest.raises(FetchError, match="닿을 수 없습니다") as refused:
        fetcher.fetch(f"{site.url}/a?serviceKey={SECRET}", rules=rules)
    assert SECRET not in str(refused.value) + caplog.text


def test_proxy_is_asked_for_a_name_that_was_checked(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/a"] = PAGE
    with FaultyProxy(site.url) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:pw@"))
        assert fetch(site, fetcher).body == PAGE.body
        assert [asked.path for asked in proxy.requests][-1] == f"{site.url}/a"
        asked_before = len(proxy.requests)
        with pytest.raises(FetchError, match="내부망"):
            fetcher.fetch("http://127.0.0.2/", rules=site.rules)
        assert len(proxy.requests) == asked_before
