"""What an export may cost: memory that does not grow with its rows, and no bomb, loop or giant cell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.formats import csv_rows, json_rows, rows, xlsx
from indexer.sources.problems import ContentError, ReadProblem
from indexer.sources.sandbox.parser import Limits
from indexer.sources.sandbox.rows import RowReader
from tests.support.corpus import refuse_one, write
from tests.support.exports import MAIN, raw_xlsx, write_csv, write_json, write_xlsx

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>제목</t></is></c></row>'
WRITERS: dict[str, Callable[[Path, Sequence[str], Any], None]] = {
    ".csv": write_csv,
    ".json": write_json,
    ".xlsx": write_xlsx,
}
READ = """
import resource, sys
from pathlib import Path
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.sandbox.rows import SHARED_ROW_READER
path = Path(sys.argv[1])
count = sum(hasattr(item, "title") for item in read_file(CorpusFile(path, path.name)))
SHARED_ROW_READER.close()
print(count, *(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""
# On Linux `ru_maxrss` is in kilobytes.
MOST_GROWTH_KB = 24_000


def is_title(names: Sequence[str]) -> bool:
    return "제목" in names or "title" in names


def peak_of(folder: Path, suffix: str, count: int) -> tuple[int, ...]:
    """The most memory (KB) that this process and its worker took to read so many rows."""
    path = folder / f"{count}{suffix}"
    body = "두루미시가 봄꽃길을 연다고 밝혔다.\n" * 40
    WRITERS[suffix](
        path, ("제목", "본문"), ((f"봄꽃길 {number}", f"{number} {body}") for number in range(count))
    )
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    read, *peaks = map(int, done.stdout.split())
    assert read == count
    path.unlink()
    return tuple(peaks)


def check_memory(folder: Path, suffix: str, count: int) -> None:
    few, many = peak_of(folder, suffix, 100), peak_of(folder, suffix, count)
    for before, after in zip(few, many, strict=True):
        assert after - before < MOST_GROWTH_KB, (few, many)


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in bytes elsewhere")
@pytest.mark.parametrize("suffix", WRITERS)
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, suffix: str) -> None:
    check_memory(tmp_path, suffix, 20_000)


@pytest.mark.soak
@pytest.mark.parametrize("suffix", WRITERS)
def test_memory_does_not_grow_with_a_million_rows(tmp_path: Path, suffix: str) -> None:
    check_memory(tmp_path, suffix, 1_000_000)


# XLSX


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "UNCHECKED_BYTES", 10_000)
    path = write(tmp_path, "a.xlsx", raw_xlsx(HEADER + "<!---->" * 500_000)).path
    with pytest.raises(ContentError, match="폭탄"):
        list(xlsx.read_xlsx(path, is_title))


def test_a_string_that_stands_in_many_cells_is_no_way_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "UNCHECKED_BYTES", 1_000_000)
    cells = '<row><c t="s"><v>0</v></c></row>' * 1_000
    path = write(tmp_path, "a.xlsx", raw_xlsx(HEADER + cells, f"<si><t>{'가' * 30_000}</t></si>")).path
    seen = 0
    with pytest.raises(ContentError, match="폭탄"):  # noqa: PT012
        for _ in xlsx.read_xlsx(path, is_title):
            seen += 1
    assert seen < 100


ENTITIES = '<!DOCTYPE x [<!ENTITY a "가가가가가가가가"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("part", ["strings_part", "sheet_part"])
def test_entities_are_not_expanded(tmp_path: Path, part: str) -> None:
    texts = {
        "strings_part": f"{ENTITIES}<sst {MAIN}><si><t>&c;</t></si></sst>",
        "sheet_part": f"{ENTITIES}<worksheet {MAIN}><sheetData>{HEADER}</sheetData></worksheet>",
    }
    data = raw_xlsx(HEADER + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>', **{part: texts[part]})
    assert "DTD" in refuse_one(tmp_path, "a.xlsx", data).reason


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path: Path, cut: float) -> None:
    data = raw_xlsx(HEADER * 100)
    assert "XLSX" in refuse_one(tmp_path, "a.xlsx", data[: int(len(data) * cut)]).reason


@pytest.mark.parametrize("sheet", ["<row", "<row><c t='s'><v>0</v></c></row>", HEADER + f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"가" * 4_000_000}</t></is></c></row>'])  # fmt: skip
def test_a_broken_sheet_or_a_giant_cell_is_refused(tmp_path: Path, sheet: str) -> None:
    assert refuse_one(tmp_path, "a.xlsx", raw_xlsx(sheet))


def test_a_row_that_is_too_long_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROW_CHARS", 100)
    sheet = HEADER + "".join(
        f'<row><c t="inlineStr"><is><t>{"가" * size}</t></is></c></row>' for size in (5, 500, 5)
    )
    path = write(tmp_path, "a.xlsx", raw_xlsx(sheet)).path
    kinds = [type(item) for item in xlsx.read_xlsx(path, is_title)]
    assert kinds == [rows.Row, ContentError, rows.Row]


def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlsx", raw_xlsx(HEADER)).path
    with closing(RowReader(Limits(time_s=0.0))) as reader, pytest.raises(ContentError, match="초가 넘게"):
        list(reader.rows(path, "xlsx", {}))


def test_a_worker_reads_one_file_after_another_and_ends_where_nobody_reads_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlsx", raw_xlsx(HEADER + HEADER * 3)).path
    with closing(RowReader()) as reader:
        list(reader.rows(path, "xlsx", {}))
        first = reader._idle
        assert first is not None
        list(reader.rows(path, "xlsx", {}))
        assert reader._idle is first
        unread = reader.rows(path, "xlsx", {})
        next(unread)
        unread.close()  # type: ignore[attr-defined]
        assert reader._idle is None
        assert first.poll() is not None


# CSV and JSON


def test_a_cell_that_never_ends_costs_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_ROW_CHARS", 1_000)
    for long in (f'둘,"{"글" * 5_000}"\n', f"둘,{'글' * 5_000}\n", '둘,"글\n'):
        tail = "셋,글\n" * 400
        items = list(read_file(write(tmp_path, "a.csv", f"제목,본문\n하나,글\n{long}{tail}")))
        problems = [item for item in items if isinstance(item, ReadProblem)]
        assert [problem.line for problem in problems] == [3]
        assert sum(isinstance(item, PressRelease) for item in items) == 401


def test_an_object_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_ROW_CHARS", 100_000)
    monkeypatch.setattr(json_rows, "_READ_CHARS", 1_000)
    path = write(
        tmp_path, "a.json", f'[{{"title": "가"}}, {{"title": "{"나" * 500_000}"}}, {{"title": "다"}}]'
    ).path
    first, last = json_rows.read_json(path, is_title, lambda _: False)
    assert isinstance(first, rows.Row)
    assert isinstance(last, ContentError)
    assert "넘습니다" in last.message


def test_what_is_not_in_the_list_may_be_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_ROW_CHARS", 10_000)
    monkeypatch.setattr(json_rows, "_READ_CHARS", 1_000)
    path = write(
        tmp_path, "a.json", f'{{"log": [{"1, " * 50_000}1], "data": [{{"title": "가", "본문": "글"}}]}}'
    ).path
    (row,) = json_rows.read_json(path, is_title, lambda name: name == "본문")
    assert isinstance(row, rows.Row)
