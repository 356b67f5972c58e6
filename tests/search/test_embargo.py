"""The service and embargoes: what was worked out before one passed is not remembered behind it."""

from __future__ import annotations

import shutil
import threading
from datetime import datetime
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.release import SEOUL
from indexer.search.neighbours import Neighbours
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import Clock, release_of

LIFTED = 4_000_000_000
WAITING = release_of(
    "하노버 합병 소식",
    "창원 기업이 합병한다.",
    id="waiting",
    outlet="금융위원회",
    published="2024-03-02T09:00",
    embargo_until=datetime.fromtimestamp(LIFTED, SEOUL),
)
OTHERS = tuple(release_of(f"창원 소식 {number}", "버스가 달린다.", id=str(number)) for number in range(4))


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer, clock: Clock) -> WhooshEngine:
    engine = WhooshEngine(tmp_path / "index", analyzer, clock=clock)
    with engine.write() as writer:
        writer.put([*OTHERS, WAITING])
        writer.commit({})
    return engine


@pytest.fixture
def service(engine: WhooshEngine, analyzer: Analyzer) -> SearchService:
    return SearchService(engine, analyzer)


def total(service: SearchService, q: str, **values: object) -> int:
    return service.search(SearchRequest(q=q, exact=True, **values)).total  # type: ignore[arg-type]


def says(service: SearchService) -> dict[str, object]:
    """By every way in, what concerns the one release."""
    loose = [service.search(SearchRequest(q=q)) for q in ("합병", "하노바", "합병 버스", "gkqqud")]
    return {
        "found": [total(service, q) for q in ("합병", '"하노버 합병"', "하노*", "매체:금융위원회", "창원 -버스")],
        "filtered": total(service, "창원", filters={"outlet": ("금융위원회",)}),
        "all": total(service, "소식"),
        "facets": [value.value for value in service.search(SearchRequest(q="소식")).facets["outlet"]],
        "corrected": [answer.query.corrected_from for answer in loose],
        "alternatives": [one.total for answer in loose for one in answer.alternatives if one.total],
        "hits": [hit.id for answer in loose for hit in (*answer.hits, *answer.partial)],
        "suggested": [one.text for typed in ("하노", "ㅎㅂ", "gkqqud", "합벙") for one in service.suggest(typed).suggestions],
        "newest": [release.id for release in service.overview().newest[:9]],
        "release": service.release("waiting"),
        "explained": service.explain("합병", "waiting"),
        "documents": service.state().documents,
        "read": service.read("waiting", "합병"),
        "similar": service.similar("waiting", 5),
        "like others": [release.id for release in service.similar("0", 5).releases],  # type: ignore[union-attr]
        "neighbours": service.neighbours(WAITING),
        "trends": service.trends([SearchRequest(q="소식")]),
        "outlets": [outlet.value for outlet in service.overview().outlets],
        "months": service.overview().months,
        "listed": [release_id for release_id, _ in service.list_releases(0, 9)],
    }  # fmt: skip


def test_every_way_in_has_it_from_its_second_and_none_before(service: SearchService, clock: Clock) -> None:
    before = says(service)
    assert before["found"] == [0, 0, 0, 0, 0]
    assert before["filtered"] == 0
    assert (before["all"], before["documents"]) == (4, 4)
    assert before["facets"] == before["suggested"] == []
    assert before["corrected"] == [None] * 4
    assert "waiting" not in [*before["hits"], *before["newest"]]  # type: ignore[misc]
    assert before["release"] is before["explained"] is None
    assert before["read"] is before["similar"] is None
    assert before["neighbours"] == Neighbours()
    assert before["trends"].trends[0].months == before["months"] == {"2024-01": 4}  # type: ignore[attr-defined]
    assert before["outlets"] == []
    assert "waiting" not in [*before["like others"], *before["listed"]]  # type: ignore[misc]
    clock.at = LIFTED - 1
    assert says(service) == before
    clock.at = LIFTED
    after = says(service)
    assert after["found"] == [1, 1, 1, 1, 1]
    assert (after["filtered"], after["all"], after["documents"]) == (1, 5, 5)
    assert after["facets"] == ["금융위원회"]
    assert after["corrected"][1] == "하노바"  # type: ignore[index]
    assert {"하노버", "합병"} <= set(after["suggested"])  # type: ignore[call-overload]
    assert after["newest"][0] == "waiting"  # type: ignore[index]
    assert after["release"] == WAITING
    assert after["explained"] is not None
    assert after["read"].marks == 2  # type: ignore[attr-defined]
    assert after["similar"] is not None
    months = {"2024-01": 4, "2024-03": 1}
    assert after["trends"].trends[0].months == after["months"] == months  # type: ignore[attr-defined]
    assert after["outlets"] == ["금융위원회"]
    assert after["listed"][-1] == "waiting"  # type: ignore[index]
    clock.at = LIFTED - 1
    assert says(service) == before


def test_it_appears_where_the_index_cannot_be_opened_any_more(
    service: SearchService, clock: Clock, tmp_path: Path
) -> None:
    assert total(service, "합병") == 0
    shutil.rmtree(tmp_path / "index")
    assert total(service, "합병") == 0
    clock.at = LIFTED
    assert total(service, "합병") == 1


def test_a_page_of_an_earlier_generation_has_nothing_early(
    service: SearchService, engine: WhooshEngine, clock: Clock
) -> None:
    request = SearchRequest(q="소식", limit=2, sort="oldest")
    first = service.search(request)
    with engine.write() as writer:
        writer.put([release_of("새 소식", id="new")])
        writer.commit({})
    for clock.at, count in ((LIFTED, 5), (LIFTED - 1, 4)):
        assert total(service, "소식") == count + 1
        page = service.search(SearchRequest(q="소식", limit=2, sort="oldest", cursor=first.next))
        assert page.total == count
        assert {hit.id for hit in page.hits}.isdisjoint(hit.id for hit in first.hits)


def test_answers_are_whole_while_the_clock_goes_to_and_fro(service: SearchService, clock: Clock) -> None:
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(30):
            answer = service.search(SearchRequest(q="소식"))
            if (answer.total, answer.index.documents, len(answer.hits)) not in {(4, 4, 4), (5, 5, 5)}:
                wrong.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        clock.at = LIFTED if clock.at != LIFTED else LIFTED - 1
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_operator_sees_it_marked(engine: WhooshEngine, analyzer: Analyzer) -> None:
    service = SearchService(engine, analyzer, embargoed=True)
    answer = service.search(SearchRequest(q="소식"))
    assert answer.total == answer.index.documents == 5
    until = {hit.id: hit.embargo_until for hit in answer.hits}
    assert until == {**{release.id: None for release in OTHERS}, "waiting": WAITING.embargo_until}
