"""The archive of another server, asked as `SearchService` is."""

from __future__ import annotations

from indexer.release import PressRelease
from indexer.remote.connection import TIMEOUT_S, Connection, Refused, site_address
from indexer.remote.records import read_answer, read_release, read_suggestions
from indexer.search.request import SearchRequest, parameters_of
from indexer.search.response import Answer, Suggestions, release_path


class RemoteArchive:
    """Answers questions as a `SearchService` does, from the JSON endpoint of another server.

    Every method raises BodoError where the server cannot be reached, refuses, or is none of bodo. Threads may
    share an archive.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is where the first page of the archive is. Raises BodoError where it is no address."""
        self._connection = Connection(site_address(url), timeout_s=timeout_s)

    @property
    def address(self) -> str:
        """Where the archive is, without a slash at its end."""
        return self._connection.address

    def search(self, request: SearchRequest) -> Answer:
        """One page of results."""
        # The HTML is made here, from the ranges: it would be half of the answer.
        parameters = {**parameters_of(request), "highlight": "ranges"}
        return read_answer(self._connection.get("/api/v1/search", parameters))

    def suggest(self, typed: str, limit: int | None = None) -> Suggestions:
        """At most `limit` suggestions for what was typed so far."""
        parameters = {"q": typed} | ({"limit": str(limit)} if limit is not None else {})
        return Suggestions(tuple(read_suggestions(self._connection.get("/api/v1/suggest", parameters))))

    def release(self, release_id: str) -> PressRelease | None:
        """The release with this id; None if there is none."""
        try:
            return read_release(self._connection.get(f"/api/v1{release_path(release_id)}", {}))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
