"""What sites allow, and how fast."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling import addresses
from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.pacing import MAX_DELAY_S, MIN_PUBLIC_DELAY_S
from indexer.pulling.robots import MAX_ROBOTS_BYTES, ROBOTS_KEPT_S, UNREACHABLE_KEPT_S, read_robots
from indexer.pulling.visits import MAX_REDIRECTS, TRIES, Rules
from tests.pulling.conftest import LIMITS, short
from tests.support.site_answers import Endless, Fault, Page, Raw, Reset, Status, redirect
from tests.support.sites import Site
from tests.support.times import FakeTime

HTML = b"<!doctype html><html><body>404</body></html>"


def is_allowed(site: Site, fetcher: Fetcher, path: str = "/news/1") -> bool:
    site.pages.setdefault(path, Page(b"a"))
    try:
        return fetcher.fetch(site.url + path, rules=site.rules).body == b"a"
    except FetchError as refused:
        if "robots.txt" not in refused.message:
            raise
        return False


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: bodo\nAllow: /", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: BODO\nDisallow: /", False),
        ("User-agent: otherbot\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /", False),
        ("User-agent: *\nDisallow: /뉴스/", True),
        (HTML.decode(), True),
        ("\x00\x00\x00", True),
        ("#" * MAX_ROBOTS_BYTES + "\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n" + "#" * MAX_ROBOTS_BYTES, False),
    ],
)
def test_what_robots_txt_says_is_heeded(site: Site, fetcher: Fetcher, robots: str, allowed: bool) -> None:
    site.pages["/robots.txt"] = Page(robots.encode(), "text/plain")
    assert is_allowed(site, fetcher) == allowed
    assert (site.paths() == ["/news/1"]) == allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_site_without_robots_txt_allows_everything(site: Site, fetcher: Fetcher, status: int) -> None:
    site.script["/robots.txt"] = [Status(status)]
    assert is_allowed(site, fetcher)


@pytest.mark.parametrize(
    "fault", [Status(500), Status(503), Status(501), Status(429), Reset(), Raw(b"?\r\n\r\n")], ids=short
)
def test_site_whose_robots_txt_cannot_be_reached_allows_nothing(
    site: Site, fetcher: Fetcher, clock: FakeTime, fault: Fault
) -> None:
    site.script["/robots.txt"] = [fault] * TRIES
    assert not is_allowed(site, fetcher)
    # It is not asked for again at once; later it is.
    asked = len(site.asked)
    assert not is_allowed(site, fetcher)
    assert len(site.asked) == asked
    clock.sleep(UNREACHABLE_KEPT_S)
    site.script["/robots.txt"] = []
    assert is_allowed(site, fetcher)


def test_robots_txt_that_fails_for_a_moment(site: Site, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /")
    site.script["/robots.txt"] = [Status(503), Reset(5)]
    assert not is_allowed(site, fetcher)


def test_robots_txt_without_an_end(site: Site, fetcher: Fetcher) -> None:
    site.script["/robots.txt"] = [Endless(chunk=b"User-agent: *\nDisallow: /\n" * 100)]
    assert not is_allowed(site, fetcher)


def test_robots_txt_behind_redirects(site: Site, fetcher: Fetcher) -> None:
    site.script["/robots.txt"] = [redirect("/r1")]
    site.script["/r1"] = [redirect("/r2")]
    site.pages["/r2"] = Page(b"User-agent: *\nDisallow: /")
    assert not is_allowed(site, fetcher)


def test_robots_txt_behind_a_loop_is_none(site: Site, fetcher: Fetcher) -> None:
    site.script["/robots.txt"] = [redirect("/robots.txt")] * (MAX_REDIRECTS + 2)
    assert is_allowed(site, fetcher)


def test_robots_txt_is_asked_for_once_an_hour(site: Site, fetcher: Fetcher, clock: FakeTime) -> None:
    site.pages["/robots.txt"] = Page(b"")
    for path in ("/news/1", "/news/2"):
        assert is_allowed(site, fetcher, path)
    assert len(site.asked) == 3
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /")
    assert is_allowed(site, fetcher)
    clock.sleep(ROBOTS_KEPT_S)
    assert not is_allowed(site, fetcher)


def test_redirect_is_checked_by_the_rules_of_where_it_leads(site: Site, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private")
    site.pages["/private"] = Page(b"private")
    site.script["/news/1"] = [redirect("/private")]
    assert not is_allowed(site, fetcher)
    assert site.paths() == ["/news/1"]


def test_interface_with_a_key_does_not_ask(site: Site, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /")
    site.pages["/a"] = Page(b"a")
    rules = dataclasses.replace(site.rules, heeds_robots=False)
    assert fetcher.fetch(f"{site.url}/a", rules=rules).body == b"a"
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("robots", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5),
        ("User-agent: *\nRequest-rate: 1/10", 10),
        ("User-agent: *\nRequest-rate: 2/1m", MAX_DELAY_S),
        ("User-agent: *\nCrawl-delay: 2\nRequest-rate: 1/4", 4),
        ("User-agent: *\nCrawl-delay: 86400", MAX_DELAY_S),
        ("User-agent: *\nRequest-rate: 1/" + "9" * 4_000, MAX_DELAY_S),
        ("User-agent: *\nRequest-rate: " + "9" * 4_000 + "/1", 0),
        ("User-agent: *\nCrawl-delay: 1e999", 0),
        ("User-agent: *\nCrawl-delay: -5", 0),
        ("User-agent: *\nCrawl-delay: nan", 0),
        ("User-agent: *\nRequest-rate: 0/5", 0),
        ("User-agent: bodo\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 9", 3),
        ("User-agent: *\nDisallow:\nCrawl-delay: 7", 7),
    ],
)  # fmt: skip
def test_pause_that_robots_txt_asks_for(
    site: Site, fetcher: Fetcher, clock: FakeTime, robots: str, delay_s: float
) -> None:
    site.pages["/robots.txt"] = Page(robots.encode())
    for path in ("/news/1", "/news/2", "/news/3"):
        assert is_allowed(site, fetcher, path)
    assert sum(clock.slept) == pytest.approx(2 * delay_s)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_robots_txt(body: bytes) -> None:
    robots = read_robots(body)
    robots.allows("http://news.example/a?b=%ED#c")
    assert 0 <= robots.delay_s <= MAX_DELAY_S


@pytest.mark.parametrize(("delay_s", "waited_s"), [(0.0, 0.0), (1.0, 1.0), (2.5, 2.5)])
def test_pause_between_two_requests(
    site: Site, fetcher: Fetcher, clock: FakeTime, delay_s: float, waited_s: float
) -> None:
    rules = dataclasses.replace(site.rules, delay_s=delay_s)
    site.pages = {"/robots.txt": Page(b""), "/a": Page(b"a")}
    for _ in range(3):
        fetcher.fetch(f"{site.url}/a", rules=rules)
    # Between four requests, one of which was for robots.txt.
    assert sum(clock.slept) == pytest.approx(3 * waited_s)


def test_public_host_is_never_asked_without_a_pause(
    site: Site, fetcher: Fetcher, clock: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: True)
    site.pages = {"/robots.txt": Page(b""), "/a": Page(b"a")}
    for _ in range(3):
        fetcher.fetch(f"{site.url}/a", rules=Rules(delay_s=0))
    assert sum(clock.slept) == pytest.approx(3 * MIN_PUBLIC_DELAY_S)


def test_hosts_do_not_wait_for_each_other(site: Site, clock: FakeTime) -> None:
    resolve = {"a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]}
    fetcher = Fetcher(
        limits=LIMITS, surroundings=clock.surroundings(resolve=lambda host, port: resolve[host])
    )
    site.pages = {"/robots.txt": Page(b""), "/a": Page(b"a")}
    rules = Rules(private_hosts=frozenset(resolve), delay_s=10, heeds_robots=False)
    for host in resolve:
        fetcher.fetch(f"{site.at(host)}/a", rules=rules)
    assert clock.slept == []


def test_threads_share_the_pause(site: Site, clock: FakeTime) -> None:
    site.pages = {"/a": Page(b"a")}
    rules = dataclasses.replace(site.rules, delay_s=1.0, heeds_robots=False)
    turns: list[float] = []
    surroundings = dataclasses.replace(clock.surroundings(), sleep=turns.append)
    fetcher = Fetcher(limits=LIMITS, surroundings=surroundings)
    threads = [
        threading.Thread(target=fetcher.fetch, args=(f"{site.url}/a",), kwargs={"rules": rules})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The clock stands still: each has its own turn.
    assert sorted(turns) == [1, 2, 3, 4, 5, 6, 7]
    assert site.paths() == ["/a"] * 8
