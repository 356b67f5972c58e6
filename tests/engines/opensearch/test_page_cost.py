"""A page costs two requests to the cluster at most, however it is asked for."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from indexer.engines.opensearch import OpenSearchEngine
from indexer.search.request import SORTS, SearchRequest, Sort
from indexer.search.response import Answer
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.engines import commit_releases
from tests.support.faulty_proxy import FaultyProxy
from tests.support.opensearch_archive import Archive

COUNT = 130
# With words that are found and filters or none.
REQUESTS: dict[str, dict[str, Any]] = {
    "one word": {"q": "수소"},
    "words": {"q": "수소 버스 창원"},
    "in quotation marks": {"q": '"수소 버스"'},
    "a field": {"q": "제목:수소 -하노버"},
    "filters": {"q": "수소", "filters": {"outlet": ("창원시",), "department": ("교통과", "환경과")}},
    "dates": {"q": "수소 버스", "published_from": date(2024, 1, 1), "published_to": date(2024, 1, 20)},
    "exactly": {"q": "수소 버스", "exact": True},
    "many": {"q": "수소", "limit": 100},
}


@pytest.fixture
def service(archive: Archive, proxy: FaultyProxy) -> SearchService:
    commit_releases(
        archive.engine(),
        [
            release_of(
                f"{number}째 수소 버스",
                f"창원에 수소 버스 {number}대가 온다. " * (1 + 30 * (number % 10 == 0)),
                id=f"r{number}",
                outlet=("창원시", "환경부")[number % 2],
                department=("교통과", "환경과", "총무과")[number % 3],
                published=f"2024-01-{number % 28 + 1:02}T09:00",
            )
            for number in range(COUNT)
        ],
    )
    return SearchService(archive.engine(proxy.url), archive.analyzer)


def cost(proxy: FaultyProxy, service: SearchService, request: SearchRequest) -> tuple[int, Answer]:
    """How many requests a search takes beside the poll of what is live."""
    proxy.requests.clear()
    answer = service.search(request)
    asked = [request for request in proxy.requests if "/_mapping" not in request.path]
    return len(asked), answer


@pytest.mark.parametrize("name", REQUESTS)
def test_a_page_costs_two_requests(service: SearchService, proxy: FaultyProxy, name: str) -> None:
    # When the newest release was published, and all names of issuers, are asked once a snapshot.
    service.search(SearchRequest(q="다른 낱말", sort="recent", filters={"outlet": ("창원시",)}))
    for sort in SORTS:
        request = SearchRequest(**REQUESTS[name], sort=sort)
        requests, answer = cost(proxy, service, request)
        assert requests <= 2, (sort, proxy.requests)
        assert answer.total
        requests, again = cost(proxy, service, request)
        assert requests <= 1, (sort, proxy.requests)
        assert [hit.id for hit in again.hits] == [hit.id for hit in answer.hits]


@pytest.mark.parametrize("sort", SORTS)
def test_each_page_costs_two_requests(service: SearchService, proxy: FaultyProxy, sort: Sort) -> None:
    """Up to the last one, past those that are reranked."""
    seen: list[str] = []
    cursor = None
    while True:
        request = SearchRequest(q="수소 버스", sort=sort, limit=30, cursor=cursor)
        requests, answer = cost(proxy, service, request)
        if seen:
            assert requests <= 2, (len(seen), proxy.requests)
        seen += [one for hit in answer.hits for one in (hit.id, *hit.similar)]
        cursor = answer.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == COUNT


def test_the_live_name_is_asked_once_a_second(
    archive: Archive, service: SearchService, proxy: FaultyProxy
) -> None:
    service.search(SearchRequest(q="수소"))
    proxy.requests.clear()
    started = time.monotonic()
    while time.monotonic() - started < 2.5:
        service.search(SearchRequest(q="수소"))
    polls = [request for request in proxy.requests if "/_mapping" in request.path]
    assert 2 <= len(polls) <= 3


def test_suggestions_cost_little(filled: Archive, proxy: FaultyProxy) -> None:
    service = SearchService(filled.engine(proxy.url), filled.analyzer)
    assert service.suggest("하노").suggestions
    proxy.requests.clear()
    for typed in ("하노버", "ㅎㄴㅂ", "시내버"):
        assert service.suggest(typed).suggestions
    assert len([request for request in proxy.requests if "/_mapping" not in request.path]) <= 3


def test_connections_are_kept(archive: Archive, proxy: FaultyProxy) -> None:
    """Opening a snapshot is what costs more."""
    commit_releases(archive.engine(), [release_of("소식", id="r")])
    engine: OpenSearchEngine = archive.engine(proxy.url)
    engine.open().close()
    proxy.requests.clear()
    engine.open().close()
    assert len(proxy.requests) <= 6, proxy.requests
