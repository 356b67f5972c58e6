"""JSON with a list of objects, anywhere in it -> rows, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import ijson

from indexer.sources.formats.export_text import encoding_of, open_text
from indexer.sources.formats.rows import MAX_ROW_CHARS, IsHeader, NoHeaderError, Row, RowOrError
from indexer.sources.problems import ContentError

_READ_CHARS = 1 << 16
# A choice: the names that a message lists.
_MOST_NAMES = 50
# A guard: objects whose names are values have a name each.
_MOST_NAMES_KEPT = 1_000
_AS_LINES = "한 줄에 JSON 하나씩이면 이름을 .jsonl로 바꾸고, 아니면 다시 내보내세요."


class _Utf8:
    """A text as the bytes that `ijson` reads. No value may be longer than a row."""

    def __init__(self, text: TextIOWrapper, unchecked_chars: int = 0) -> None:
        self._text = text
        self._unchecked_chars = unchecked_chars
        self.chars = 0
        self._value_start = 0

    def end_value(self) -> None:
        """A value is complete."""
        self._value_start = self.chars

    def read(self, size: int) -> bytes:
        if size == 0:
            return b""
        part = self._text.read(_READ_CHARS)
        self.chars += len(part)
        if self.chars - max(self._value_start, self._unchecked_chars) > MAX_ROW_CHARS + _READ_CHARS:
            megabytes = MAX_ROW_CHARS // 1_000_000
            raise ContentError(f"한 건이 {megabytes:,}백만 자를 넘습니다.", "나누어 내보내세요.")
        return part.encode("utf-8", "replace")


@dataclass(slots=True, eq=False)
class _Found:
    """A list of objects, or an object by itself: its prefix for `ijson`, the names that its objects have."""

    prefix: str
    in_list: bool
    names: dict[str, None] = field(default_factory=dict)


def read_json(
    path: Path,
    is_header: IsHeader,
    is_body: Callable[[str], bool],
    on_progress: Callable[[int], None] = lambda _: None,
) -> Iterator[RowOrError]:
    """The objects of the first list with titles and bodies (`is_body` of a name), else with titles.

    It may be the whole file, or stand under any names (data, response.body.items.item). One object with a
    title and no list is a row too. Where the file is broken, the rows before it come first and then a
    ContentError with the number of the next. `on_progress` gets the bytes read so far. Raises NoHeaderError,
    ContentError where the file is no JSON, OSError where it cannot be read.
    """
    encoding = encoding_of(path)
    with open_text(path, encoding) as (_, text):
        stream = _Utf8(text)
        found = _find_list(stream, is_header, is_body)
    number = 0
    with open_text(path, encoding) as (stored, text):
        stream = _Utf8(text, unchecked_chars=stream.chars)
        objects = ijson.items(stream, found.prefix)
        while True:
            try:
                item = next(objects)
            except StopIteration:
                return
            except ContentError as error:
                yield ContentError(error.message, error.hint, number + 1)
                return
            except (ijson.JSONError, ValueError) as error:
                message = f"JSON이 여기서 깨져 있어 더 읽지 못했습니다({_reason(error)})."
                yield ContentError(message, _AS_LINES, number + 1)
                return
            stream.end_value()
            number += 1
            on_progress(stored.tell())
            if isinstance(item, dict):
                yield Row(number, tuple(item), tuple(item.values()))
            else:
                yield ContentError("JSON 객체({…})가 아닙니다.", "목록에 객체만 두세요.", number)


def _find_list(stream: _Utf8, is_header: IsHeader, is_body: Callable[[str], bool]) -> _Found:
    """The list to read. Raises as `read_json` does."""
    found: list[_Found] = []
    named: list[_Found] = []
    try:
        for one, name in _names(stream):
            if len(one.names) == 1 and one not in named:
                named = named if len(named) > _MOST_NAMES else [*named, one]
            if is_header([name]) and one not in found:
                found.append(one)
            if one.in_list and one in found and any(map(is_body, one.names)):
                return one
    except (ContentError, ijson.JSONError, ValueError) as error:
        if not found:
            if isinstance(error, ContentError):
                raise
            message = f"JSON이 잘못됐습니다({_reason(error)})."
            raise ContentError(message, _AS_LINES) from error
    lists = [one for one in found if one.in_list]
    if not found:
        best = max(named, key=lambda one: (one.in_list, len(one.names)), default=_Found("", False))
        raise NoHeaderError(tuple(best.names)[:_MOST_NAMES])
    return (lists or found)[0]


def _names(stream: _Utf8) -> Iterator[tuple[_Found, str]]:
    """Each name of an object in one list or in none, the first time that its list has it."""
    places: dict[str, _Found] = {}
    # Whether each container around what comes next is a list.
    around: list[bool] = []
    for prefix, event, value in _events(stream):
        if event in ("start_map", "start_array"):
            around.append(event == "start_array")
        elif event in ("end_map", "end_array"):
            around.pop()
        elif event == "map_key":
            lists = around.count(True) if len(around) < _MOST_NAMES else 2
            in_list = len(around) > 1 and around[-2]
            if lists > in_list or (prefix not in places and len(places) > _MOST_NAMES):
                continue
            place = places.setdefault(prefix, _Found(prefix, in_list))
            if value not in place.names and len(place.names) < _MOST_NAMES_KEPT:
                place.names[value] = None
                yield place, value


def _events(stream: _Utf8) -> Iterator[tuple[str, str, Any]]:
    for event in ijson.parse(stream):
        stream.end_value()
        yield event


def _reason(error: Exception) -> str:
    """The first words of an error of the parser, without the text that it quotes."""
    return str(error.args[0] if error.args else error).split("\n")[0][:80].strip()
