"""Static files with the digest of their bytes in their addresses: a browser may keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Response, request, url_for

STATIC = Path(__file__).parent / "static"
# A year: what RFC 9111 calls a long time, and the most that caches are told.
_FOR_GOOD = "public, max-age=31536000, immutable"
_DIGEST_CHARS = 12


def static_url(name: str) -> str:
    """The address of a file in `static`. It changes with the bytes of the file. Raises KeyError if there is
    none of this name.
    """
    return url_for("static", filename=name, v=digests_of(STATIC)[name])


@cache
def digests_of(folder: Path) -> Mapping[str, str]:
    """The beginnings of the SHA-256 digests of the files of a folder, by their paths in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_CHARS]
        for path in folder.rglob("*")
        if path.is_file()
    }


def keep_static_files(response: Response) -> Response:
    """Let browsers keep a file whose address has its digest."""
    if request.endpoint == "static" and response.status_code in (200, 304):
        # Flask finds a file under other names too, such as `./bodo.css`. They are not kept.
        digest = digests_of(STATIC).get((request.view_args or {}).get("filename", ""))
        if digest and request.args.get("v") == digest:
            response.headers["Cache-Control"] = _FOR_GOOD
    return response
