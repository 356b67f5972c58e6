"""Which encoding a page is in, by what is said of it. Its bytes stay as they came."""

from __future__ import annotations

import codecs
import re
from typing import Final

# Far enough for a <meta> below scripts; the HTML standard asks for the first 1,024 bytes.
_SEARCHED_BYTES: Final = 4_096
_IN_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_IN_PAGE: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.I,
)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Labels of the encoding standard of WHATWG that pages in Korea have, and Python's codec for each.
_CODECS: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(
        ("euc-kr", "euckr", "euc_kr", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "korean",
         "windows-949", "cp949", "ms949", "x-windows-949", "uhc"),
        "cp949",
    ),
    **dict.fromkeys(("utf-16", "utf-16le"), "utf-16-le"),
    "utf-16be": "utf-16-be",
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252"), "cp1252"),
    **dict.fromkeys(("shift_jis", "x-sjis", "windows-31j"), "cp932"),
    "euc-jp": "euc-jp",
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    "big5": "big5hkscs",
}  # fmt: skip


def codec_of(label: str) -> str:
    """Python's codec for the label of an encoding; '' for one that is unknown."""
    return _CODECS.get(label.strip().lower(), "")


def find_charset(body: bytes, content_type: str) -> str:
    """Python's codec for a page: by its byte order mark, the header Content-Type, or what the page says of
    itself, in this order (the HTML standard's); '' if none tells.
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return codec
    stated = _IN_HEADER.search(content_type)
    if stated and codec_of(stated[1]):
        return codec_of(stated[1])
    found = _IN_PAGE.search(body[:_SEARCHED_BYTES])
    codec = codec_of((found[1] or found[2]).decode("ascii", "replace")) if found else ""
    # A page that could be searched for ASCII is not in UTF-16, whatever it says.
    return "utf-8" if codec.startswith("utf-16") else codec
