"""Cursors: what they hold, what is refused, and that they walk a whole result."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import Search, SearchResults, SortKey
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.query.snapshot import ArraySnapshot
from indexer.errors import CursorExpired, RequestError
from indexer.release import PressRelease
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.request import MAX_CURSOR_CHARS, SORTS, SearchRequest, Sort
from indexer.search.rerank import MAX_OFFSET, WINDOW, Place
from indexer.search.response import Answer
from indexer.search.service import SearchService
from tests.conftest import release_of

Q = "수소 버스"


def releases() -> Iterator[PressRelease]:
    """Some with equal scores, few dates or none, the words near and far; now and then three with one body."""
    for number in range(270):
        group = number // 6
        body = " ".join(f"{(group + 3) * 137 * step}째 회사를 만났다." for step in range(60)) + " 수소"
        yield release_of(
            "수소 버스" if number % 5 else "버스 소식",
            body if group % 9 == 0 and number % 6 < 3 else "버스 이야기 " * (number % 4) + "수소",
            id=f"r{number * 7 % 270:03d}",
            published=("", "2024-01-02T09:00", "2023-05-01T09:00", "2024-03-01T09:00")[number % 4],
        )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchService:
    engine = WhooshEngine(tmp_path_factory.mktemp("cursors") / "index", analyzer)
    with engine.write() as writer:
        writer.put(releases())
        writer.commit({})
    return SearchService(engine, analyzer)


@pytest.fixture(scope="module", autouse=True)
def _longer_pages() -> Iterator[None]:
    """Pages that are longer than the reranked window."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("indexer.search.request.MAX_LIMIT", 1000)
        yield


def walk(service: SearchService, sort: Sort, limits: Sequence[int]) -> Iterator[Answer]:
    cursor = None
    for limit in cycle(limits):
        answer = service.search(SearchRequest(q=Q, sort=sort, limit=limit, cursor=cursor))
        yield answer
        cursor = answer.next
        if cursor is None:
            return


@settings(max_examples=10)
@given(limits=st.lists(st.integers(1, 120), min_size=1, max_size=6))
@pytest.mark.parametrize("sort", SORTS)
def test_cursors_walk_the_whole_result_once(service: SearchService, sort: Sort, limits: list[int]) -> None:
    whole = service.search(SearchRequest(q=Q, sort=sort, limit=1000))
    assert (whole.total, whole.next) == (270, None)
    assert 250 < len(whole.hits) < 270
    pages = list(walk(service, sort, limits))
    assert [hit for page in pages for hit in page.hits] == list(whole.hits)
    assert all((page.total, page.facets) == (whole.total, whole.facets) for page in pages)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [7, 50, 99, 100, 101])
def test_each_page_knows_where_it_is_and_leads_back(service: SearchService, sort: Sort, limit: int) -> None:
    pages = list(walk(service, sort, [limit]))
    assert [page.offset for page in pages] == [number * limit for number in range(len(pages))]
    assert pages[0].previous is None
    last = pages[-1]
    for page in reversed(pages[:-1]):
        last = service.search(SearchRequest(q=Q, sort=sort, limit=limit, cursor=last.previous))
        assert (last.hits, last.offset, last.next) == (page.hits, page.offset, page.next)
    assert last.previous is None


def test_a_page_far_down_has_no_page_before_it(
    service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.search.rerank.MAX_OFFSET", 120)
    pages = list(walk(service, "newest", [50]))
    assert [page.previous is not None for page in pages] == [False, True, True, True, False, False]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 10, 99, 100, 101])
def test_no_page_skips_what_is_before_it(
    service: SearchService, monkeypatch: pytest.MonkeyPatch, sort: Sort, limit: int
) -> None:
    asked: list[Search] = []
    search = ArraySnapshot.search

    def watched(snapshot: ArraySnapshot, request: Search) -> SearchResults:
        asked.append(request)
        return search(snapshot, request)

    monkeypatch.setattr(ArraySnapshot, "search", watched)
    shown = 0
    for page in walk(service, sort, [limit]):
        (request,) = asked
        is_reranked = sort in ("relevance", "recent") and shown < WINDOW
        assert request.offset == 0
        assert (request.after is None) == (is_reranked or shown == 0)
        assert request.limit == (max(WINDOW, shown + limit) if is_reranked else limit)
        shown += len(page.hits)
        asked.clear()


