"""A file that is being downloaded, beside the place where it will be."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from indexer.files import sync
from indexer.pulling.exchange import Reply
from indexer.pulling.exchange_errors import cut_short, refuse_size

# Content-Range (RFC 9110, 14.4). Numbers of 18 digits are as many bytes as a file system has.
_RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.I)
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
# A date tells two versions apart only if there was none in the same second (RFC 9110, 8.8.2.2). The minute is
# that of RFC 7232, for clocks that are not exact.
_SETTLED: Final = timedelta(seconds=60)


class PartialFile:
    """The first bytes of a download that goes to `path`; `size` of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Hidden, so that the corpus does not see it; as long as names may be, whatever that of `path` is.
        name_digest = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._part = path.with_name(f".{name_digest}.part")
        self._validator = ""
        self._total = -1
        self._may_resume = True
        self.size = 0

    def headers(self) -> dict[str, str]:
        """What asks for the rest, if it is still of the same version (RFC 9110, 13.1.5); {} where all is to
        be asked for.
        """
        if not (self.size and self._validator and self._may_resume):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._validator}

    def take(self, reply: Reply, max_bytes: int) -> None:
        """Write what a reply of status 200, 206 or 416 has. Raises FetchError where it breaks off, is too
        large, or is not what was asked for (then all is asked for again), and OSError as the disk does.
        """
        if reply.status != 200:
            if not self._goes_on(reply):
                self._may_resume = False
                raise cut_short(reply.target.url)
        else:
            self._start(reply)
        if self._total > max_bytes:
            raise refuse_size(reply.target.url, max_bytes)
        with self._part.open("ab" if self.size else "wb") as file:
            file.truncate(self.size)
            for chunk in reply.chunks(max_bytes):
                if self.size + len(chunk) > max_bytes:
                    raise refuse_size(reply.target.url, max_bytes)
                file.write(chunk)
                self.size += len(chunk)
        if self._total >= 0 and self.size != self._total:
            self._may_resume = False
            raise cut_short(reply.target.url)

    def finish(self) -> None:
        """Put the file into its place, on the disk. Raises OSError."""
        sync(self._part)
        self._part.replace(self._path)
        sync(self._path.parent)

    def discard(self) -> None:
        """Remove what is left of it. Raises OSError."""
        self._part.unlink(missing_ok=True)

    def _start(self, reply: Reply) -> None:
        self.size, self._total, self._validator = 0, -1, ""
        # Ranges and lengths are of the bytes that are sent; packed ones are not those that are written.
        if reply.header("Content-Encoding").lower() in ("", "identity"):
            length = reply.header("Content-Length")
            self._total = int(length) if _LENGTH.fullmatch(length) else -1
            if reply.header("Accept-Ranges").lower() != "none":
                self._validator = _strong_validator(reply)

    def _goes_on(self, reply: Reply) -> bool:
        """Whether a reply is the rest of the same version; servers err in every way."""
        found = _RANGE.fullmatch(reply.header("Content-Range"))
        if reply.status != 206 or not found or not self.headers():
            return False
        start, last, total = map(int, found.groups())
        return (
            (start, last + 1) == (self.size, total)
            and self._total in (-1, total)
            and reply.header("Content-Encoding").lower() in ("", "identity")
            and self._validator in (reply.header("ETag"), reply.header("Last-Modified"))
        )


def _strong_validator(reply: Reply) -> str:
    """What tells two versions of a file apart byte for byte; '' if nothing does."""
    etag = reply.header("ETag")
    if len(etag) > 2 and etag[0] == etag[-1] == '"':
        return etag
    modified = reply.header("Last-Modified")
    try:
        is_settled = parsedate_to_datetime(reply.header("Date")) - parsedate_to_datetime(modified) >= _SETTLED
    except (ValueError, TypeError, OverflowError):
        return ""
    return modified if is_settled else ""
