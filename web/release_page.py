"""The page of one release: to read, to cite, to go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template, request

from indexer.errors import Busy, RequestError
from indexer.search.citation import cite
from indexer.search.request import SearchRequest, parameters_of
from indexer.search.similar import Similar
from web.citation import find_passage
from web.http_caching import note_answer
from web.marks import MarkedTexts
from web.navigation import path_of, release_url
from web.observation import note_refusal
from web.parameters import Parameters, read_parameters, search_request, without_blank
from web.structured_data import describe, news_article

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from web.site import Site

# A choice: as many as one looks through.
_SIMILAR = 5


def release_blueprint(service: SearchService, site: Site) -> Blueprint:
    """`/releases/<id>` over `service`."""
    blueprint = Blueprint("release_page", __name__)

    @blueprint.get("/releases/<any_text:release_id>")
    def release(release_id: str) -> str:
        parameters = read_parameters(request.query_string)
        asked = _asked(parameters)
        q = asked.q if asked else ""
        reading = service.read(release_id, " ".join(parameters.get("found", [])) or q)
        if reading is None:
            abort(404)
        note_answer(timed_out=reading.timed_out)
        address = site.absolute(release_url(release_id))
        return render_template(
            "release.html",
            reading=reading,
            release=reading.release,
            marked=MarkedTexts(reading),
            address=address,
            back=path_of("/search", parameters_of(asked)) if asked else None,
            q=q,
            neighbours=service.neighbours(reading.release),
            similar=_similar(service, release_id),
            citation=cite(reading.release, address),
            passage=find_passage(reading),
            description=describe(reading.release),
            json_ld=news_article(reading.release, address),
        )

    return blueprint


def _similar(service: SearchService, release_id: str) -> Similar:
    """Releases like one; none while those of another reader are looked for, so that nobody waits."""
    try:
        similar = service.similar(release_id, _SIMILAR) or Similar()
    except Busy:
        note_refusal()
        similar = Similar(timed_out=True)
    note_answer(timed_out=similar.timed_out)
    return similar


def _asked(parameters: Parameters) -> SearchRequest | None:
    """The search that led here; None if nobody searched, or if the address names no search."""
    try:
        return search_request(without_blank(parameters))
    except RequestError:
        return None
