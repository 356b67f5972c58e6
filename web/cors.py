"""Which other sites' pages may read the JSON endpoint: Cross-Origin Resource Sharing (Fetch Standard)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from indexer.errors import BodoError

if TYPE_CHECKING:
    from indexer.settings import Settings

_ANY, _NONE = "*", "none"
# What a browser writes into `Origin` (RFC 6454, section 6.2): the usual port of a scheme is left out.
_ORIGIN = re.compile(r"https?://[a-z0-9._~-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")
# Besides those that every script may read (Fetch Standard, CORS-safelisted response-header name).
_READABLE = "ETag, Link, Retry-After, Server-Timing, X-Request-ID"
# Two hours: the most that Chromium keeps the answer to a preflight.
_PREFLIGHT_MAX_AGE_S = 7_200


@dataclass(frozen=True, slots=True)
class Origins:
    """The sites whose pages may read the endpoint, as browsers write them: `https://www.example.kr`. None is
    any site.
    """

    allowed: frozenset[str] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Origins:
        """The sites that `settings` allow: '*' is any, 'none' or '' is none, else addresses with spaces or
        commas between. Raises BodoError for one that is no origin.
        """
        text = settings.cors_origin.strip()
        if text == _ANY:
            return cls()
        origins = [] if text in ("", _NONE) else re.split(r"[\s,]+", text.strip(", "))
        origins = [origin.lower().rstrip("/") for origin in origins]
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                message = f"cors_origin(BODO_CORS_ORIGIN)에 쓸 수 없는 값입니다: {origin[:80]}"
                example = "https://www.example.kr처럼 적으세요. 여럿이면 쉼표로 잇습니다."
                raise BodoError(message, f"{example} 모든 사이트면 {_ANY}, 없으면 {_NONE}입니다.")
        return cls(frozenset(origins))

    def add_headers(self, response: Response) -> Response:
        """Let pages of these sites read an answer of the endpoint, be it an error. Nothing else changes."""
        if not request.path.startswith("/api/"):
            return response
        if self.allowed is None:
            response.headers["Access-Control-Allow-Origin"] = _ANY
        else:
            # Whatever the answer: a cache must not hand it to another site.
            response.vary.add("Origin")
            origin = request.headers.get("Origin", "")
            if origin not in self.allowed:
                return response
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _READABLE
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = _ANY
            response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_MAX_AGE_S)
        return response
