"""Searches of pages and endpoint: what their answers say besides, in headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from web.http_caching import note_answer
from web.navigation import path_of
from web.observation import noted
from web.server_timing import timed

if TYPE_CHECKING:
    from indexer.search.request import SearchRequest
    from indexer.search.response import Answer
    from indexer.search.service import SearchService
    from web.site import Site

# A choice: proxies take 4,096 bytes for all headers of an answer (nginx, `proxy_buffer_size`), and the others
# need some 1,500.
_MAX_LINK_CHARS = 2_000


def find(service: SearchService, asked: SearchRequest) -> Answer:
    """The answer of the service. Raises as `SearchService.search` does."""
    with timed("search"):
        answer = noted(service.search(asked))
    note_answer(timed_out=answer.timed_out, index=answer.index)
    return answer


def page_links(site: Site, path: str, parameters: Mapping[str, Any], answer: Answer) -> dict[str, str]:
    """The header `Link` (RFC 8288) with the addresses of the pages behind and before the one that
    `parameters` ask for at `path`; none if they are too long for a header.
    """
    pages = {"next": answer.next, "prev": answer.previous}
    links = [
        f'<{site.absolute(path_of(path, {**parameters, "cursor": cursor}))}>; rel="{name}"'
        for name, cursor in pages.items()
        if cursor
    ]
    header = ", ".join(links)
    return {"Link": header} if links and len(header) <= _MAX_LINK_CHARS else {}
