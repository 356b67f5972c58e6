"""Which encoding a page is said to be in."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling.charsets import codec_of, find_charset


@pytest.mark.parametrize(
    ("body", "content_type", "codec"),
    [
        (b"", "", ""),
        (b"", "text/html; charset=EUC-KR", "cp949"),
        (b"", 'text/html; Charset = "ks_c_5601-1987"; a=b', "cp949"),
        (b"", "text/html;charset='utf-8'", "utf-8"),
        (b"", "text/html; charset=hex", ""),
        (b"", "text/html; charset=utf-7", ""),
        (b"<meta charset=euc-kr>", "text/html; charset=exotic", "cp949"),
        (b"<META CHARSET='UTF-8'>", "", "utf-8"),
        (b"<meta charset=utf-8>", "text/html; charset=euc-kr", "cp949"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">', "", "cp949"),
        (b'<?xml version="1.0" encoding="EUC-KR"?>', "application/xml", "cp949"),
        (b'<?xml version="1.0" encoding="utf-16"?>', "", "utf-8"),
        (b"<p>charset=euc-kr</p>", "", ""),
        (b" " * 5_000 + b"<meta charset=euc-kr>", "", ""),
        (codecs.BOM_UTF8 + b"<meta charset=euc-kr>", "text/html; charset=euc-kr", "utf-8"),
        (codecs.BOM_UTF16_LE + b"a\0", "text/html; charset=euc-kr", "utf-16"),
        (codecs.BOM_UTF16_BE + b"\0a", "", "utf-16"),
    ],
)
def test_charset(body: bytes, content_type: str, codec: str) -> None:
    assert find_charset(body, content_type) == codec


@given(st.binary(max_size=200).map(lambda noise: b"<meta charset=" + noise), st.text(max_size=40))
def test_any_answer_gives_a_codec_of_python_or_none(body: bytes, label: str) -> None:
    for codec in (find_charset(body, f"text/html; charset={label}"), codec_of(label)):
        if codec:
            assert body.decode(codec, "replace") is not None
