"""How a browser takes up the archive as a search engine: OpenSearch 1.1, description and suggestions
(https://github.com/dewitt/opensearch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, json, request, url_for
from lxml import etree

from indexer.search.suggest import MAX_TYPED_CHARS
from web.parameters import read_parameters, single

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from web.site import Site

_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_DESCRIPTION = "application/opensearchdescription+xml"
# Chromium and Firefox know this type (OpenSearch Suggestions 1.1).
_SUGGESTIONS = "application/x-suggestions+json"
# The longest that the specification allows.
_SHORT_NAME_CHARS, _LONG_NAME_CHARS = 16, 48


def discovery_blueprint(service: SearchService, site: Site) -> Blueprint:
    """`/opensearch.xml` and `/suggest.json` over `service`."""
    blueprint = Blueprint("discovery", __name__)

    @blueprint.get("/opensearch.xml")
    def description() -> Response:
        return Response(describe_search(site), mimetype=_DESCRIPTION)

    @blueprint.get("/suggest.json")
    def suggestions() -> Response:
        typed = single(read_parameters(request.query_string), "q") or ""
        # Whatever stands in the address bar comes here. Nothing can be said of a long text.
        found = service.suggest(typed).suggestions if len(typed) <= MAX_TYPED_CHARS else ()
        body = json.dumps([typed, [suggestion.text for suggestion in found]])
        return Response(body + "\n", mimetype=_SUGGESTIONS)

    return blueprint


def describe_search(site: Site) -> bytes:
    """The OpenSearch description of the archive, as XML in UTF-8. Its addresses are absolute."""
    # XML has no control characters, and a name of one line needs none.
    name = "".join(character if character.isprintable() else " " for character in site.name)
    root = etree.Element("OpenSearchDescription", nsmap={None: _NAMESPACE})

    def add(tag: str, text: str | None = None, **attributes: str) -> None:
        etree.SubElement(root, tag, attributes).text = text

    def template(endpoint: str) -> str:
        # Not as a value of url_for, which would encode the braces.
        return f"{site.absolute(url_for(endpoint))}?q={{searchTerms}}"

    add("ShortName", name[:_SHORT_NAME_CHARS].strip())
    add("LongName", name[:_LONG_NAME_CHARS].strip())
    add("Description", "보도자료를 낱말, 발행 기관, 날짜로 찾습니다.")
    add("Url", type="text/html", method="get", template=template("pages.search"))
    add("Url", type=_SUGGESTIONS, method="get", template=template("discovery.suggestions"))
    add("Url", type="application/atom+xml", template=template("feeds.feed"))
    add("Url", type=_DESCRIPTION, rel="self", template=site.absolute(url_for("discovery.description")))
    add("Image", site.absolute(url_for("static", filename="icon.svg")), type="image/svg+xml")
    add("Language", "ko")
    add("InputEncoding", "UTF-8")
    add("OutputEncoding", "UTF-8")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