REQUEST = SearchRequest(q=Q)
KEY = [1.5, 86_400, "r001"]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=500)
PLACES = st.integers(0, MAX_OFFSET).map(Place) | st.builds(
    lambda offset, *key: Place(offset, SortKey(*key)),
    st.integers(0, 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63) + 1, 2**63 - 1),
    TEXTS,
)


def forge(*values: object, of: SearchRequest = REQUEST) -> str:
    """A cursor of these values and the fingerprint of a search."""
    written = write_cursor(of, "", Place())
    *_, fingerprint = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    return base64.urlsafe_b64encode(json.dumps([*values, fingerprint]).encode()).decode().rstrip("=")


@given(TEXTS.filter(lambda name: len(name) < 100), PLACES)
def test_what_is_written_is_read(generation: str, place: Place) -> None:
    cursor = write_cursor(REQUEST, generation, place)
    request = SearchRequest(q=Q, cursor=cursor, limit=99)
    assert len(cursor) < MAX_CURSOR_CHARS
    name, read = read_cursor(request)
    if place.after and len(place.after.id) > 400:
        # The page may begin behind others with this beginning, but never before the release.
        assert read.after is not None
        assert read.after.id > place.after.id
        assert read.after.id[:400] == place.after.id[:400]
    else:
        assert (name, read) == (generation, place)


@pytest.mark.parametrize(
    "values",
    [
        ("1", 5),  # of before there were keys
        (1, 0, KEY),
        ("\ud800", 0, None),
        ("1", -1, None),
        ("1", MAX_OFFSET + 1, None),
        ("1", 1.0, None),
        ("1", "1", None),
        ("1", -1, KEY),
        ("1", 10**9 + 1, KEY),
        ("1", True, KEY),
        ("1", True, None),
        ("1", 0, []),
        ("1", 0, {}),
        ("1", 0, "abc"),
        ("1", 0, 7),
        ("1", 0, [*KEY, 1]),
        ("1", 0, ["1.5", 1, "a"]),
        ("1", 0, [1, 1, "a"]),
        ("1", 0, [None, 1, "a"]),
        ("1", 0, [float("nan"), 1, "a"]),
        ("1", 0, [float("inf"), 1, "a"]),
        ("1", 0, [-float("inf"), 1, "a"]),
        ("1", 0, [1.5, 1.0, "a"]),
        ("1", 0, [1.5, 2**63, "a"]),
        ("1", 0, [1.5, -(2**63), "a"]),
        ("1", 0, [1.5, 10**400, "a"]),
        ("1", 0, [1.5, 1, 1]),
        ("1", 0, [1.5, 1, None]),
        ("1", 0, [1.5, 1, "\ud800"]),
    ],
)
def test_what_was_never_written_is_refused(values: tuple[object, ...]) -> None:
    with pytest.raises(RequestError, match="cursor를 읽을 수 없습니다"):
        read_cursor(SearchRequest(q=Q, cursor=forge(*values)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(KEY),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=8,
)
KEYS = st.none() | JSON | st.tuples(st.floats() | JSON, st.integers() | JSON, st.text(max_size=5) | JSON)


@given(is_live=st.booleans(), sort=st.sampled_from(SORTS), offset=st.integers() | JSON, key=KEYS)
def test_any_forged_cursor_is_answered_or_refused(
    service: SearchService, is_live: bool, sort: Sort, offset: object, key: object
) -> None:
    name = service.state().generation if is_live else "gone"
    cursor = forge(name, offset, key, of=SearchRequest(q=Q, sort=sort))
    with suppress(RequestError, CursorExpired):
        assert service.search(SearchRequest(q=Q, sort=sort, cursor=cursor)).total == 270
