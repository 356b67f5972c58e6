"""Bytes -> text in UTF-8, UTF-16 with a byte order mark, or CP949."""

from __future__ import annotations

import codecs
import re

from indexer.sources.problems import ContentError
from indexer.text.private_use import to_public

SAVE_AS_UTF8 = "편집기에서 ‘다른 이름으로 저장’을 골라 인코딩을 UTF-8로 저장하세요."

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAGIC_NUMBERS = {b"%PDF-": "PDF", b"PK\x03\x04": "ZIP(HWPX·DOCX)", b"\xd0\xcf\x11\xe0": "HWP·DOC"}

# Text in another encoding, decoded as CP949, is mostly not Hangul; or Hangul outside the 2,350 syllables of
# KS X 1001, which Korean is written with; or Hangul without the most frequent syllables of Korean.
_HANGUL_SHARE = 0.7
_KS_X_1001_SHARE = 0.9
_COMMON_SHARE = 0.05
_COMMON_SYLLABLES = frozenset("이다는을의에가고하지로한은를서기시사도인있대정")
_JUDGEABLE_SYLLABLES = 120


def decode(data: bytes) -> str:
    """The text of `data`, with LF at line ends, without a byte order mark.

    Private characters of Hangul word processors become public ones. Raises ContentError where `data` is
    binary, in another encoding, or holds a control character.
    """
    for magic, name in _MAGIC_NUMBERS.items():
        if data.startswith(magic):
            raise ContentError(f"글이 아니라 {name} 파일입니다.", "본문을 복사해 .txt 파일로 저장하세요.")
    text = _decode_bytes(data).replace("\r\n", "\n").replace("\r", "\n")
    check_characters(text)
    return to_public(text)


def is_utf16(data: bytes) -> bool:
    """Whether `data` begins with the byte order mark of UTF-16."""
    return data.startswith(_UTF16_MARKS)


def check_characters(text: str) -> None:
    """Raise ContentError, with the line, at the first control character or lone surrogate of `text`.

    Tabs and line ends are allowed.
    """
    match = _FORBIDDEN.search(text)
    if match is None:
        return
    line = text.count("\n", 0, match.start()) + 1
    code = f"U+{ord(match[0]):04X}"
    if "\ud800" <= match[0] <= "\udfff":
        raise ContentError(f"짝이 없는 대리 문자({code})가 있습니다.", "깨진 글자를 고치세요.", line)
    raise ContentError(f"쓸 수 없는 제어 문자({code})가 있습니다.", "그 문자를 지우세요.", line)


def _decode_bytes(data: bytes) -> str:
    if is_utf16(data):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise ContentError("UTF-16 글이 깨져 있습니다.", SAVE_AS_UTF8) from error
    if b"\0" in data:
        raise ContentError("글이 아니라 이진 파일입니다.", "본문을 복사해 .txt 파일로 저장하세요.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        text = ""
    if not looks_korean(text):
        raise ContentError("글자 인코딩을 알 수 없습니다(UTF-8도 CP949도 아닙니다).", SAVE_AS_UTF8, line)
    return text


def looks_korean(text: str) -> bool:
    """Whether a text that was decoded as CP949 is Korean, and not another encoding misread."""
    letters = [character for character in text if character > "\x7f" and character.isalpha()]
    syllables = [character for character in letters if "가" <= character <= "힣"]
    if not text or len(syllables) < _HANGUL_SHARE * len(letters):
        return False
    # Python's EUC-KR encodes a syllable of KS X 1001 in two bytes and spells any other out in eight.
    in_ks_x_1001 = sum(len(character.encode("euc_kr")) == 2 for character in syllables)
    common = sum(character in _COMMON_SYLLABLES for character in syllables)
    return in_ks_x_1001 >= _KS_X_1001_SHARE * len(syllables) and (
        len(syllables) < _JUDGEABLE_SYLLABLES or common >= _COMMON_SHARE * len(syllables)
    )
