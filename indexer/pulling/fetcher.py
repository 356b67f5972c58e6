"""Files and pages of the net, fetched safely and politely."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.errors import BodoError


class FetchError(BodoError):
    """An address cannot be fetched, or must not be. `status` is that of HTTP, 0 where there was no answer.
    `is_passing` is whether a later run may succeed (errors of the server or the line, not 404 or a refusal).
    Neither text has secrets of the address.
    """

    def __init__(self, message: str, hint: str, *, status: int = 0, is_passing: bool = False) -> None:
        super().__init__(message, hint)
        self.status = status
        self.is_passing = is_passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a source may do besides what all may.

    `private_hosts` are the hosts, as 'host' or 'host:port', that may have addresses which are not public; each
    call has its own, so that what one source may reach no other source reaches by a redirect. In sources.toml
    `allow_private = true` is the host and port of the source's own `url`; a list names others.
    `delay_s` is the least time between two requests to one host, in seconds; for public hosts at least
    MIN_PUBLIC_DELAY_S. `heeds_robots` is False only for an interface that a key of its own allows (an API).
    """

    private_hosts: frozenset[str] = frozenset()
    delay_s: float = 1.0
    heeds_robots: bool = True


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
    """What was written into a file, `size` bytes; the other fields as in `Fetched`. `file_name` is a safe name
    by Content-Disposition, else by the last address, else by the first one; '' if none gives one. Where
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

    def __init__(self, *, operator_url: str = "") -> None:
        """`operator_url` is where the archive is reached from outside (the setting `public_url`), for the
        User-Agent. `surroundings` (clock, sleep, random numbers, name look-up) come for tests.
        """

    def fetch(
        self,
        url: str,
        *,
        rules: Rules = Rules(),  # noqa: B008
        etag: str = "",
        last_modified: str = "",
        max_bytes: int = 16 * 1024**2,
    ) -> Fetched:
        """What is at `url`, or that it has not changed since `etag` or `last_modified`, as a former `Fetched`
        had them. Waits for the turn of the host; tries a few times where the error may pass.

        Raises FetchError.
        """
        raise NotImplementedError

    def download(
        self,
        url: str,
        path: Path,
        *,
        rules: Rules = Rules(),  # noqa: B008
        etag: str = "",
        last_modified: str = "",
        max_bytes: int = 256 * 1024**2,
    ) -> Downloaded:
        """Writes what is at `url` to `path`, whose folder exists. The file is there only when it is whole; until
        then it is beside it, under a name with a leading dot. An interrupted download goes on where it was if
        the server can, else from the beginning.

        Raises FetchError, or OSError where the disk refuses; then what was at `path` before is untouched.
        """
        raise NotImplementedError


def shown_url(url: str) -> str:
    """`url` as it may be shown and logged: without name and password, and with `…` for each value of the query
    (and each part of the path) that may be a key.
    """
    raise NotImplementedError


def safe_file_name(name: str) -> str:
    """`name` as the name of a file in the corpus: the last component, NFC, without control, bidi and forbidden
    characters, no leading dot, no curated file's name, at most 255 bytes with its suffix kept. '' if nothing
    is left.
    """
    raise NotImplementedError
