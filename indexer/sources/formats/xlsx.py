"""XLSX (ECMA-376, SpreadsheetML) -> the rows of its first sheet with a header, one at a time.

openpyxl knows the package, the formats of dates and the cells. It would keep every shared string, and
something of every row; here strings are spooled to a file, and rows are dropped.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from indexer.sources.formats.rows import (
    MAX_ROW_CHARS,
    Cells,
    IsHeader,
    NoHeaderError,
    RowOrError,
    rows_of_table,
    text_of_number,
)
from indexer.sources.formats.unpacking import LARGEST_RATIO, UNCHECKED_BYTES
from indexer.sources.problems import UNEXPECTED_ERRORS, ContentError

_SAVE_ANEW = "엑셀에서 다시 저장하거나 CSV(UTF-8)로 저장해 넣으세요."
_BOMB = f"압축을 풀면 {LARGEST_RATIO}배가 넘어 그만 읽었습니다(압축 폭탄일 수 있습니다)."
_ROW, _DATA, _STRING, _TEXT, _RUN = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "sheetData", "si", "t", "r")
)
# Excel has 16,384 columns (Microsoft, Excel specifications and limits); an export has some dozens.
_MOST_COLUMNS = 1_000
# Strings up to so many characters come often (names, dates) and are kept, so many of them.
_SHORT_CHARS, _MOST_KEPT = 100, 10_000
_STRINGS_A_REPORT, _ROWS_A_REPORT = 1_000, 100
_BROKEN = (BadZipFile, etree.LxmlError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError)


class _SharedStrings:
    """The strings of a workbook by their numbers, in a file without a name."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the strings
        self._ends = array("Q", [0])
        self._kept: dict[int, str] = {}

    def __enter__(self) -> _SharedStrings:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, text: str) -> None:
        """Add the next string."""
        data = text.encode("utf-8", "surrogatepass")
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def flush(self) -> None:
        """Make what was added readable."""
        self._file.flush()

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        if (text := self._kept.get(number)) is not None:
            return text
        start, end = self._ends[number], self._ends[number + 1]
        text = os.pread(self._file.fileno(), end - start, start).decode("utf-8", "surrogatepass")
        if len(text) <= _SHORT_CHARS and len(self._kept) < _MOST_KEPT:
            self._kept[number] = text
        return text


class _Workbook(ExcelReader):
    """What is needed of a workbook: its sheets in order, its shared strings, and which styles are dates."""

    def __init__(self, stored: IO[bytes], on_progress: Callable[[int], None]) -> None:
        super().__init__(stored, read_only=True, data_only=True, keep_links=False)
        self._on_progress = on_progress
        self.read_manifest()
        self.read_workbook()
        # Without styles dates are serial numbers, which the columns of dates are read from as well.
        with suppress(*UNEXPECTED_ERRORS):
            apply_stylesheet(self.archive, self.wb)

    def stored_bytes(self) -> int:
        """Where in the file the last byte was read."""
        return self.archive.fp.tell() if self.archive.fp else 0

    def sheets(self) -> Iterator[str]:
        """The parts of the worksheets, in the order of their tabs."""
        for _, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and relation.Type.endswith("/worksheet"):
                yield relation.target

    def spool_strings(self, strings: _SharedStrings) -> None:
        """Read the shared strings into `strings`, which the cells are read with."""
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            with self.archive.open(part.PartName[1:]) as stream:
                for count, element in enumerate(_elements(stream, _STRING)):
                    strings.append(_string_of(element))
                    if count % _STRINGS_A_REPORT == 0:
                        self._on_progress(self.stored_bytes())
        strings.flush()
        self.shared_strings = strings  # type: ignore[assignment]

    def rows(self, part: str) -> Iterator[Cells | ContentError]:
        """The rows of a worksheet with their numbers; an error for each that cannot be read."""
        with self.archive.open(part) as stream:
            cells = WorkSheetParser(
                stream, self.shared_strings, data_only=True, epoch=self.wb.epoch,
                date_formats=self.wb._date_formats,  # type: ignore[attr-defined]
                timedelta_formats=self.wb._timedelta_formats,  # type: ignore[attr-defined]
            )  # fmt: skip
            for count, element in enumerate(_elements(stream, _ROW)):
                if count % _ROWS_A_REPORT == 0:
                    self._on_progress(self.stored_bytes())
                try:
                    number, row = cells.parse_row(element)
                    item: Cells | ContentError = (number, _values_of(row))
                except UNEXPECTED_ERRORS:
                    item = ContentError("엑셀의 행이 깨져 있습니다.", _SAVE_ANEW, cells.row_counter)
                cells.row_dimensions.clear()
                yield item


