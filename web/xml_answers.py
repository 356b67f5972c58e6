"""Answers in XML: their texts, their times, and what a client has already."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta, timezone

from flask import Response, request
from lxml import etree

# Everything but `Char` of XML 1.0, section 2.2.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Not the zone of Asia/Seoul: until 1908 it was 8:27:52 ahead, and RFC 3339 has no seconds there.
_KOREAN_TIME = timezone(timedelta(hours=9))


def legal_text(text: str) -> str:
    """A text on one line, without the characters that XML cannot have."""
    return " ".join(_ILLEGAL.sub("", text).split())


def rfc3339(at: datetime) -> str:
    """An aware time as Atom and sitemaps write it, in Korean time."""
    return at.astimezone(_KOREAN_TIME).isoformat(timespec="seconds")


def xml_answer(root: etree._Element, mimetype: str, last_modified: datetime | None = None) -> Response:
    """Answer with a document of lxml, or with 304 where the client has it."""
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    response = Response(body, mimetype=mimetype)
    # Weak: the same document is sent in several encodings (RFC 9110, section 8.8.1).
    response.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
    if last_modified:
        response.last_modified = last_modified
    response.make_conditional(request)
    return response
