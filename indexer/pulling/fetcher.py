"""Files and pages of the net, fetched safely and politely. docs/pull.md has the limits."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.pulling.charsets import find_charset
from indexer.pulling.exchange import Limits, Reply
from indexer.pulling.exchange_errors import refuse_status
from indexer.pulling.fetch_error import keep_secrets_from_logs
from indexer.pulling.file_names import name_of_disposition, name_of_url
from indexer.pulling.partial_file import PartialFile
from indexer.pulling.surroundings import Surroundings
from indexer.pulling.visits import ANY_SOURCE, Rules, Visits, user_agent

# The longest page of korea.kr has 2 MB; a sitemap 50 MB at most, of which 16 hold 100,000 addresses.
MAX_PAGE_BYTES: Final = 16 * 1024**2
# The largest attachment that the portals take is 200 MB.
MAX_DOWNLOAD_BYTES: Final = 256 * 1024**2
_MAX_VALIDATOR_CHARS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What is at an address: `body` as it is after Content-Encoding, `url` after redirects (with its query:
    never show it but by `shown_url`), `media_type` in lower case ('' if none is told), `charset` a codec of
    Python by a byte order mark, the header or what the page says of itself ('' if none does), `file_name` a
    safe name by Content-Disposition ('' if there is none), `etag` and `last_modified` to ask again with.
    Where `not_modified`, the body is empty and the rest is what the server repeats.
    """

    url: str
    body: bytes = b""
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    file_name: str = ""
    not_modified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What was written into a file, `size` bytes; the other fields as in `Fetched`. `file_name` is a safe
    name by Content-Disposition, else by the last address, else by the first one; '' if none gives one. Where
    `not_modified`, no file was written.
    """

    url: str
    size: int = 0
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""
    file_name: str = ""
    not_modified: bool = False


class Fetcher:
    """Fetches addresses. Keeps what is known of hosts (their robots.txt, when they were last asked), so one
    serves all sources of a run. Threads may share it.
    """

    def __init__(
        self,
        *,
        operator_url: str = "",
        limits: Limits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """`operator_url` is where the archive is reached from outside (the setting `public_url`): it is told
        to the sites, with the name of the program. `surroundings` are given by tests.
        """
        self._limits = limits or Limits()
        self._visits = Visits(user_agent(operator_url), self._limits, surroundings or Surroundings())
        keep_secrets_from_logs()

    def fetch(
        self,
        url: str,
        *,
        rules: Rules = ANY_SOURCE,
        etag: str = "",
        last_modified: str = "",
        max_bytes: int = MAX_PAGE_BYTES,
    ) -> Fetched:
        """What is at `url`, or that it has not changed since `etag` or `last_modified`, as a former `Fetched`
        had them. Waits for the turn of the host; tries a few times where the error may pass.

        Raises FetchError.
        """
        conditions = _conditions(etag, last_modified)

        def attempt() -> Fetched:
            headers = {"Accept-Encoding": "gzip", **conditions}
            with self._visits.visiting(url, rules, headers, self._limits.page_s) as reply:
                is_same = bool(conditions) and reply.status == 304
                if reply.status != 200 and not is_same:
                    raise refuse_status(reply.target.url, reply.status)
                body = b"" if is_same else b"".join(reply.chunks(max_bytes))
                content_type = reply.header("Content-Type")
                return Fetched(
                    url=reply.target.url,
                    body=body,
                    media_type=_media_type(reply),
                    charset=find_charset(body, content_type),
                    etag=_validator(reply, "ETag"),
                    last_modified=_validator(reply, "Last-Modified"),
                    file_name=name_of_disposition(reply.header("Content-Disposition")),
                    not_modified=is_same,
                )

        return self._visits.try_often(attempt)

    def download(
        self,
        url: str,
        path: Path,
        *,
        rules: Rules = ANY_SOURCE,
        etag: str = "",
        last_modified: str = "",
        max_bytes: int = MAX_DOWNLOAD_BYTES,
    ) -> Downloaded:
        """Writes what is at `url` to `path`, whose folder exists. The file is there only when it is whole;
        until then it is beside it, under a name with a leading dot. An interrupted download goes on where it
        was if the server can, else from the beginning.

        Raises FetchError, or OSError where the disk refuses; then what was at `path` before is untouched.
        """
        partial = PartialFile(path)
        conditions = _conditions(etag, last_modified)

        def attempt() -> Downloaded:
            rest = partial.headers()
            headers = {"Accept-Encoding": "identity", **(rest or conditions)}
            with self._visits.visiting(url, rules, headers, self._limits.download_s) as reply:
                is_same = bool(conditions) and not rest and reply.status == 304
                if not is_same:
                    if reply.status != 200 and not (rest and reply.status in (206, 416)):
                        raise refuse_status(reply.target.url, reply.status)
                    partial.take(reply, max_bytes)
                    partial.finish()
                return Downloaded(
                    url=reply.target.url,
                    size=partial.size,
                    media_type=_media_type(reply),
                    etag=_validator(reply, "ETag"),
                    last_modified=_validator(reply, "Last-Modified"),
                    file_name=name_of_disposition(reply.header("Content-Disposition"))
                    or name_of_url(reply.target.url)
                    or name_of_url(url),
                    not_modified=is_same,
                )

        try:
            return self._visits.try_often(attempt, goes_on=True)
        finally:
            partial.discard()

    def within(self, seconds: float) -> Fetcher:
        """The same, with all that is known of hosts; but what it fetches raises OutOfTime once `seconds`
        from now are over.
        """
        limited = copy.copy(self)
        limited._visits = self._visits.within(seconds)
        return limited


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value}


def _media_type(reply: Reply) -> str:
    return reply.header("Content-Type").partition(";")[0].strip().lower()


def _validator(reply: Reply, header: str) -> str:
    value = reply.header(header)
    return value if len(value) <= _MAX_VALIDATOR_CHARS and value.isprintable() else ""
