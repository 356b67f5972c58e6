"""The text of a feed, sitemap or list page, whose encoding is often told wrongly."""

from __future__ import annotations

import codecs
import re

from indexer.pulling.readers.item import ListingError

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# XML 1.0, 2.2: no document may have these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text_of(data: bytes, charset: str = "") -> str:
    """The text of `data` without a byte order mark, an XML declaration and characters that XML forbids.

    UTF-8 counts wherever it fits, whatever is declared: no Korean text of another encoding is valid UTF-8.
    Else the encoding of the declaration, of `charset` (a codec of Python, or ''), then CP949. Raises
    ListingError where none fits.
    """
    return _DECLARATION.sub("", _FORBIDDEN.sub("", _decode(data, charset)), count=1)


def _decode(data: bytes, charset: str) -> str:
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.match(data[:512])
    names = ["utf-8-sig", declared[1].decode("ascii") if declared else "", charset, "cp949"]
    for name in filter(None, names):
        # EUC-KR as people write it has the syllables of CP949 too.
        codec = (
            "cp949" if name.lower().replace("-", "").replace("_", "") in ("euckr", "ksc56011987") else name
        )
        try:
            return data.decode(codec)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    if charset or declared:
        # One wrong byte of a text that tells its encoding is not worth the list.
        return data.decode("utf-8" if b"\xec" in data and _mostly_utf8(data) else "cp949", "replace")
    raise ListingError("글자 인코딩을 알 수 없습니다(UTF-8도 CP949도 아닙니다).")


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    return text.count("\ufffd") * 100 < max(1, sum(char > "\x7f" for char in text))
