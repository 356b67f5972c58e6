"""What may stand behind a key of `sources.toml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

KOREA_KR_KEY: Final = "BODO_KOREA_KR_KEY"

# The name of a folder, in every file system: letters, digits, - and _.
_NAME = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣_-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_MAX_SHOWN_CHARS = 80


class WrongValue(Exception):
    """A value of a source: the key, what is wrong, what may stand there."""

    def __init__(self, key: str, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.key, self.reason, self.hint = key, reason, hint


def _name(key: str, value: object) -> str:
    text = unicodedata.normalize("NFC", value) if isinstance(value, str) else ""
    if not _NAME.fullmatch(text):
        raise WrongValue(
            key, f"{key}을(를) 폴더 이름으로 쓸 수 없습니다.", "글자, 숫자, -, _로 64자까지 쓰세요."
        )
    return text


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or any(ord(char) < 32 for char in value):
        raise WrongValue(key, f"{key}의 값이 글이 아닙니다.", f'예: {key} = "값"')
    return value.strip()


def _url(key: str, value: object) -> str:
    text = _text(key, value)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise WrongValue(key, f"{key}이(가) 주소가 아닙니다.", "http://나 https://로 시작하는 주소를 쓰세요.")
    return text


def _variable(key: str, value: object) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        hint = f'열쇠가 아니라 열쇠를 담은 환경 변수의 이름을 쓰세요. 예: {key} = "{KOREA_KR_KEY}"'
        raise WrongValue(key, f"{key}이(가) 환경 변수의 이름이 아닙니다.", hint)
    return value


def _pattern(key: str, value: object) -> re.Pattern[str]:
    text = _text(key, value)
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise WrongValue(key, f"{key}의 정규식이 잘못됐습니다({error}).", "식을 고치세요.") from error


def _selector(key: str, value: object) -> str:
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector

    text = _text(key, value)
    try:
        CSSSelector(text, translator="html")
    except (SelectorError, ValueError) as error:
        raise WrongValue(
            key, f"{key}의 CSS 선택자가 잘못됐습니다({error}).", "예: table.board td.title a"
        ) from error
    return text


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(key, f"{key}의 값을 쓸 수 없습니다.", "true나 false를 쓰세요.")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 100:
        raise WrongValue(key, f"{key}의 값이 목록이 아닙니다.", f'예: {key} = ["가", "나"]')
    return tuple(_text(key, item).lower() for item in value)


def _suffixes(key: str, value: object) -> tuple[str, ...]:
    """Suffixes with their dot, however they are written: hwp, .hwp, *.hwp."""
    suffixes = tuple("." + text.lstrip("*.") for text in _texts(key, value))
    for suffix in suffixes:
        if not _SUFFIX.fullmatch(suffix):
            hint = f'예: {key} = ["hwp", "pdf"]'
            raise WrongValue(key, f"{key}의 ‘{shown(suffix)}’은(는) 확장자가 아닙니다.", hint)
    return suffixes


def _private(key: str, value: object) -> bool | tuple[str, ...]:
    return value if isinstance(value, bool) else _texts(key, value)


def _number(least: float, most: float, kind: type[int] | type[float]) -> Callable[[str, object], Any]:
    def check(key: str, value: object) -> Any:  # noqa: ANN401 - an int or a float, as `kind` says
        is_number = isinstance(value, int if kind is int else (int, float)) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:  # type: ignore[operator]
            raise WrongValue(
                key, f"{key}의 값을 쓸 수 없습니다.", f"{least:g}에서 {most:g}까지의 수를 쓰세요."
            )
        return kind(value)  # type: ignore[call-overload,arg-type]

    return check


CHECKS: dict[str, Callable[[str, object], Any]] = {
    "name": _name, "kind": _text, "url": _url, "outlet": _text, "allow_private": _private,
    "delay_s": _number(0, 3_600, float), "max_items": _number(1, 10_000, int),
    "follow": _flag, "attachments": _flag, "attachment_suffixes": _suffixes, "attachment_pattern": _pattern,
    "recheck_days": _number(0, 3_650, int), "ignore_params": _texts, "include": _pattern,
    "links": _selector, "link_pattern": _pattern, "link_url": _url, "next": _selector,
    "max_pages": _number(1, 100, int), "days": _number(1, 365, int), "key_env": _variable,
}  # fmt: skip


def shown(text: str) -> str:
    """A text of the file, cut for a message."""
    return text[:_MAX_SHOWN_CHARS]
