"""The encoding of an exported file of text, told from its beginning: the file may be larger than memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from indexer.sources.formats.decoding import SAVE_AS_UTF8, is_utf16, looks_korean
from indexer.sources.problems import ContentError

_CHUNK_BYTES = 1 << 16
# A choice: so much from the first letter that is not ASCII tells the encoding, and is decoded at once.
_JUDGED_BYTES = 1 << 18
# A choice: with so many broken characters, or fewer, text in UTF-8 is damaged and not in another encoding.
_MOST_BROKEN_SHARE = 0.01
_REPLACEMENT = "\ufffd"


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[tuple[BufferedReader, TextIOWrapper]]:
    """The bytes of a file, and its text with the line ends as they are. Broken bytes become lone surrogates.

    Raises OSError where it cannot be opened.
    """
    # The decoder of UTF-16 has no other way to go on.
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    with path.open("rb") as stored, TextIOWrapper(stored, encoding, errors, newline="") as text:
        yield stored, text


def encoding_of(path: Path) -> str:
    """The encoding of a text: UTF-8, UTF-16 with a byte order mark, or CP949, as `codecs` calls it.

    Raises ContentError where it is none of these or no text, OSError where the file cannot be read.
    """
    sample = _first_letters(path)
    if is_utf16(sample):
        return "utf-16"
    if b"\0" in sample[:_CHUNK_BYTES] and sample.count(b"\0") > len(sample) // 10:
        raise ContentError("글이 아니라 이진 파일입니다.", "표나 JSON을 UTF-8로 다시 내보내세요.")
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(sample)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig"
    # Broken at the end of the sample, a character is not broken.
    if looks_korean(codecs.getincrementaldecoder("cp949")("ignore").decode(sample)) and _is_cp949(sample):
        return "cp949"
    text = sample.decode("utf-8", "replace")
    if text.count(_REPLACEMENT) <= 1 + _MOST_BROKEN_SHARE * sum(letter > "\x7f" for letter in text):
        return "utf-8-sig"
    raise ContentError("글자 인코딩을 알 수 없습니다(UTF-8도 CP949도 아닙니다).", SAVE_AS_UTF8)


def _is_cp949(sample: bytes) -> bool:
    text = codecs.getincrementaldecoder("cp949")("replace").decode(sample)
    return text.count(_REPLACEMENT) <= 1 + _MOST_BROKEN_SHARE * sum(letter > "\x7f" for letter in text)


def _first_letters(path: Path) -> bytes:
    """The beginning of a file, from its first letter on that is not ASCII, or its mark."""
    with path.open("rb") as stream:
        start = chunk = stream.read(_CHUNK_BYTES)
        if is_utf16(start) or b"\0" in start:
            return start
        while chunk and chunk.isascii():
            chunk = stream.read(_CHUNK_BYTES)
        return chunk + stream.read(_JUDGED_BYTES)
