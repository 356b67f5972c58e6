"""A corrected release says since when, wherever it is shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.release import SEOUL, PressRelease, read_release
from indexer.remote.records import read_answer
from indexer.search.service import SearchService
from tests.conftest import release_of
from web.app import create_app

AT = datetime(2026, 11, 26, 0, 30, tzinfo=SEOUL)
CORRECTED = release_of(
    "창원 버스 소식",
    "노선이 바뀐다.",
    id="new",
    outlet="창원시",
    published="2026-11-20T09:00",
    corrected_at=AT,
)
PLAIN = release_of("창원 소식", "도서관이 열린다.", id="old", outlet="창원시", published="2026-11-21T09:00")


@pytest.fixture
def client(tmp_path: Path, analyzer: Analyzer) -> FlaskClient:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put([CORRECTED, PLAIN])
        writer.commit({})
    return create_app(SearchService(engine, analyzer)).test_client()


def test_a_release_without_one_is_stored_as_before() -> None:
    assert "corrected_at" not in PLAIN.to_dict()
    for release in (PLAIN, CORRECTED):
        assert PressRelease.from_dict(release.to_dict()) == release
        assert read_release(json.dumps(release.to_dict()).encode()) == release
    assert replace(CORRECTED, corrected_at=None).content_hash == CORRECTED.content_hash


def test_its_page_says_since_when(client: FlaskClient) -> None:
    page = client.get("/releases/new").text
    assert f'<time datetime="{AT.isoformat()}">2026-11-26</time>에 정정됨' in page
    assert f'<meta property="article:modified_time" content="{AT.isoformat()}">' in page
    assert f'"dateModified":"{AT.isoformat()}"' in page.replace('": "', '":"')
    other = client.get("/releases/old").text
    assert not re.search("정정|modified_time|dateModified", other)


def test_results_endpoint_feed_and_sitemap(client: FlaskClient) -> None:
    assert client.get("/search?q=창원").text.count(">정정</span>") == 1
    answer = client.get("/api/v1/search?q=창원&highlight=ranges")
    expected = {"new": AT.isoformat(), "old": None}
    assert {hit["id"]: hit["corrected_at"] for hit in answer.get_json()["hits"]} == expected
    assert {hit.id: hit.corrected_at for hit in read_answer(answer.data).hits} == {"new": AT, "old": None}
    assert [hit["id"] for hit in client.get("/api/v1/search?q=창원&corrected=yes").get_json()["hits"]] == [
        "new"
    ]
    assert client.get("/api/v1/releases/new").get_json()["corrected_at"] == AT.isoformat()
    assert f"<updated>{AT.isoformat()}</updated>" in client.get("/feed.atom").text
    assert f"<updated>{AT.isoformat()}</updated>" in client.get("/feed.atom?q=버스").text
    assert f"/releases/new</loc><lastmod>{AT.isoformat()}</lastmod>" in client.get("/sitemap.xml").text
