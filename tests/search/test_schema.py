"""One entry in `schema.FACETS` is all that a new facet needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.cli.options import filter_options
from indexer.errors import RequestError
from indexer.schema import FACETS, TEXT_FIELDS, Facet, TextField, filter_facets, shown_facets
from indexer.search.parser import parse_query
from indexer.search.request import SearchRequest, parameters_of, search_parameters
from indexer.search.service import SearchService
from tests.conftest import ROOT, release_of
from web.app import create_app
from web.parameters import read_parameters, search_request

PARK, HALL = "용지문화공원", "시청 대강당"
VENUE = Facet(
    name="venue",
    read=lambda release: release.contact,
    label="행사 장소",
    names=("행사장소", "venue"),
    filter="values",
    help="이 장소의 것만.",
)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, service_of: Callable[..., SearchService]) -> SearchService:
    """A service over an index that was made with one facet more."""
    monkeypatch.setitem(FACETS, VENUE.name, VENUE)
    return service_of(
        release_of("꽃 축제", id="park", contact=PARK, outlet="창원시"),
        release_of("빛 축제", id="park2", contact=PARK, outlet="교육부"),
        release_of("설명 축제", id="hall", contact=HALL, outlet="창원시"),
        release_of("어디서나 축제", id="nowhere", outlet="창원시"),
    )


@pytest.fixture
def client(service: SearchService) -> FlaskClient:
    return create_app(service).test_client()


def ids(service: SearchService, request: SearchRequest) -> set[str]:
    return {hit.id for hit in service.search(request).hits}


def test_it_filters_a_search(service: SearchService) -> None:
    assert ids(service, SearchRequest(q="축제", filters={"venue": (PARK,)})) == {"park", "park2"}
    both = {"venue": (PARK, HALL), "outlet": ("창원시",)}
    assert ids(service, SearchRequest(q="축제", filters=both)) == {"park", "hall"}


@pytest.mark.parametrize("query", [f"행사장소:{PARK} 축제", f"VENUE:{PARK} 축제", "행사장소:용지 축제"])
def test_a_query_names_it(service: SearchService, query: str) -> None:
    assert ids(service, SearchRequest(q=query)) == {"park", "park2"}
    assert str(parse_query(query)).startswith("행사장소:용지")


def test_a_cursor_of_another_value_is_refused(service: SearchService) -> None:
    asked = SearchRequest(q="축제", filters={"venue": (PARK,)}, limit=1)
    cursor = service.search(asked).next
    assert service.search(SearchRequest(q="축제", filters={"venue": (PARK,)}, limit=1, cursor=cursor)).hits
    for filters in ({"venue": (HALL,)}, {"outlet": (PARK,)}, {}):
        with pytest.raises(RequestError, match="이 검색의 것이 아닙니다"):
            service.search(SearchRequest(q="축제", filters=filters, limit=1, cursor=cursor))


def test_where_it_leaves_nothing_a_search_without_it_is_offered(service: SearchService) -> None:
    answer = service.search(SearchRequest(q="축제", filters={"venue": ("없는 곳",)}, exact=True))
    offered = {one.kind: one for one in answer.alternatives}
    assert offered["without_filters"].request.filters == {}
    assert offered["without_filters"].total == 4


def test_the_endpoint_filters_by_it_and_counts_it(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/search?q=축제&venue={PARK}").get_json()
    assert {hit["id"] for hit in answer["hits"]} == {"park", "park2"}
    assert answer["facets"]["venue"] == [{"value": PARK, "count": 2}, {"value": HALL, "count": 1}]
    hint = client.get("/api/v1/search?q=축제&place=1").get_json()["hint"]
    assert "venue" in hint


def test_the_page_counts_it_and_its_links_add_and_remove_it(client: FlaskClient) -> None:
    page = client.get("/search?q=축제").get_data(as_text=True)
    assert "<h2>행사 장소</h2>" in page
    added = link_to(page, PARK)
    assert arguments(added) == {"q": ["축제"], "venue": [PARK]}
    page = client.get(added).get_data(as_text=True)
    assert "2건</h1>" in page
    assert f'<input type="hidden" name="venue" value="{PARK}">' in page
    assert arguments(link_to(page, HALL)) == {"q": ["축제"], "venue": [PARK, HALL]}
    removed = link_to(page, f'{PARK}<span aria-hidden="true"> ×')
    assert arguments(removed) == {"q": ["축제"]}


@pytest.mark.usefixtures("service")
def test_the_command_has_it_as_an_option() -> None:
    @click.command()
    @click.option("--limit", type=int)
    @filter_options
    @click.option("--exact", is_flag=True)
    def command(limit: int, exact: bool, filters: dict[str, tuple[str, ...]]) -> None:
        click.echo((limit, exact, {name: values for name, values in filters.items() if values}))

    called = CliRunner().invoke(
        command, ["--venue", "가", "--venue", "나", "--attachment", "--limit", "3", "--exact"]
    )
    assert called.output == f"{(3, True, {'attachment': ('yes',), 'venue': ('가', '나')})}\n"
    options = CliRunner().invoke(command, ["--help"]).output
    assert re.findall(r"--\w+", options) == [
        "--limit", "--outlet", "--department", "--reporter", "--attachment", "--corrected", "--venue", "--exact", "--help",
    ]  # fmt: skip
    assert VENUE.help in options


@pytest.mark.usefixtures("service")
def test_a_search_and_its_parameters_say_the_same() -> None:
    query = (
        "q=a&outlet=%EA%B0%80&outlet=b&department=c&reporter=d&attachment=yes&corrected=yes&venue=e"
        "&from=2024-01-01&to=2024-01-02&sort=newest&limit=7&exact=1&cursor=x"
    )
    parameters = read_parameters(query.encode())
    request = search_request(parameters)
    assert {
        name: values if isinstance(values, list) else [values]
        for name, values in parameters_of(request).items()
    } == parameters
    assert set(parameters) == set(search_parameters())


def test_what_does_not_filter_is_no_filter() -> None:
    for name in ("year", "venue"):
        with pytest.raises(ValueError, match=name):
            SearchRequest(q="축제", filters={name: ("2024",)})


def test_requests_compare_and_hash_by_what_they_ask_for() -> None:
    one = SearchRequest(q="a", filters={"reporter": ("c",), "outlet": ("b",), "department": ()})
    other = SearchRequest(q="a", filters={"outlet": ("b",), "reporter": ("c",)})
    assert one == other
    assert hash(one) == hash(other)
    assert list(one.filters) == ["outlet", "reporter"]
    assert one != SearchRequest(q="a", filters={"outlet": ("b",)})
    with pytest.raises(TypeError):
        one.filters["outlet"] = ()  # type: ignore[index]


def declared() -> list[TextField | Facet]:
    return [*TEXT_FIELDS, *FACETS.values()]


def test_names_are_not_shared() -> None:
    names = [name for one in declared() for name in one.names]
    assert len(names) == len(set(names))
    assert [name for name in names if name != name.casefold()] == []
    parameters = search_parameters()
    assert len(parameters) == len(set(parameters))


def test_the_documents_list_what_is_declared() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = {one.names[0] for one in declared() if one.names}
    assert set(re.findall(r"`([가-힣]+):", readme)) == named | {"이후", "이전"}
    api = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert set(re.findall(r"^\| `facets\.(\w+)\[\]\.value`", api, re.M)) == set(shown_facets())
    assert [name for name in re.findall(r"^\| `(\w+)`", api.split("### 답")[0], re.M) if name in FACETS] == [
        facet.name for facet in filter_facets()
    ]
    (limits,) = re.findall(r"^\| 조건\((.*?)\)", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.M)
    values = [facet.name for facet in FACETS.values() if facet.filter == "values"]
    assert re.findall(r"`(\w+)`", limits) == values


def link_to(page: str, label: str) -> str:
    href = re.search(rf'href="([^"]*)">(?:<span>)?{re.escape(label)}', page)
    assert href, label
    return unescape(href[1])


def arguments(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query, strict_parsing=True)
