"""CSV as portals and spreadsheets export it (RFC 4180) -> rows, one at a time."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from io import StringIO, TextIOWrapper
from itertools import islice
from pathlib import Path

from indexer.sources.formats.export_text import encoding_of, open_text
from indexer.sources.formats.rows import (
    HEADER_SEARCHED_ROWS,
    MAX_ROW_CHARS,
    Cells,
    IsHeader,
    RowOrError,
    rows_of_table,
)
from indexer.sources.problems import ContentError

_DELIMITERS = (",", ";", "\t")
_SAMPLE_CHARS = 1 << 16
# The first line by which Excel is told the delimiter; it shows no row for it.
_STATED_DELIMITER = re.compile(r'"?sep=(.)"?\r?\n', re.I)
_QUOTES_HINT = "칸을 큰따옴표로 감싸고, 칸 안의 큰따옴표는 두 번 쓰세요."


class _RowTooLongError(Exception):
    """A row has more than `MAX_ROW_CHARS`."""


def read_csv(
    path: Path, is_header: IsHeader, on_progress: Callable[[int], None] = lambda _: None
) -> Iterator[RowOrError]:
    """The rows below the header of a CSV in UTF-8, UTF-16 with a mark or CP949; an error for each broken one.

    Cells are apart by commas, semicolons or tabs. `on_progress` gets the bytes read so far. Raises
    NoHeaderError, ContentError where the file is no text, OSError where it cannot be read.
    """
    encoding = encoding_of(path)
    with open_text(path, encoding) as (_, text):
        sample = text.read(_SAMPLE_CHARS)
    delimiter, width = _delimiter_of(sample, is_header)
    csv.field_size_limit(MAX_ROW_CHARS)
    with open_text(path, encoding) as (stored, text):
        lines = _Lines(text)
        if _STATED_DELIMITER.match(sample):
            next(lines)
        for row in rows_of_table(_records(lines, delimiter, width), is_header, refuse_extra_cells=True):
            on_progress(stored.tell())
            yield row


def _delimiter_of(sample: str, is_header: IsHeader) -> tuple[str, int]:
    """The delimiter by which a row is the header with the most cells; and how many, 0 without a header."""
    stated = _STATED_DELIMITER.match(sample)
    best = (0, 0, ",")
    for delimiter in (stated[1],) if stated else _DELIMITERS:
        rows = _sample_rows(sample[stated.end() :] if stated else sample, delimiter)
        header = next((cells for cells in rows if is_header([" ".join(cell.split()) for cell in cells])), ())
        found = (len(header), max(map(len, rows), default=0), delimiter)
        best = max(best, found, key=lambda one: one[:2])
    return best[2], best[0]


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    try:
        rows += islice(filter(None, reader), HEADER_SEARCHED_ROWS)
    except csv.Error:
        # The rows before it still tell.
        return rows
    return rows


class _Lines:
    """The lines of a file, for `csv.reader`. It keeps those of the record that is being read."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._ahead: deque[str] = deque()
        self._record: list[str] = []
        self._record_chars = 0
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._text.readline(MAX_ROW_CHARS + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._record.append(line)
        self._record_chars += len(line)
        if self._record_chars > MAX_ROW_CHARS:
            raise _RowTooLongError
        return line

    def start_record(self) -> None:
        """What comes next is another record."""
        self._record, self._record_chars = [], 0

    def go_back(self) -> None:
        """Read the lines of the record again, but for the first."""
        line = self._record[0] if self._record else ""
        while len(line) > MAX_ROW_CHARS and line[-1:] not in "\r\n":
            line = self._text.readline(MAX_ROW_CHARS + 1)
        self._ahead.extendleft(reversed(self._record[1:]))
        self.number -= len(self._record[1:])
        self.start_record()


def _records(lines: _Lines, delimiter: str, width: int) -> Iterator[Cells | ContentError]:
    """The records with their numbers.

    A broken one ends before the next line that is a whole record, with as many cells as the header (`width`)
    or a record before it: the missing quotation mark may be anywhere, and a line of text is no record.
    """
    # Strict: a stray quotation mark is an error near where it stands, and not the end of another row.
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    widths = {width}
    broken: tuple[int, str] | None = None
    while True:
        lines.start_record()
        first_line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except (csv.Error, _RowTooLongError) as error:
            lines.go_back()
            if broken is None:
                number += 1
                broken = first_line, _reason(error)
            continue
        if broken is not None:
            if len(cells) not in widths:
                lines.go_back()
                continue
            yield _broken_record(number, *broken, first_line - 1)
            broken = None
        number += 1
        if len(cells) > 1 or width <= 1:
            widths.add(len(cells))
        yield number, cells
    if broken is not None:
        yield _broken_record(number, *broken, lines.number)


def _reason(error: Exception) -> str:
    if isinstance(error, _RowTooLongError):
        return f"한 행이 {MAX_ROW_CHARS // 1_000_000:,}백만 자를 넘거나 따옴표가 닫히지 않았습니다"
    return "따옴표가 잘못됐습니다"


def _broken_record(number: int, first_line: int, reason: str, last_line: int) -> ContentError:
    lines = f"{first_line}" if last_line <= first_line else f"{first_line}–{last_line}"
    return ContentError(f"{reason}(파일의 {lines}번째 줄).", _QUOTES_HINT, number)
