"""One page: what comes back, what is refused, how often it is tried."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from indexer import __version__
from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Fetched, Fetcher
from indexer.pulling.pacing import MAX_WAIT_S
from indexer.pulling.visits import TRIES
from tests.pulling.conftest import LIMITS, short
from tests.support.faulty_proxy import FaultyProxy
from tests.support.site_answers import (
    CutBody,
    Fault,
    Page,
    RandomFaults,
    Raw,
    Reset,
    Stall,
    Status,
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
