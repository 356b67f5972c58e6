"""Pages, endpoint and embargoes: none has a release before its minute, all have it then, without a reindex."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

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
