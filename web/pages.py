"""The pages: first page, results, one release. They work without scripts and keep all state in the URL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, render_template, request, url_for

from indexer.search.request import search_parameters
from web.navigation import (
    active_filters,
    alternative_choices,
    facet_choices,
    hit_parameters,
    page_url,
    search_url,
    sort_choices,
    url_parameters,
    without_filters,
)
from web.parameters import read_parameters, search_request

if TYPE_CHECKING:
    from indexer.search.service import SearchService

_NEWEST = 12


def pages_blueprint(service: SearchService) -> Blueprint:
    """`/`, `/search` and `/releases/<id>` over `service`."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> str:
        return render_template("home.html", state=service.state(), releases=service.newest(_NEWEST))

    @blueprint.get("/search")
    def search() -> str:
        asked = search_request(read_parameters(request.query_string))
        answer = service.search(asked)
        parameters = url_parameters(asked)
        return render_template(
            "search.html",
            q=asked.q,
            # Searching again from the box keeps the filters and the order.
            kept={name: value for name, value in parameters.items() if name != "q"},
            parameters=parameters,
            hit_parameters=hit_parameters(asked),
            answer=answer,
            sorts=sort_choices(asked),
            filters=active_filters(asked),
            without_filters=search_url(without_filters(asked)),
            facets=facet_choices(asked, answer.facets),
            alternatives=alternative_choices(answer.alternatives),
            exactly=search_url(replace(asked, exact=True)),
            first_page=search_url(asked) if asked.cursor else None,
            next_page=page_url(asked, answer.next) if answer.next else None,
        )

    @blueprint.get("/releases/<any_text:release_id>")
    def release(release_id: str) -> str:
        press_release = service.release(release_id)
        if press_release is None:
            abort(404)
        parameters: dict[str, Any] = {
            name: values
            for name, values in read_parameters(request.query_string).items()
            if name in search_parameters()
        }
        back = url_for("pages.search", **parameters) if "q" in parameters else None
        q = " ".join(parameters.get("q", []))
        return render_template("release.html", release=press_release, back=back, q=q)

    return blueprint