def read_xlsx(
    path: Path, is_header: IsHeader, on_progress: Callable[[int], None] = lambda _: None
) -> Iterator[RowOrError]:
    """The rows below the header of the first sheet that has one; an error for each broken row.

    Values are text or None: dates in ISO 8601, numbers without a needless ".0", the saved results of
    formulas. `on_progress` gets the bytes read so far, every hundred rows. Raises NoHeaderError with the
    names of the first sheet, ContentError where the file is broken or a bomb.
    """
    try:
        with path.open("rb") as stored, _SharedStrings() as strings:
            with ZipFile(stored) as package:
                unpacked = sum(entry.file_size for entry in package.filelist)
            largest = max(UNCHECKED_BYTES, LARGEST_RATIO * path.stat().st_size)
            if unpacked > largest:
                raise ContentError(_BOMB, _SAVE_ANEW)
            workbook = _Workbook(stored, on_progress)
            workbook.spool_strings(strings)
            yield from _checked(_rows_of_first(workbook, is_header), largest)
    except (*_BROKEN, *UNEXPECTED_ERRORS) as error:
        message = f"엑셀 문서(XLSX)가 깨져 있어 읽을 수 없습니다({type(error).__name__})."
        raise ContentError(message, _SAVE_ANEW) from error


def _rows_of_first(workbook: _Workbook, is_header: IsHeader) -> Iterator[RowOrError]:
    missing: NoHeaderError | None = None
    for part in workbook.sheets():
        try:
            yield from rows_of_table(workbook.rows(part), is_header)
        except NoHeaderError as error:
            missing = missing if missing and missing.names else error
        else:
            return
    raise missing or NoHeaderError(())


def _checked(rows: Iterator[RowOrError], largest_chars: int) -> Iterator[RowOrError]:
    """The rows, while their text is not far more than the file: one string may stand in a million cells."""
    chars = 0
    for row in rows:
        if isinstance(row, ContentError):
            yield row
            continue
        row_chars = sum(len(value) for value in row.values if isinstance(value, str))
        chars += row_chars
        if chars > largest_chars:
            raise ContentError(_BOMB, _SAVE_ANEW)
        if row_chars > MAX_ROW_CHARS:
            message = f"한 행이 {MAX_ROW_CHARS // 1_000_000:,}백만 자를 넘습니다."
            yield ContentError(message, "나누어 쓰세요.", row.number)
        else:
            yield row


def _elements(stream: IO[bytes], tag: str) -> Iterator[Any]:
    """The elements with a tag, each forgotten when the next is asked for. Entities are not expanded."""
    events = etree.iterparse(
        stream,
        tag=(tag, _DATA),
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    is_first = True
    for _, element in events:
        if is_first and element.getroottree().docinfo.internalDTD is not None:
            raise ContentError("엑셀 문서(XLSX)에 없어야 할 선언(DTD)이 있습니다.", _SAVE_ANEW)
        is_first = False
        if element.tag == _DATA:
            # What is below the rows is of no use.
            return
        yield element
        element.clear()
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]


def _string_of(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    """The text of a shared string: its own, or that of its runs, but not how it is pronounced."""
    if len(element) == 1 and element[0].tag == _TEXT:
        return element[0].text or ""
    texts = (child.findtext(_TEXT, "") if child.tag == _RUN else child.text or "" for child in element
             if child.tag in (_RUN, _TEXT))  # fmt: skip
    return "".join(texts)


def _values_of(row: list[dict[str, Any]]) -> list[str | None]:
    values: list[str | None] = []
    for cell in row:
        place = cell["column"] - 1
        if 0 <= place < _MOST_COLUMNS and cell["data_type"] != "e" and cell["value"] is not None:
            values += [None] * (place + 1 - len(values))
            values[place] = _text_of(cell["value"])
    return values


def _text_of(value: object) -> str:
    """A value of a cell as text."""
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return text_of_number(value) if isinstance(value, float) else str(value)
