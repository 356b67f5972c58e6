"""How many releases of a query each month has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.errors import RequestError
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import index_only

ServiceOf = Callable[..., SearchService]
WORDS = ("수소", "버스")


@pytest.fixture(scope="module")
def changing(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> tuple[MemoryEngine, SearchService]:
    engine = MemoryEngine(tmp_path_factory.mktemp("trends"), analyzer)
    index_only(engine, [])
    return engine, SearchService(engine, analyzer)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["수소", "버스", "수소 버스", "산불"]),
            st.dates(min_value=date(1901, 1, 1)),
        ),
        max_size=12,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_months_are_counted(
    changing: tuple[MemoryEngine, SearchService], described: list[tuple[str, object]]
) -> None:
    engine, service = changing
    index_only(
        engine, [release_of(text, published=str(day), id=f"r{n}") for n, (text, day) in enumerate(described)]
    )
    found = service.trends([SearchRequest(q=word) for word in WORDS])
    for word, trend in zip(WORDS, found.trends, strict=True):
        expected = Counter(str(day)[:7] for text, day in described if word in text)
        assert (trend.q, trend.total, trend.months) == (
            word,
            expected.total(),
            dict(sorted(expected.items())),
        )
    assert found.all_months == dict(sorted(Counter(str(day)[:7] for _, day in described).items()))
    counted = sorted({month for trend in found.trends for month in trend.months})
    # Without a gap: as many months as lie between the first and the last.
    if counted:
        (first, last) = (int(month[:4]) * 12 + int(month[5:]) for month in (counted[0], counted[-1]))
        assert (found.months[0], found.months[-1], len(found.months)) == (
            counted[0],
            counted[-1],
            last - first + 1,
        )
    else:
        assert found.months == []


def test_filters_count_and_dates_do_not(service_of: ServiceOf) -> None:
    service = service_of(
        replace(release_of("수소", published="2024-03-01", id="a"), outlet="가"),
        replace(release_of("수소", published="2024-04-01", id="b"), outlet="나"),
        release_of("수소", published="", id="c"),
    )
    narrowed = SearchRequest(q="수소", filters={"outlet": ("가",)})
    whole, filtered = service.trends([SearchRequest(q="수소"), narrowed]).trends
    assert (whole.total, whole.months) == (3, {"2024-03": 1, "2024-04": 1})
    assert (filtered.total, filtered.months) == (1, {"2024-03": 1})


def test_nothing_is_corrected(service_of: ServiceOf) -> None:
    (trend,) = (
        service_of(release_of("하노버", published="2024-03-01")).trends([SearchRequest(q="하노바")]).trends
    )
    assert (trend.total, trend.months) == (0, {})


def test_a_lone_surrogate_is_a_request_error(service_of: ServiceOf) -> None:
    with pytest.raises(RequestError, match="유니코드"):
        service_of(release_of("하노버")).trends([SearchRequest(q="\ud800")])
