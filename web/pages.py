"""The pages that lead to releases: the first page, results, help, and what the archive is doing.

They work without scripts and keep all state in the URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from indexer import __version__
from web.help_texts import ENDPOINTS, PARAMETERS, QUERY_EXAMPLES
from web.parameters import read_parameters, search_request, without_blank
from web.result_page import ResultPage
from web.searching import find

if TYPE_CHECKING:
    from indexer.search.service import SearchService

_NEWEST = 12


def pages_blueprint(service: SearchService) -> Blueprint:
    """`/`, `/search`, `/help`, `/status` and `/api` over `service`."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> str:
        overview = service.overview()
        return render_template("home.html", overview=overview, releases=overview.newest[:_NEWEST])

    @blueprint.get("/search")
    def search() -> str:
        # A form sends the fields that were left blank too.
        asked = search_request(without_blank(read_parameters(request.query_string)))
        return render_template("search.html", **ResultPage(asked, find(service, asked)).context())

    @blueprint.get("/help")
    def help_page() -> str:
        return render_template("help.html", examples=QUERY_EXAMPLES)

    @blueprint.get("/status")
    def status() -> str:
        return render_template("status.html", overview=service.overview(), version=__version__)

    @blueprint.get("/api")
    def api() -> str:
        return render_template("api.html", parameters=PARAMETERS, endpoints=ENDPOINTS)

    return blueprint
