"""Entity tags of the pages and of the JSON endpoint (RFC 9110, section 8.8.3): who has an answer already gets
304, and nothing is searched for.

The tag is that of everything an answer is made of, not of its bytes: the state of the index with the
embargoes that have passed, the address, the program and what it is called. It is weak, since the bytes
differ: by their encoding, and by how long a search took.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

import indexer
from indexer.errors import BodoError

if TYPE_CHECKING:
    from indexer.search.response import IndexState
    from indexer.search.service import SearchService
    from web.site import Site

# Feeds, sitemaps and static files have tags of their bytes.
_PAGES = ("pages", "release_page", "trends_page")
_LANGUAGE = "ko"
# As many as the tags of static files and feeds have: 128 bits of SHA-256.
_TAG_CHARS = 32


class EntityTags:
    """The tags of what an application answers from `service`, as `site`."""

    def __init__(self, service: SearchService, site: Site) -> None:
        self._service = service
        self._fixed = (program_digest(), _LANGUAGE, site.name, site.public_url)

    def add_to(self, app: Flask) -> None:
        """Let `app` tag its answers and heed `If-None-Match`. What changes an answer, such as compression,
        comes before; what refuses to search, such as a limit, behind.
        """
        app.before_request(self._answer_unchanged)
        app.after_request(self._add_tag)

    def _answer_unchanged(self) -> Response | None:
        """304 for who has the answer that would be made now. Whether there is any answer (`*`) is only known
        once it is made.
        """
        tag = self._make_tag()
        if not tag:
            return None
        g.entity_tag = tag
        known = request.if_none_match
        if known.star_tag or not known.contains_weak(tag):
            return None
        response = Response(status=304)
        response.set_etag(tag, weak=True)
        return response

    def _add_tag(self, response: Response) -> Response:
        # Not where the index changed meanwhile: it cannot be told which state the answer is of.
        tag = g.get("entity_tag")
        if tag and response.status_code == 200 and not response.is_streamed and tag == self._make_tag():
            response.set_etag(tag, weak=True)
            if request.if_none_match.star_tag:
                response.make_conditional(request)
        return response

    def _make_tag(self) -> str | None:
        if request.method not in ("GET", "HEAD") or not _is_tagged():
            return None
        try:
            g.index_version = self._service.state().version
        except BodoError:
            # Pages that need no index are there without one. Whoever needs one tells what is wrong.
            return None
        environ = request.environ
        # The address as it came. A page repeats its host, and no host need be one.
        address = (
            request.scheme,
            environ.get("HTTP_HOST", ""),
            request.script_root,
            request.path,
            request.query_string,
        )
        made_of = repr((self._fixed, g.index_version, address))
        return hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:_TAG_CHARS]


def note_answer(*, timed_out: bool, index: IndexState | None = None) -> None:
    """Say of the answer that is being made whether it was cut short, and what it is of, where that may be
    another state than the live one. Neither gets a tag: the same question may get another answer.
    """
    if timed_out or (index and index.version != g.get("index_version")):
        g.pop("entity_tag", None)


def keep_nothing(response: Response) -> Response:
    """Let nobody store what is wrong with the server or with too many questions: it is over soon."""
    if response.status_code >= 500 or response.status_code == 429:
        response.headers["Cache-Control"] = "no-store"
    return response


@cache
def program_digest() -> str:
    """The digest of the release of the program and of its files, since a checkout changes without a
    release.
    """
    digest = hashlib.sha256(indexer.__version__.encode())
    for package in (Path(indexer.__file__).parent, Path(__file__).parent):
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                data = path.read_bytes()
                digest.update(f"\0{path.relative_to(package).as_posix()}\0{len(data)}\0".encode())
                digest.update(data)
    return digest.hexdigest()


def _is_tagged() -> bool:
    is_page = request.blueprint in _PAGES or request.endpoint == "embed.page"
    return is_page or (request.url_rule is not None and request.path.startswith("/api/v1/"))
