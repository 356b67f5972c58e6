"""What a portal exports (JSON, CSV, XLSX with a header) -> a release a row, with the values of the sidecar.

CSV is read here, as JSON Lines are: a stream with a limit for one row. XLSX is a package of XML, and a JSON
that nests deep enough crashes the C that streams it: both are read in the sandbox. Nothing is kept of a row
when the next is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from indexer.release import PressRelease, identify
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.sidecar import override, read_sidecar
from indexer.sources.extraction.columns import (
    ColumnRules,
    Columns,
    ColumnUse,
    named_columns,
    no_title_error,
    record_of,
)
from indexer.sources.extraction.markup import is_markup, text_of_markup
from indexer.sources.extraction.named_fields import field_of, unescape_entities
from indexer.sources.extraction.records import embargo_doubt, release_of_record
from indexer.sources.formats.csv_rows import read_csv
from indexer.sources.formats.detection import Export, detect_export
from indexer.sources.formats.rows import NoHeaderError, Row, RowOrError, is_blank
from indexer.sources.problems import UNEXPECTED_ERRORS, ContentError, ReadProblem, unexpected_problem
from indexer.sources.sandbox.rows import SHARED_ROW_READER

# What `inspect_export` keeps: an export may hold a million releases, or a million bad rows.
_INSPECTED_RELEASES, _INSPECTED_PROBLEMS = 10, 1_000
# A guard for what `ExportReader.uses` holds: the objects of a JSON may all have other names.
_MOST_USES = 1_000
_NO_BODY_HINT = '곁 파일의 [columns]에 본문 = "열의 이름"을 쓰세요. 본문이 없는 목록이면 본문 = ""을 쓰세요.'


@dataclass(frozen=True, slots=True)
class InspectedExport:
    """What an export holds: the first of its `releases` and `problems`, how many of each there are (`count`,
    `problem_count`), how many characters the bodies have, and what became of each column.
    """

    format: Export
    columns: tuple[ColumnUse, ...]
    releases: tuple[PressRelease, ...]
    problems: tuple[ReadProblem, ...]
    count: int
    problem_count: int
    characters: int


def inspect_export(file: CorpusFile) -> InspectedExport:
    """Read an export to its end, and keep little of it. Raises as `ExportReader.read` does."""
    reader = ExportReader(file)
    releases: list[PressRelease] = []
    problems: list[ReadProblem] = []
    count = problem_count = characters = 0
    for item in reader.read():
        if isinstance(item, ReadProblem):
            problem_count += 1
            if len(problems) < _INSPECTED_PROBLEMS or item.line is None:
                problems.append(item)
        else:
            count += 1
            characters += len(item.body)
            if len(releases) < _INSPECTED_RELEASES:
                releases.append(item)
    assert reader.format is not None
    return InspectedExport(
        reader.format, tuple(reader.uses), tuple(releases), tuple(problems), count, problem_count, characters
    )


@dataclass(slots=True)
class ExportReader:
    """Reads one export. `format` and `uses` (what became of each column) are known when it has been read."""

    file: CorpusFile
    on_progress: Callable[[int], None] = lambda _: None
    format: Export | None = None
    uses: dict[ColumnUse, None] = field(default_factory=dict)
    _rules: ColumnRules = field(default_factory=ColumnRules)
    _values: dict[str, object] = field(default_factory=dict)
    _warned: bool = False
    _columns: Columns | None = None

    def read(self) -> Iterator[PressRelease | ReadProblem]:
        """The releases of the rows, identified, and a problem with its row for each that is none.

        Raises NotASpreadsheetError for a document under another name; ContentError where the file has no
        column for the title or cannot be read; OSError.
        """
        self._read_sidecar()
        self.format = detect_export(self.file.path)
        if self.file.path.stat().st_size == 0:
            raise ContentError("빈 파일입니다.", "열의 이름이 있는 행과 보도자료를 넣어 다시 내보내세요.")
        try:
            for row in self._rows():
                yield from self._items(row)
        except NoHeaderError as error:
            raise no_title_error(error, self._sidecar_name(), self._rules.named) from error
        yield from self._doubts()

    def _read_sidecar(self) -> None:
        if self.file.sidecar is None:
            return
        values = read_sidecar(self.file.sidecar)
        self._rules = ColumnRules(named_columns(values))
        if any(field_of(name) == "id" for name in values):
            raise ContentError(
                "곁 파일의 id가 모든 행에 같습니다.", '[columns] 아래에 id = "열의 이름"을 쓰세요.'
            )
        self._values = values

    def _sidecar_name(self) -> str:
        path = self.file.sidecar or self.file.path.with_suffix(".toml")
        return path.name

    def _rows(self) -> Iterator[RowOrError]:
        path, rules = self.file.path, self._rules
        if self.format in ("json", "xlsx"):
            return SHARED_ROW_READER.rows(path, self.format, rules.named, self.on_progress)
        return read_csv(path, rules.is_header, self.on_progress)

    def _items(self, row: RowOrError) -> Iterator[PressRelease | ReadProblem]:
        """The release of a row, after the problems of the sidecar; none of a blank row."""
        source_path = self.file.source_path
        if isinstance(row, ContentError):
            yield row.problem(source_path)
            return
        if all(map(is_blank, row.values)):
            return
        try:
            values = _values_of(self._columns_of(row), row)
            release = release_of_record(values, source_path)
            if self._values:
                overridden = override(release, self._values, self._sidecar_name())
                release = overridden.release
                if not self._warned:
                    yield from overridden.problems
                self._warned = True
            states_embargo = any(field_of(name) == "embargo" for name in self._values)
            if not states_embargo and (doubt := embargo_doubt(release, values, source_path, row.number)):
                yield doubt
            yield identify(release)
        except ContentError as error:
            yield ReadProblem(source_path, error.message, error.hint, row.number)
        except UNEXPECTED_ERRORS as error:
            yield unexpected_problem(source_path, error, row.number)

    def _columns_of(self, row: Row) -> Columns:
        columns = self._rules.columns_of(row.names)
        if columns is not self._columns:
            self._columns = columns
            for use in columns.uses:
                if len(self.uses) < _MOST_USES:
                    self.uses[use] = None
        return columns

    def _doubts(self) -> Iterator[ReadProblem]:
        """Warnings about columns, once the file has been read."""
        if not self.uses:
            return
        path = self.file.source_path
        if missing := self._rules.missing(use.name for use in self.uses):
            reason = f"곁 파일이 말한 열이 없습니다: {', '.join(missing)}."
            yield ReadProblem(path, reason, "곁 파일의 [columns]를 고치세요.", severity="warning")
        if "body" not in self._rules.named and not any(use.field == "body" for use in self.uses):
            reason = "본문의 열을 찾을 수 없어 제목만 읽었습니다."
            yield ReadProblem(path, reason, _NO_BODY_HINT, severity="warning")


def _values_of(columns: Columns, row: Row) -> dict[str, object]:
    """The values of a row by field. A body that is HTML, escaped or not, is the text that a page shows."""
    values = record_of(columns, row.values)
    body = values.get("body")
    if isinstance(body, str) and is_markup(plain := unescape_entities(body)):
        values["body"] = text_of_markup(plain)
    return values
