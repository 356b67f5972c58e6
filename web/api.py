"""The JSON endpoint, described in docs/api.md, and the health check."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from flask import Blueprint, Response, jsonify, request

from indexer.errors import RequestError
from indexer.json_records import Highlight, answer_record, health_record, suggestions_record
from indexer.search.request import search_parameters
from indexer.search.suggest import MAX_SUGGESTIONS, MAX_TYPED_CHARS
from web.parameters import (
    Parameters,
    number,
    read_parameters,
    refuse_unknown,
    search_request,
    single,
)

if TYPE_CHECKING:
    from indexer.search.service import SearchService

_HIGHLIGHTS: tuple[Highlight, ...] = get_args(Highlight)


def api_blueprint(service: SearchService) -> Blueprint:
    """`/api/v1/search`, `/api/v1/suggest` and `/healthz` over `service`."""
    blueprint = Blueprint("api", __name__)

    @blueprint.get("/api/v1/search")
    def search() -> Response:
        parameters = read_parameters(request.query_string)
        refuse_unknown(parameters, (*search_parameters(), "highlight"))
        highlight = _highlight(parameters)
        return jsonify(answer_record(service.search(search_request(parameters)), highlight))

    @blueprint.get("/api/v1/suggest")
    def suggest() -> Response:
        parameters = read_parameters(request.query_string)
        refuse_unknown(parameters, ("q", "limit"))
        limit = single(parameters, "limit")
        count = MAX_SUGGESTIONS if limit is None else number("limit", limit)
        if not 1 <= count <= MAX_SUGGESTIONS:
            raise RequestError("limit", f"limit은 1에서 {MAX_SUGGESTIONS}까지입니다.")
        typed = single(parameters, "q") or ""
        if len(typed) > MAX_TYPED_CHARS:
            raise RequestError("q", f"q는 {MAX_TYPED_CHARS}자까지입니다.", "짧게 줄이세요.")
        return jsonify(suggestions_record(typed, service.suggest(typed, count)))

    @blueprint.get("/healthz")
    def health() -> Response:
        return jsonify(health_record(service.state()))

    return blueprint


def _highlight(parameters: Parameters) -> Highlight:
    value = single(parameters, "highlight")
    if value is None:
        return "html"
    if value not in _HIGHLIGHTS:
        raise RequestError("highlight", f"highlight는 {', '.join(_HIGHLIGHTS)} 가운데 하나입니다.")
    return value
