"""What a request may cost: no answer is large, whatever is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.search.parser import MAX_WORDS
from indexer.search.request import (
    MAX_CURSOR_CHARS,
    MAX_LIMIT,
    MAX_QUERY_CHARS,
    MAX_VALUES,
    MAX_VALUES_CHARS,
)
from indexer.search.service import MAX_STREAMS, SearchService
from indexer.search.suggest import MAX_TYPED_CHARS
from indexer.settings import DEFAULTS
from tests.conftest import release_of
from web.api_parameters import MAX_ANALYSED_CHARS, MAX_SIMILAR, MAX_TRENDS
from web.app import MAX_SEARCHES_OF_WORKER, create_app

DOCS = Path(__file__).parents[2] / "docs"
MAX_ANSWER_BYTES = 1_000_000
# What the server takes of a request: granian answers 414 to more.
MAX_URL_CHARS = 64_000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> FlaskClient:
    engine = WhooshEngine(tmp_path_factory.mktemp("limits") / "index", analyzer)
    with engine.write() as writer:
        writer.put(
            release_of(
                f"하노버 산업박람회 {number}",
                f"창원시는 {number}일 하노버 산업박람회에 참가했다. " * 20,
                id=f"r{number}",
                outlet=f"매체 {number}",
                department=f"부서 {number}" * (1 + 200 * (number == 0)),
                published=f"20{number:02}-01-01T09:00",
            )
            for number in range(30)
        )
        writer.commit({})
    return create_app(SearchService(engine, analyzer)).test_client()


TEXTS = st.builds(
    lambda piece, times, tail: (piece * times)[:MAX_QUERY_CHARS] + tail,
    st.sampled_from(["하노버 ", "없는말 ", "뷁", "매체:없다 ", "-창원 ", "하노버|", '"하노버 산업" ', "창*", "제목:", "하노버,", "&<>", "2023 "]),
    st.integers(0, MAX_QUERY_CHARS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
VALUES = st.one_of(
    st.integers(0, 3000).map(lambda count: [f"매체 {number}" for number in range(count)]),
    st.integers(0, 5000).map(lambda count: ["뷁" * count]),
    st.just(["가" * (MAX_VALUES_CHARS // MAX_VALUES)] * MAX_VALUES),
    st.just([f"{number:02}" + "뷁" * (MAX_VALUES_CHARS // MAX_VALUES - 2) for number in range(MAX_VALUES)]),
)


@given(
    q=TEXTS,
    outlet=VALUES,
    department=VALUES,
    reporter=VALUES,
    others=st.dictionaries(
        st.sampled_from(["limit", "sort", "exact", "attachment", "from", "to", "cursor", "highlight"]),
        st.sampled_from(["1", "100", "newest", "yes", "2020-01-01", "none", "9" * 9999]),
    ),
    path=st.sampled_from(["/search", "/api/v1/search", "/releases/r1", "/api/v1/suggest", "/"]),
)
@example(
    q="하노버", outlet=[f"매체 {n}" for n in range(20)], department=[], reporter=[], others={}, path="/search"
)
@example(
    q="뷁" * 2000,
    outlet=["뷁" * 500],
    department=["뷁" * 500],
    reporter=["뷁" * 500],
    others={},
    path="/search",
)
@example(
    q="뷁 " * 64,
    outlet=["뷁" * 500],
    department=["뷁" * 500],
    reporter=["뷁" * 500],
    others={},
    path="/search",
)
@example(q="하노버 " * 400, outlet=[], department=[], reporter=[], others={"limit": "100"}, path="/search")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_answer_is_large(
    small: FlaskClient,
    q: str,
    outlet: list[str],
    department: list[str],
    reporter: list[str],
    others: dict[str, str],
    path: str,
) -> None:
    parameters = {"q": q, "outlet": outlet, "department": department, "reporter": reporter, **others}
    query = urlencode(parameters, doseq=True)[:MAX_URL_CHARS].rpartition("&")[0] or urlencode({"q": q})
    response = small.get(f"{path}?{query}")
    assert response.status_code in (200, 400)
    assert len(response.get_data()) < MAX_ANSWER_BYTES


def test_a_value_that_cannot_be_chosen_is_not_offered(small: FlaskClient) -> None:
    page = small.get("/search?q=하노버").get_data(as_text=True)
    assert 'department=%EB%B6%80%EC%84%9C+1"' in page
    assert "부서 0부서 0" in page  # the release says so
    assert "department=%EB%B6%80%EC%84%9C+0" not in page
    chosen = "".join(f"&outlet=매체 {number}" for number in range(MAX_VALUES))
    page = small.get("/search?q=하노버" + chosen).get_data(as_text=True)
    assert "<h2>부서</h2>" in page
    assert "<h2>매체</h2>" not in page


def test_links_to_releases_repeat_short_searches_only(small: FlaskClient) -> None:
    assert 'href="/releases/r1?q=' in small.get("/search?q=하노버&limit=100").get_data(as_text=True)
    page = small.get("/search?limit=100&q=" + "하노버 " * 200).get_data(as_text=True)
    assert 'href="/releases/r1"' in page
    assert "/releases/r1?" not in page


def test_few_words_are_offered_alone(small: FlaskClient) -> None:
    words = " ".join(f"{number}일" for number in range(1, 30))
    offered = small.get(f"/api/v1/search?q=없는말 {words}&exact=1").get_json()["alternatives"]
    assert 0 < len(offered) <= 10


def test_a_long_search_offers_to_leave_its_filters_all_at_once(small: FlaskClient) -> None:
    chosen = "".join(f"&department={'가' * 20}{number}" for number in range(10, 30))
    page = small.get("/search?q=하노버" + chosen).get_data(as_text=True)
    assert "모든 조건" in page
    assert "department=" not in page.split('<nav class="filters"')[1].split("</nav>")[0]


def test_the_document_says_the_limits() -> None:
    rows = re.findall(r"^\| (.*?) \| (.*?) \|", (DOCS / "operations.md").read_text("utf-8"), flags=re.M)
    said = " / ".join(f"{name}: {limit}" for name, limit in rows)
    for limit in (
        f"검색어: {MAX_QUERY_CHARS:,}자, 낱말 {MAX_WORDS}개",
        f"저마다 값 {MAX_VALUES}개, 모두 더해 {MAX_VALUES_CHARS:,}자",
        f"`cursor`: {MAX_CURSOR_CHARS:,}자",
        f"한 쪽의 결과: {MAX_LIMIT}건",
        f"`suggest`의 `q`: {MAX_TYPED_CHARS}자",
        f"검색 하나에 쓰는 시간: {DEFAULTS.deadline_s:g}초(`--deadline-s`, `BODO_DEADLINE_S`)",
        f"검색: {MAX_SEARCHES_OF_WORKER}개",
        f"`analyze`의 `text`: {MAX_ANALYSED_CHARS:,}자",
        f"`trends`의 `q`: {MAX_TRENDS}개",
        f"`similar`의 `limit`: {MAX_SIMILAR}건",
        f"모두 받기(`/api/v1/releases`): {MAX_STREAMS}개",
    ):
        assert limit in said
