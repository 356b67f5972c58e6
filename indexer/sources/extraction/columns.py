"""Which column of an export holds which field: by its usual names, or as its sidecar says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from indexer.sources.extraction.named_fields import add_value, column_key, field_of, field_of_column
from indexer.sources.formats.decoding import SAVE_AS_UTF8, check_characters
from indexer.sources.formats.rows import NoHeaderError, is_blank, text_of_number
from indexer.sources.problems import ContentError
from indexer.text.private_use import to_public

# The table of a sidecar that names columns.
COLUMNS_TABLE = "columns"
_LIST_FIELDS = ("attachments", "subtitles")
_LIST_MARKS = re.compile(r"[\n|;]")
_BROKEN_BYTES = re.compile("[\udc80-\udcff]")
# The days of Excel (ECMA-376, 18.17.4.1) from 1950 to 2100: five digits are no other date.
_SERIAL_DAY = re.compile(r"(\d{5})(?:\.(\d{1,12}))?")
_FIRST_SERIAL, _LAST_SERIAL = 18_264, 73_415
_SERIAL_START = datetime(1899, 12, 30)
_SERIAL_FIELDS = ("published", "embargo")
# The most names, and characters of one, that a message lists.
_LISTED_NAMES, _LISTED_CHARS = 30, 40


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column, and what becomes of it: the field that it fills, '' if it is left out.

    Of several columns for one field the one with `order` 1 counts, then 2 where that is blank.
    """

    name: str
    field: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: what becomes of each; place and field of those used, as they count."""

    uses: tuple[ColumnUse, ...]
    places: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class ColumnRules:
    """Which names of columns mean which field. `named` are the names for a field that a sidecar states."""

    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _known: dict[tuple[str, ...], Columns] = field(default_factory=dict)

    def is_header(self, names: Sequence[str]) -> bool:
        """Whether one of the columns is for the title."""
        return any((found := self._field_of(name)) is not None and found[0] == "title" for name in names)

    def is_body(self, name: str) -> bool:
        """Whether a column of this name is for the body."""
        found = self._field_of(name)
        return found is not None and found[0] == "body"

    def columns_of(self, names: tuple[str, ...]) -> Columns:
        """What becomes of columns with these names."""
        columns = self._known.get(names)
        if columns is None:
            # A guard: each object of a JSON may have names of its own.
            if len(self._known) >= _LISTED_NAMES:
                self._known.clear()
            columns = self._known[names] = self._columns_of(names)
        return columns

    def missing(self, names: Iterable[str]) -> list[str]:
        """The columns that the sidecar names and that are not among `names`."""
        keys = {column_key(name) for name in names}
        return [name for wanted in self.named.values() for name in wanted if column_key(name) not in keys]

    def _columns_of(self, names: tuple[str, ...]) -> Columns:
        found = [(self._field_of(name), place) for place, name in enumerate(names)]
        used = sorted((match[1], place, match[0]) for match, place in found if match is not None)
        orders: dict[int, int] = {}
        counts: dict[str, int] = {}
        for _, place, name in used:
            orders[place] = counts[name] = counts.get(name, 0) + 1
        uses = tuple(
            ColumnUse(name, match[0] if match else "", orders.get(place, 0))
            for name, (match, place) in zip(names, found, strict=True)
        )
        return Columns(uses, tuple((place, name) for _, place, name in used))

    def _field_of(self, name: str) -> tuple[str, int] | None:
        """The field of a column and its place among the columns for it; see `field_of_column`."""
        if not name.strip():
            return None
        key = column_key(name)
        for one, wanted in self.named.items():
            for place, wanted_name in enumerate(wanted):
                if name == wanted_name or (key and key == column_key(wanted_name)):
                    return one, place
        found = field_of_column(name)
        return None if found is None or found[0] in self.named else found


def named_columns(values: dict[str, object]) -> dict[str, tuple[str, ...]]:
    """Take the table of columns out of the values of a sidecar: field -> names of its columns.

    An empty name means that no column is for the field. Raises ContentError where it is not such a table.
    """
    table = values.pop(COLUMNS_TABLE, {})
    hint = '[columns] 아래에 제목 = "열의 이름"처럼 쓰세요.'
    if not isinstance(table, dict):
        raise ContentError("곁 파일의 columns가 표가 아닙니다.", hint)
    named: dict[str, tuple[str, ...]] = {}
    for name, value in table.items():
        usual = field_of_column(name)
        target = field_of(name) or (usual[0] if usual else None)
        names = value if isinstance(value, list) else [value]
        if target is None:
            raise ContentError(
                f"곁 파일의 [columns]에 모르는 이름이 있습니다: ‘{name[:_LISTED_CHARS]}’.", hint
            )
        if not all(isinstance(one, str) for one in names):
            raise ContentError(f"곁 파일의 [columns]에서 {name[:_LISTED_CHARS]}의 값이 글이 아닙니다.", hint)
        named[target] = (*named.get(target, ()), *(one for one in names if one.strip()))
    return named


def no_title_error(
    error: NoHeaderError, sidecar_name: str, named: Mapping[str, Sequence[str]]
) -> ContentError:
    """What to say where no column is for the title: which are there, and how to name one in the sidecar."""
    names = [name for name in error.names if not is_blank(name)]
    if not names:
        return ContentError(
            "보도자료의 목록이 없습니다.", "첫 행에 제목, 본문 같은 열의 이름을 두고 다시 내보내세요."
        )
    listed = ", ".join(name[:_LISTED_CHARS] for name in names[:_LISTED_NAMES])
    more = f" 밖에 {len(names) - _LISTED_NAMES}개" if len(names) > _LISTED_NAMES else ""
    wanted = "".join(f" ‘{name[:_LISTED_CHARS]}’" for name in named.get("title", ()))
    title = next((name for name in names if "제목" in name or "title" in name.casefold()), names[0])
    lines = ["[columns]"]
    for label, example in (("제목", title), ("본문", "본문이 든 열의 이름")):
        lines.append(f"{label} = {json.dumps(example[:_LISTED_CHARS], ensure_ascii=False)}")
    return ContentError(
        f"제목의 열{wanted}을 찾을 수 없습니다. 있는 열: {listed}{more}.",
        f"옆의 {sidecar_name}에 이렇게 쓰세요: {' ⏎ '.join(lines)} (⏎는 줄바꿈입니다.)",
    )


def record_of(columns: Columns, values: Sequence[object]) -> dict[str, object]:
    """The values of a row by field, for `records.release_of_record`.

    Raises ContentError where a value cannot be used.
    """
    record: dict[str, object] = {}
    for place, name in columns.places:
        if place < len(values):
            add_value(record, name, _value_of(name, values[place]))
    return record


def _value_of(name: str, value: object) -> object:
    if name in _LIST_FIELDS:
        items = value if isinstance(value, list) else [value]
        texts = (part for item in items for part in _LIST_MARKS.split(_text_of(name, item) or ""))
        return [text.strip() for text in texts if text.strip()] or None
    if isinstance(value, list):
        texts_of_list = [text for item in value if (text := _text_of(name, item))]
        return ("\n" if name == "body" else ", ").join(texts_of_list)
    text = _text_of(name, value)
    return _without_serial(text) if text and name in _SERIAL_FIELDS else text


def _text_of(name: str, value: object) -> str | None:
    """A value as text; None where it is none. Objects within a row are left out."""
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, dict):
        if name in ("embargo", "published", "title", "body"):
            raise ContentError(f"{name}의 값이 글이 아닙니다.", f"{name}에는 글을 쓰세요.")
        return None
    if isinstance(value, float | Decimal):
        return text_of_number(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    if _BROKEN_BYTES.search(text):
        raise ContentError(f"{name}에 깨진 글자가 있습니다(글자 인코딩이 섞였습니다).", SAVE_AS_UTF8)
    check_characters(text)
    return to_public(text)


def _without_serial(text: str) -> str:
    """A day that Excel counts as a number, as a date."""
    match = _SERIAL_DAY.fullmatch(text.strip())
    if match is None or not _FIRST_SERIAL <= int(match[1]) <= _LAST_SERIAL:
        return text
    seconds = round(float(f"0.{match[2] or 0}") * 86_400)
    return (_SERIAL_START + timedelta(days=int(match[1]), seconds=seconds)).isoformat()
