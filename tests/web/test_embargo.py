"""Pages, endpoint and embargoes: none has a release before its minute, all have it then, without a reindex."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.release import SEOUL
from indexer.search.service import SearchService
from tests.conftest import Clock, release_of
from web.app import create_app

LIFTED = 4_000_000_000
WAITING = release_of(
    "기업 합병 소식",
    "둘이 합병한다.",
    id="waiting",
    outlet="금융위원회",
    published="2024-03-02T09:00",
    embargo_until=datetime.fromtimestamp(LIFTED, SEOUL),
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/", "기업 합병 소식"),
        ("/", "2건의 보도자료"),
        ("/search?q=소식", "보도자료 2건에서"),
        ("/search?q=합병", "기업 합병 소식"),
        ("/search?q=소식", "기업 합병 소식"),
        ("/search?q=소식&sort=newest", "금융위원회"),
        ("/search?q=소식&outlet=금융위원회", "기업 합병 소식"),
        ("/search?q=매체:금융", "기업 합병 소식"),
        ("/search?q=합벙", "합병"),
        ("/search?q=합병 노선", "합병 1"),
        ("/releases/waiting", "둘이 합병한다"),
        ("/api/v1/search?q=소식", "waiting"),
        ("/api/v1/search?q=소식", '"total":2'),
        ("/api/v1/search?q=소식", '"documents":2'),
        ("/api/v1/search?q=소식", "금융위원회"),
        ("/api/v1/search?q=버스 합병", "waiting"),
        ("/api/v1/suggest?q=합", "합병"),
        ("/api/v1/suggest?q=ㅎㅂ", "합병"),
        ("/api/v1/suggest?q=합벙", "합병"),
        ("/api/v1/releases", '"id":"waiting"'),
        ("/api/v1/releases?since=2024-03-02", '"id":"waiting"'),
        ("/api/v1/releases/waiting", "둘이 합병한다"),
        ("/api/v1/releases/public/similar", "waiting"),
        ("/api/v1/releases/waiting/similar", '"similar":'),
        ("/api/v1/trends?q=합병", '"total":1'),
        ("/api/v1/trends?q=합병", "2024-03"),
        ("/api/v1/stats", '"documents":2'),
        ("/api/v1/stats", "금융위원회"),
        ("/api/v1/stats", "2024-03-02"),
        ("/healthz", '"documents":2'),
        ("/feed.atom", "둘이 합병한다"),
        ("/feed.atom?q=소식", "금융위원회"),
        ("/feed.atom?q=합병", "둘이 합병한다"),
        ("/sitemap.xml", "/releases/waiting"),
    ],
)
def test_before_and_from_its_minute(
    tmp_path: Path, analyzer: Analyzer, clock: Clock, url: str, shown: str
) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer, clock=clock)
    with engine.write() as writer:
        writer.put([release_of("창원 소식", "버스 노선이 바뀐다.", id="public", outlet="창원시"), WAITING])
        writer.commit({})
    client = create_app(SearchService(engine, analyzer)).test_client()

    def shows() -> bool:
        # What was asked for stands in the answer too.
        text = re.sub(r"<input[^>]*>|<title>.*?</title>", "", client.get(url).get_data(as_text=True))
        return shown in " ".join(re.sub(r"<[^>]*>", "", text).split()).replace('": ', '":')

    for at, expected in ((clock.at, False), (LIFTED - 1, False), (LIFTED, True), (LIFTED - 1, False)):
        clock.at = at
        assert shows() == expected, at
        assert client.get("/releases/waiting").status_code == (200 if expected else 404)


# Every way in, by the endpoint that it belongs to: addresses that show releases, those of which all that may be
# read are shown first. A new route has to be put in one of these.
LISTING = {
    "pages.home": ["/"],
    "pages.search": ["/search?q=소식&sort=newest", "/search?q=소식&sort=oldest&corrected=yes"],
    "api.search": ["/api/v1/search?q=소식", "/api/v1/search?q=소식&corrected=yes"],
    "api.stream": ["/api/v1/releases"],
    "feeds.feed": ["/feed.atom", "/feed.atom?q=소식"],
    "crawlers.sitemap": ["/sitemap.xml"],
    "crawlers.part": ["/sitemap-1.xml"],
}
NAMING = {
    "pages.status": ["/status"],
    "api.release": ["/api/v1/releases/{id}?q=소식"],
    "api.similar": ["/api/v1/releases/public/similar", "/api/v1/releases/{id}/similar"],
    "api.suggest": ["/api/v1/suggest?q=소", "/api/v1/suggest?q=소식 하나1호"],
    "api.trends": ["/api/v1/trends?q=소식"],
    "api.stats": ["/api/v1/stats"],
    "release_page.release": ["/releases/{id}?q=소식", "/releases/public?q=소식"],
    "discovery.suggestions": ["/suggest.json?q=소"],
    "trends_page.trends": ["/trends?q=소식"],
    "trends_page.as_csv": ["/trends.csv?q=소식"],
    "health.process": ["/healthz"],
    "health.ready": ["/readyz"],
}
# They hold nothing of any release.
FIXED = {
    "pages.api", "pages.help_page", "api.analyze", "api.openapi", "embed.page", "embed.script", "static",
    "discovery.description", "crawlers.robots",
}  # fmt: skip
MOMENTS = tuple(LIFTED + 100 * number for number in range(3))
# What only one of the releases has, in id, title, text and issuer.
MARKS = ("quux1", "quux2", "quux3")


@pytest.fixture(scope="module")
def waiting_folder(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    folder = tmp_path_factory.mktemp("waiting")
    waiting = [
        release_of(
            f"기업 소식 {mark}",
            f"{mark} 이야기다.",
            id=mark,
            outlet=f"{mark}청",
            published=f"2024-03-0{number + 2}T09:00",
            embargo_until=datetime.fromtimestamp(at, SEOUL),
            corrected_at=datetime(2024, 4, 1, tzinfo=SEOUL),
        )
        for number, (mark, at) in enumerate(zip(MARKS, MOMENTS, strict=True))
    ]
    with WhooshEngine(folder / "index", analyzer).write() as writer:
        writer.put([release_of("창원 소식", "버스 노선이 바뀐다.", id="public", outlet="창원시"), *waiting])
        writer.commit({})
    return folder


def test_every_route_is_one_of_the_ways(waiting_folder: Path, analyzer: Analyzer) -> None:
    app = create_app(SearchService(WhooshEngine(waiting_folder / "index", analyzer), analyzer))
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes == {*LISTING, *NAMING, *FIXED}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(
        st.sampled_from([at + step for at in MOMENTS for step in (-1, 0, 0.5, 30)]), min_size=2, max_size=4
    )
)
def test_no_way_is_early_or_stale_whatever_the_clock(
    waiting_folder: Path, analyzer: Analyzer, times: list[float]
) -> None:
    """Two server processes, of which one answers first and the other is told what a client has of that."""
    clock = Clock(0.0)
    clients = [
        create_app(
            SearchService(WhooshEngine(waiting_folder / "index", analyzer, clock=clock), analyzer)
        ).test_client()
        for _ in range(2)
    ]
    kept: dict[str, tuple[dict[str, str], str]] = {}
    for number, clock.at in enumerate(times):
        client = clients[number % 2]
        public = {mark for mark, at in zip(MARKS, MOMENTS, strict=True) if at <= clock.at}
        for shows_all, ways in ((True, LISTING), (False, NAMING)):
            for way in (one.format(id=mark) for some in ways.values() for one in some for mark in MARKS):
                conditions, before = kept.get(way, ({}, ""))
                response = client.get(way, headers={"Accept-Encoding": "gzip", **conditions})
                assert "no-store" in response.headers["Cache-Control"] or (
                    "no-cache" in response.headers["Cache-Control"]
                )
                text = before if response.status_code == 304 else text_of(response)
                # Who asks for an id gets it back in the address of the problem.
                shown = text.replace(way, "") if response.status_code != 404 else ""
                named = {mark for mark in MARKS if mark in shown}
                assert named <= public, (way, clock.at)
                if shows_all:
                    assert named == public, (way, clock.at)
                tags = {"If-None-Match": response.headers["ETag"]} if "ETag" in response.headers else {}
                modified = response.headers.get("Last-Modified")
                kept[way] = (tags or ({"If-Modified-Since": modified} if modified else {}), text)


def text_of(response: TestResponse) -> str:
    data = response.get_data()
    return (gzip.decompress(data) if response.headers.get("Content-Encoding") == "gzip" else data).decode()
