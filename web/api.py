"""The JSON endpoint, described in docs/api.md and docs/openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from flask import Response, abort, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint

from indexer.json_records import analysis_record, answer_record, suggestions_record
from indexer.json_releases import (
    overview_record,
    reading_record,
    similar_record,
    streamed_record,
    trends_record,
)
from indexer.search.stream import read_stream_cursor
from web import api_models as answers
from web import api_release_models as release_answers
from web.api_parameters import (
    AnalyzeParameters,
    NoParameters,
    ReleaseParameters,
    ReleasePath,
    SearchParameters,
    SimilarParameters,
    StreamParameters,
    SuggestParameters,
    TrendsParameters,
    with_filters,
)
from web.description import LINES, PROBLEMS, describe, document, of, reads
from web.http_caching import note_answer
from web.searching import find, page_links

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from indexer.search.stream import StreamedRelease
    from web.site import Site


def api_blueprint(service: SearchService, site: Site) -> APIBlueprint:
    """`/api/v1/…` over `service`."""
    blueprint = APIBlueprint("api", __name__, abp_responses=PROBLEMS)
    _add_search(blueprint, service, site)
    _add_releases(blueprint, service)
    _add_archive(blueprint, service)

    return blueprint


def _add_search(blueprint: APIBlueprint, service: SearchService, site: Site) -> None:
    @blueprint.get("/api/v1/search", **describe("search", "찾기", answers.SearchAnswer, gone=True))
    @reads(with_filters(SearchParameters))
    def search(query: SearchParameters) -> Response:
        answer = find(service, query.request())
        response = jsonify(answer_record(answer, query.highlight))
        parameters = request.args.to_dict(flat=False)
        response.headers.update(page_links(site, "/api/v1/search", parameters, answer))
        return response

    @blueprint.get("/api/v1/suggest", **describe("suggest", "치는 동안 내놓을 말", answers.Suggestions))
    def suggest(query: SuggestParameters) -> Response:
        offered = service.suggest(query.q, query.limit)
        note_answer(timed_out=offered.timed_out)
        return jsonify(suggestions_record(query.q, offered.suggestions))

    @blueprint.get("/api/v1/trends", **describe("trends", "달마다 몇 건인지", release_answers.Trends))
    @reads(with_filters(TrendsParameters))
    def trends(query: TrendsParameters) -> Response:
        found = service.trends(query.requests())
        note_answer(timed_out=found.timed_out, index=found.index)
        return jsonify(trends_record(found))


def _add_releases(blueprint: APIBlueprint, service: SearchService) -> None:
    similar_text = describe("similar", "비슷한 보도자료", release_answers.SimilarReleases, missing=True)
    read_text = describe("read_release", "보도자료 하나", release_answers.ReadRelease, missing=True)

    @blueprint.get("/api/v1/releases", **describe("stream_releases", "모두 받기", LINES))
    def stream(query: StreamParameters) -> Response:
        place = read_stream_cursor(query.cursor) if query.cursor else None
        batches = service.stream(query.since, place, query.limit)
        # Whatever is wrong is told before the answer begins.
        first = next(batches, [])
        response = Response(_lines(chain([first], batches)), mimetype="application/x-ndjson")
        response.call_on_close(batches.close)
        return response

    # Ahead of the release itself, whose id may have slashes.
    @blueprint.get("/api/v1/releases/<any_text:release_id>/similar", **similar_text)
    def similar(path: ReleasePath, query: SimilarParameters) -> Response:
        found = service.similar(path.release_id, query.limit)
        if found is None:
            abort(404)
        note_answer(timed_out=found.timed_out)
        return jsonify(similar_record(found))

    @blueprint.get("/api/v1/releases/<any_text:release_id>", **read_text)
    def release(path: ReleasePath, query: ReleaseParameters) -> Response:
        reading = service.read(path.release_id, query.q)
        if reading is None:
            abort(404)
        note_answer(timed_out=reading.timed_out, index=reading.index)
        return jsonify(reading_record(reading, query.q))


def _add_archive(blueprint: APIBlueprint, service: SearchService) -> None:
    @blueprint.get("/api/v1/analyze", **describe("analyze", "글이 색인에 드는 꼴", release_answers.Analysis))
    def analyze(query: AnalyzeParameters) -> Response:
        analysed = service.analyze(query.text)
        streams = {"morphemes": analysed.morphemes, "bigrams": analysed.bigrams}
        return jsonify(analysis_record(query.text, analysed.analyzer, streams))

    @blueprint.get("/api/v1/stats", **describe("stats", "아카이브에 있는 것", release_answers.Archive))
    def stats(query: NoParameters) -> Response:  # noqa: ARG001 - refuses parameters
        return jsonify(overview_record(service.overview(), service.analyzer_identity()))

    @blueprint.get("/api/v1/openapi.json", **describe("openapi", "이 설명(OpenAPI 3.1)", None))
    def openapi(query: NoParameters) -> Response:  # noqa: ARG001 - refuses parameters
        return jsonify(document(of(current_app)))


def _lines(batches: Iterator[list[StreamedRelease]]) -> Iterator[bytes]:
    """Each batch as lines of JSON."""
    for batch in batches:
        yield b"".join(msgspec.json.encode(streamed_record(streamed)) + b"\n" for streamed in batch)
