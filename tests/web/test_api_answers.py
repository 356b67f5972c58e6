"""Every answer of the endpoint against its model, and what the endpoints besides search promise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel, ValidationError

from indexer.search.request import MAX_CURSOR_CHARS, MAX_QUERY_CHARS
from indexer.search.service import MAX_STREAMS, SearchService
from tests.support.services import expired_cursor
from tests.support.web_releases import HANOVER, HOSTILE, RELEASES
from web.api_models import Problem, SearchAnswer, Suggestions
from web.api_release_models import Analysis, Archive, ReadRelease, SimilarReleases, StreamedRelease, Trends

API = "/api/v1"
HANOVER_URL = f"{API}/releases/{HANOVER.id}"


def answer(client: FlaskClient, path: str, **parameters: object) -> dict[str, Any]:
    response = client.get(f"{path}?{urlencode(parameters, doseq=True)}")
    assert response.status_code == 200, response.get_data(as_text=True)
    body: dict[str, Any] = response.get_json()
    return body


def lines(client: FlaskClient, **parameters: object) -> list[dict[str, Any]]:
    response = client.get(f"{API}/releases?{urlencode(parameters)}")
    assert response.status_code == 200
    assert response.mimetype == "application/x-ndjson"
    text = response.get_data(as_text=True)
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (SearchAnswer, "search?q=창원시&limit=3"),
        (SearchAnswer, "search?q=하노바 산업박람회"),
        (SearchAnswer, "search?q=하노버&highlight=ranges"),
        (SearchAnswer, "search?q=하노버 없는낱말이다&highlight=none"),
        (SearchAnswer, "search?q=하노버&outlet=산림청&from=2020-01-01&to=2020-02-01&sort=newest&exact=1&attachment=yes"),
        (Suggestions, "suggest?q=하노"),
        (Suggestions, "suggest"),
        (ReadRelease, f"releases/{HANOVER.id}"),
        (ReadRelease, f"releases/{HANOVER.id}?q=하노버"),
        (ReadRelease, f"releases/{quote(HOSTILE.id, safe='')}?q=하노버"),
        (SimilarReleases, "releases/r7/similar?limit=20"),
        (Trends, "trends?q=하노버&q=창원시&outlet=창원특례시"),
        (Trends, "trends?q=없는낱말이다"),
        (Analysis, "analyze?text=창원에서 만났다"),
        (Archive, "stats"),
        (Problem, "search"),
        (Problem, f"search?q=가&cursor={expired_cursor('가')}"),
        (Problem, "nothing"),
    ],
)  # fmt: skip
def test_answers_have_the_keys_and_types_of_their_models(
    client: FlaskClient, model: type[BaseModel], path: str
) -> None:
    model.model_validate_json(client.get(f"{API}/{path}").get_data(), strict=True, extra="forbid")


def test_lines_have_the_keys_and_types_of_their_model(client: FlaskClient) -> None:
    for line in client.get(f"{API}/releases").get_data().splitlines():
        StreamedRelease.model_validate_json(line, strict=True, extra="forbid")


def test_a_key_too_many_or_of_another_type_is_noticed(client: FlaskClient) -> None:
    body = answer(client, f"{API}/stats")
    for changed in ({**body, "secret": 1}, {**body, "size_bytes": "1"}, {**body, "months": None}):
        with pytest.raises(ValidationError):
            Archive.model_validate_json(json.dumps(changed), strict=True, extra="forbid")


def test_a_release_is_whole_and_says_nothing_of_its_file(client: FlaskClient, service: SearchService) -> None:
    body = answer(client, HANOVER_URL)
    assert body["title"] == HANOVER.title
    assert body["subtitles"] == list(HANOVER.subtitles)
    assert [section["paragraphs"] for section in body["sections"]] == [
        list(section.paragraphs) for section in HANOVER.sections
    ]
    assert body["attachments"][0]["size_bytes"] == 3_400_000
    assert body["source_url"] == HANOVER.url
    assert body["marks"] is None
    assert body["index"]["generation"] == service.state().generation
    assert "source_path" not in body


def test_marks_are_ranges_of_each_text(client: FlaskClient) -> None:
    body = answer(client, HANOVER_URL, q="하노버")
    marks = body["marks"]
    texts = [(body["title"], marks["title"])]
    texts += zip(body["subtitles"], marks["subtitles"], strict=True)
    for section, marked in zip(body["sections"], marks["sections"], strict=True):
        texts += [(section["heading"], marked["heading"])]
        texts += zip(section["paragraphs"], marked["paragraphs"], strict=True)
    found = [text[start:end] for text, ranges in texts for start, end in ranges]
    assert len(found) >= 5
    assert set(found) == {"하노버"}


@pytest.mark.parametrize("path", ["releases/none", "releases/none/similar", "releases/%00", "releases/a%2Fb"])
def test_a_release_that_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(f"{API}/{path}")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_similar_releases(client: FlaskClient, service: SearchService) -> None:
    body = answer(client, f"{API}/releases/r0/similar", limit=3)
    similar = service.similar("r0", 3)
    assert similar is not None
    assert [release["id"] for release in body["similar"]] == [release.id for release in similar.releases]
    assert [release["id"] for release in body["same"]] == [release.id for release in similar.same]


def test_trends_count_months_without_a_gap(client: FlaskClient) -> None:
    body = answer(client, f"{API}/trends", q=["하노버", "창원시"])
    assert body["months"] == sorted(body["months"])
    assert [trend["q"] for trend in body["trends"]] == ["하노버", "창원시"]
    for trend in body["trends"]:
        assert len(trend["counts"]) == len(body["months"]) == len(body["all_counts"])
        assert 0 < sum(trend["counts"]) <= trend["total"]
    assert all(map(int.__ge__, body["all_counts"], body["trends"][0]["counts"]))


def test_tokens_stand_where_they_say(client: FlaskClient) -> None:
    text = "😀 창원에서 하노버로"
    body = answer(client, f"{API}/analyze", text=text)
    assert {token["term"] for token in body["morphemes"]} >= {"창원", "하노버"}
    for token in body["morphemes"] + body["bigrams"]:
        assert text[token["start"] : token["end"]] == token["surface"]


def test_stats_count_the_archive(client: FlaskClient) -> None:
    body = answer(client, f"{API}/stats")
    assert body["index"]["documents"] == len(RELEASES)
    assert (body["first_day"], body["last_day"]) == ("2023-02-04", "2024-03-18")
    assert sum(month["count"] for month in body["months"]) == len(RELEASES) - 1
    assert body["outlets"][0] == {"value": "창원특례시", "count": 4}


def test_all_releases_come_the_oldest_first(client: FlaskClient) -> None:
    dates = [line["published_at"] for line in lines(client)]
    assert len(dates) == len(RELEASES)
    assert dates[0] is None
    assert dates[1:] == sorted(dates[1:])


def test_since_is_a_day_in_seoul_and_counts(client: FlaskClient) -> None:
    # At 01:28 in Seoul it is the day before in UTC.
    assert lines(client, since="2023-04-25")[0]["id"] == HANOVER.id
    assert HANOVER.id not in {line["id"] for line in lines(client, since="2023-04-26")}
    assert lines(client, since="9999-12-31") == []
    assert len(lines(client, since="0001-01-01")) == len(RELEASES) - 1


@pytest.mark.parametrize("size", [1, 3, len(RELEASES)])
@pytest.mark.parametrize("since", [{}, {"since": "2023-06-01"}])
def test_a_stream_goes_on_where_it_ended(client: FlaskClient, size: int, since: dict[str, str]) -> None:
    whole = lines(client, **since)
    read: list[dict[str, Any]] = []
    while part := lines(client, limit=size, **since, **({"cursor": read[-1]["cursor"]} if read else {})):
        assert len(part) <= size
        read += part
    assert read == whole


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("releases?cursor=x", "cursor"),
        ("releases?cursor=", "cursor"),
        ("releases?cursor=W10", "cursor"),  # []
        ("releases?cursor=W3RydWUsImEiXQ", "cursor"),  # [true,"a"]
        ("releases?cursor=WzFlOTksImEiXQ", "cursor"),  # [1e99,"a"]
        ("releases?cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LCJhIl0", "cursor"),  # [99999999999999999999,"a"]
        ("releases?cursor=WzEsIlx1ZDgwMCJd", "cursor"),  # [1,"\ud800"]
        ("releases?cursor=" + "a" * (MAX_CURSOR_CHARS + 1), "cursor"),
        ("releases?since=2023-02-30", "since"),
        ("releases?since=20230401", "since"),
        ("releases?since=1680000000", "since"),
        ("releases?limit=0", "limit"),
        ("releases?limit=1000001", "limit"),
        ("releases?q=가", "q"),
        ("releases/r1?q=" + "가" * (MAX_QUERY_CHARS + 1), "q"),
        ("releases/r1?q=가&q=나", "q"),
        ("releases/r1?from=2023-01-01", "from"),
        ("releases/r1/similar?limit=21", "limit"),
        ("releases/r1/similar?limit=1e1", "limit"),
        ("trends", "q"),
        ("trends?q=", "q"),
        ("trends?q=1&q=2&q=3&q=4&q=5&q=6", "q"),
        ("trends?q=가&from=2023-01-01", "from"),
        ("trends?q=가&attachment=no", "attachment"),
        ("trends?q=%ff", "q"),
        ("analyze", "text"),
        ("analyze?text=", "text"),
        ("analyze?text=" + "가" * 2001, "text"),
        ("analyze?text=%00", "text"),
        ("stats?x=1", "x"),
        ("stats?%ff=1", "\ufffd"),
        ("openapi.json?v=1", "v"),
        ("suggest?q=가&q=나", "q"),
        ("suggest?q=" + "가" * 101, "q"),
        ("suggest?limit=11", "limit"),
        ("search?q=가&exact=0", "exact"),
        ("search?q=가&attachment=yes&attachment=yes", "attachment"),
        ("search?q=가&cursor=", "cursor"),
        ("search?q=가&published_from=2023-01-01", "published_from"),
    ],
)
def test_a_bad_parameter_is_named_and_a_way_out_shown(client: FlaskClient, path: str, parameter: str) -> None:
    response = client.get(f"{API}/{path}")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert body["parameter"] == parameter
    assert re.search("[가-힣]", body["detail"])
    assert "Input should" not in str(body)


def test_only_so_many_read_everything_at_once(client: FlaskClient, service: SearchService) -> None:
    streams = [service.stream() for _ in range(MAX_STREAMS)]
    assert all(next(stream) for stream in streams)
    response = client.get(f"{API}/releases")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    streams[0].close()
    assert client.get(f"{API}/releases").status_code == 200
    streams[1].close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_reader_who_leaves_makes_room(client: FlaskClient, method: str) -> None:
    for _ in range(MAX_STREAMS + 1):
        response = client.open(f"{API}/releases", method=method, buffered=False)
        assert response.status_code == 200
        response.close()


def test_a_stream_is_not_gathered_for_a_client_that_takes_compression(client: FlaskClient) -> None:
    response = client.get(f"{API}/releases", headers={"Accept-Encoding": "gzip, br"}, buffered=False)
    assert response.is_streamed
    assert "Content-Encoding" not in response.headers
    response.close()


@pytest.fixture(autouse=True)
def _nothing_stays_open(service: SearchService) -> Iterator[None]:
    yield
    streams = [service.stream() for _ in range(MAX_STREAMS)]
    for stream in streams:
        next(stream)
        stream.close()
