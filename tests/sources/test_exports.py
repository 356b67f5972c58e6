"""What portals export: each row of a JSON, a CSV or an XLSX is a release, and a bad row costs itself only."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.release import SEOUL, PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.exports import inspect_export
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.extraction.named_fields import field_of_column
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write
from tests.support.exports import csv_text, raw_xlsx, xlsx

NAMES = ("글번호", "제목", "내용", "등록일", "담당부서", "기관명", "링크", "조회수")
FIRST = (
    "7",
    "봄꽃길 열린다",
    "두루미시가, 봄꽃길을 연다.\n둘째 “문단”.",
    "2023-04-25",
    "관광과",
    "두루미시",
    "https://e.org/7",
    "12",
)
SECOND = (
    "8",
    "장미길",
    "두루미시가 장미길을 연다.",
    "2023. 5. 1.",
    "관광과",
    "두루미시",
    "https://e.org/8",
    "3",
)
Table = Sequence[Sequence[Any]]


def as_csv(rows: Table) -> bytes:
    return csv_text(rows).encode()


def as_json(rows: Table) -> bytes:
    names, *records = rows
    return json.dumps([dict(zip(names, row, strict=False)) for row in records], ensure_ascii=False).encode()


FORMATS: dict[str, Callable[[Table], bytes]] = {"a.csv": as_csv, "a.json": as_json, "a.xlsx": xlsx}


def read_all(folder: Path) -> list[PressRelease | ReadProblem]:
    files, refusals = list_files(folder)
    return [*refusals, *(item for file in files for item in read_file(file))]


def releases_of(folder: Path, name: str, content: str | bytes) -> list[PressRelease]:
    items = list(read_file(write(folder, name, content)))
    releases = [item for item in items if isinstance(item, PressRelease)]
    assert releases == items, items
    return releases


def problems_of(folder: Path, name: str, content: str | bytes) -> tuple[list[str], list[ReadProblem]]:
    """The titles that were read, and the problems."""
    items = list(read_file(write(folder, name, content)))
    return (
        [item.title for item in items if isinstance(item, PressRelease)],
        [item for item in items if isinstance(item, ReadProblem)],
    )


@pytest.mark.parametrize("name", FORMATS)
def test_each_row_is_a_release(tmp_path: Path, name: str) -> None:
    first, second = releases_of(tmp_path, name, FORMATS[name]([NAMES, FIRST, SECOND]))
    assert (first.id, first.title, first.outlet, first.department) == (
        "7",
        "봄꽃길 열린다",
        "두루미시",
        "관광과",
    )
    assert first.body.splitlines() == ["두루미시가, 봄꽃길을 연다.", "둘째 “문단”."]
    assert (first.published_at, first.published_precision) == (datetime(2023, 4, 25, tzinfo=SEOUL), "day")
    assert (first.url, second.url) == ("https://e.org/7", "https://e.org/8")
    assert second.published_at == datetime(2023, 5, 1, tzinfo=SEOUL)


# Not what a workbook would take for a formula or an escape.
TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0xD7A3, exclude_characters="\x7f&\xa0_="), max_size=40
)
LINES = st.lists(TEXT, max_size=3).map("\n".join)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, LINES, TEXT), min_size=1, max_size=8))
def test_what_was_exported_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[tuple[str, str, str]]
) -> None:
    kept = [row for row in rows if row[0].strip()]
    table = [("제목", "본문", "부서"), *((f"제목 {title}", body, part) for title, body, part in kept)]
    if len(table) == 1:
        return
    path = tmp_path_factory.mktemp("export")
    written = releases_of(path, "a.jsonl", "\n".join(
        json.dumps(dict(zip(("title", "body", "부서"), row, strict=True)), ensure_ascii=False) for row in table[1:]
    ))  # fmt: skip
    read = releases_of(path, name, FORMATS[name](table))
    assert [one.content_hash for one in read] == [one.content_hash for one in written]


# Names of columns


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("제목", "title"), (" 제 목 ", "title"), ("[제목]", "title"), ("TITLE", "title"), ("* 제목(필수)", "title"), ("Subject", "title"),
        ("내용", "body"), ("본문 내용", "body"), ("Content", "body"), ("BODY", "body"),
        ("등록일(YYYY-MM-DD)", "published"), ("작성일", "published"), ("배포일", "published"), ("reg_date", "published"), ("Pub Date", "published"),
        ("담당 부서", "department"), ("기관명", "outlet"), ("source", "outlet"), ("링크", "url"), ("URL", "url"), ("link", "url"),
        ("글 번호", "id"), ("게시글 번호", "id"), ("보도시점", "embargo"),
        ("조회수", None), ("수정일", None), ("", None), ("()", None), ("제목" * 200, None),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_usual_names(name: str, field: str | None) -> None:
    found = field_of_column(name)
    assert (found and found[0]) == field


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=10, deadline=None)
@given(st.permutations(range(len(NAMES))))
def test_the_order_of_columns_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, name: str, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    (plain,) = releases_of(folder, "b.csv", as_csv([NAMES, FIRST]))
    rows = [[row[place] for place in order] for row in (NAMES, FIRST)]
    (moved,) = releases_of(folder, name, FORMATS[name](rows))
    assert (moved.id, moved.content_hash) == (plain.id, plain.content_hash)


@pytest.mark.parametrize("name", FORMATS)
def test_without_a_title_the_columns_and_the_way_out_are_told(tmp_path: Path, name: str) -> None:
    table = [("순서", "보도 제목", "글"), ("1", "봄꽃길", "연다.")]
    refusal = refuse_one(tmp_path, name, FORMATS[name](table))
    assert "순서, 보도 제목, 글" in refusal.reason
    assert all(part in refusal.hint for part in ("a.toml", "[columns]", '제목 = "보도 제목"', "본문 = "))


@pytest.mark.parametrize("name", FORMATS)
def test_the_sidecar_names_columns_and_gives_values_for_every_row(tmp_path: Path, name: str) -> None:
    table = [
        ("순서", "보도 제목", "글", "제공"),
        ("1", "봄꽃길", "연다.", "다른 곳"),
        ("2", "장미길", "연다.", "다른 곳"),
    ]
    write(tmp_path, name, FORMATS[name](table))
    write(
        tmp_path,
        "a.toml",
        '기관 = "두루미시"\n[columns]\n제목 = "보도제목"\n본문 = ["없음", "글"]\nid = "순서"\n',
    )
    *releases, problem = read_all(tmp_path)
    assert [(one.id, one.title, one.body, one.outlet) for one in releases if isinstance(one, PressRelease)] == [
        ("1", "봄꽃길", "연다.", "두루미시"), ("2", "장미길", "연다.", "두루미시"),
    ]  # fmt: skip
    assert isinstance(problem, ReadProblem)
    assert (problem.severity, "없음" in problem.reason) == ("warning", True)


@pytest.mark.parametrize(
    ("sidecar", "said"),
    [
        ('columns = "제목"\n', "표가 아닙니다"),
        ('[columns]\n모름 = "글"\n', "모름"),
        ("[columns]\n제목 = 3\n", "글이 아닙니다"),
        ('id = "1"\n', "id"),
        ('[columns]\n제목 = "없는 열"\n', "없는 열"),
        ("[columns\n", "TOML"),
    ],
)
def test_a_wrong_sidecar_is_told(tmp_path: Path, sidecar: str, said: str) -> None:
    write(tmp_path, "a.csv", as_csv([NAMES, FIRST]))
    write(tmp_path, "a.toml", sidecar)
    (problem,) = read_all(tmp_path)
    assert isinstance(problem, ReadProblem)
    assert said in problem.reason


def test_a_document_comes_before_an_export_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "봄꽃길 열린다\n\n두루미시가 봄꽃길을 연다.\n")
    write(tmp_path, "a.csv", as_csv([NAMES, FIRST]))
    write(tmp_path, "a.toml", '부서 = "산림과"\n')
    departments = {
        item.source_path: item.department for item in read_all(tmp_path) if isinstance(item, PressRelease)
    }
    assert departments == {"a.csv": "관광과", "a.txt": "산림과"}


def test_of_several_columns_the_first_that_is_filled_counts(tmp_path: Path) -> None:
    rows = [
        ("작성일", "등록일", "제목", "내용", "본문", "제목"),
        ("2023-04-01", "2023-04-25", "봄꽃길", "짧은 글", "긴 글", "다른 제목"),
        ("2023-04-01", "", "", "짧은 글", " ", "다른 제목"),
    ]
    file = write(tmp_path, "a.csv", as_csv(rows))
    first, second = (item for item in read_file(file) if isinstance(item, PressRelease))
    assert (first.title, first.body, first.published_at) == (
        "봄꽃길",
        "긴 글",
        datetime(2023, 4, 25, tzinfo=SEOUL),
    )
    assert (second.title, second.body, second.published_at) == (
        "다른 제목", "짧은 글", datetime(2023, 4, 1, tzinfo=SEOUL),
    )  # fmt: skip
    inspected = inspect_export(file)
    assert {(use.name, use.field, use.order) for use in inspected.columns} == {
        ("작성일", "published", 2), ("등록일", "published", 1), ("제목", "title", 1), ("제목", "title", 2),
        ("내용", "body", 2), ("본문", "body", 1),
    }  # fmt: skip


def test_two_embargoes_that_differ_refuse_the_row(tmp_path: Path) -> None:
    rows = [
        ("제목", "본문", "엠바고", "보도일시"),
        ("하나", "글", "2023-04-25 09:00", "2023-04-26"),
        ("둘", "글", "", "45041.375"),
    ]
    titles, (problem,) = problems_of(tmp_path, "a.csv", as_csv(rows))
    assert (titles, problem.line) == (["둘"], 2)
    (release,) = (
        item for item in read_file(CorpusFile(tmp_path / "a.csv", "a.csv")) if isinstance(item, PressRelease)
    )
    assert release.embargo_until == datetime(2023, 4, 25, 9, tzinfo=SEOUL)


# Rows


@pytest.mark.parametrize("name", FORMATS)
def test_a_bad_row_is_told_with_its_number_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    rows = [
        ("제목", "본문", "등록일"),
        ("하나", "두\n줄", "2023-04-25"),
        ("", "제목이 없다", "2023-04-25"),
        ("둘", "글", "언젠가"),
        ("셋", "글", ""),
        ("넷", "\x0b", ""),
    ]
    table = rows if name != "a.xlsx" else rows[:5]
    titles, problems = problems_of(tmp_path, name, FORMATS[name](table))
    assert titles == ["하나", "셋"]
    first = 2 if name == "a.json" else 3
    assert [problem.line for problem in problems] == [first, first + 1, first + 3][: len(table) - 3]


def test_empty_rows_are_skipped_and_counted(tmp_path: Path) -> None:
    text = "제목,본문\n\n,\n하나,글\n\n어느 날,글,넘치는 칸\n"
    titles, (problem,) = problems_of(tmp_path, "a.csv", text)
    assert (titles, problem.line, "칸" in problem.reason) == (["하나"], 6, True)
    table: Table = [("제목", "본문", "등록일"), (), ("하나", "글"), (None, " "), ("둘", "글", "언젠가")]
    titles, (problem,) = problems_of(tmp_path, "a.xlsx", xlsx(table))
    assert (titles, problem.line) == (["하나"], 5)


def test_rows_may_be_shorter_than_the_header(tmp_path: Path) -> None:
    one, two = releases_of(tmp_path, "a.csv", "제목,본문,부서\n하나\n둘,글,관광과,,\n")
    assert (one.title, one.body, two.department) == ("하나", "", "관광과")


@pytest.mark.parametrize("name", FORMATS)
def test_without_a_body_the_titles_are_read_with_a_warning(tmp_path: Path, name: str) -> None:
    titles, (problem,) = problems_of(
        tmp_path, name, FORMATS[name]([("제목", "등록일"), ("하나", "2023-04-25")])
    )
    assert (titles, problem.severity, problem.line) == (["하나"], "warning", None)
    assert "[columns]" in problem.hint


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_of_a_portal_is_read_as_a_json_line_is(tmp_path: Path, name: str) -> None:
    rows = [
        ("제목", "본문", "첨부파일", "부제"),
        ("&#039;봄꽃길&#039;", "본문 없음", "가.hwp\nhttps://e.org/나.pdf", "'봄꽃길'"),
    ]
    (release,) = releases_of(tmp_path, name, FORMATS[name](rows))
    assert (release.title, release.body, release.subtitles) == ("'봄꽃길'", "", ())
    assert [item.name for item in release.attachments] == ["가.hwp", "나.pdf"]


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.xlsx"])
@pytest.mark.parametrize("is_escaped", [False, True])
def test_a_body_that_is_html_is_read_as_a_page_shows_it(tmp_path: Path, name: str, is_escaped: bool) -> None:
    body = (
        "<p style='x'>두루미시가 <b>봄꽃</b>길을 연다.</p><script>alert('숨은 글')</script>길은 열두 곳이다.<br/>끝"
        "<table><tr><td>구간</td><td>1.2km</td></tr><tr><td>문의</td><td>관광과</td></tr></table>"
    )
    if is_escaped:
        body = body.replace("<", "&lt;").replace(">", "&gt;")
    rows: Table = [("제목", "내용"), ("봄꽃길", body), ("둘", "a<b이고 <표 1>과 <그림>, <b를 보라")]
    makers: dict[str, Callable[[Table], bytes]] = {"a.json": as_json, "a.csv": as_csv, "a.xlsx": xlsx}
    content = makers[name](rows)
    first, second = releases_of(tmp_path, name, content)
    assert first.body.split("\n") == [
        "두루미시가 봄꽃길을 연다.", "길은 열두 곳이다.", "끝", "구간 | 1.2km", "문의 | 관광과",
    ]  # fmt: skip
    assert second.body == "a<b이고 <표 1>과 <그림>, <b를 보라"


def test_an_attachment_that_is_a_table_stays_one(tmp_path: Path) -> None:
    write(tmp_path, "보도.txt", "봄꽃길 열린다\n\n두루미시가 봄꽃길을 연다.\n")
    for name in ("보도_붙임1.xlsx", "보도.첨부/표.csv", "자료.json"):
        write(tmp_path, name, as_csv([NAMES, FIRST]))
    write(tmp_path, "보도.toml", 'attachments = ["자료.json"]\n')
    (release,) = read_all(tmp_path)
    assert isinstance(release, PressRelease)
    assert {item.name for item in release.attachments} == {"보도_붙임1.xlsx", "표.csv", "자료.json"}
    assert "봄꽃길을 연다." in release.body
    assert len(release.sections) == 1


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx"])
def test_a_csv_may_be_in_any_encoding_with_any_delimiter(
    tmp_path: Path, encoding: str, delimiter: str, name: str
) -> None:
    first = [value.replace("“", "'").replace("”", "'") for value in FIRST]
    text = csv_text([NAMES, first, SECOND], delimiter=delimiter)
    one, two = releases_of(tmp_path, name, text.encode(encoding))
    assert (one.body.splitlines()[0], two.title) == ("두루미시가, 봄꽃길을 연다.", "장미길")


def test_a_csv_in_cp949_that_begins_in_ascii(tmp_path: Path) -> None:
    rows = [
        ("title", "body"),
        *((f"news {number}", "text") for number in range(9_000)),
        ("봄꽃길 열린다", "창원시가 길을 연다고 밝혔다."),
    ]
    *_, last = releases_of(tmp_path, "a.csv", csv_text(rows).encode("cp949"))
    assert last.title == "봄꽃길 열린다"


def test_broken_bytes_refuse_their_row(tmp_path: Path) -> None:
    data = as_csv([NAMES, FIRST, SECOND, *([FIRST] * 50)]).replace("장미길을".encode(), b"\xff\xfe")
    titles, (problem,) = problems_of(tmp_path, "a.csv", data)
    assert (len(titles), problem.line, "인코딩" in problem.reason) == (51, 4 - 1, True)


def test_a_nul_refuses_its_row(tmp_path: Path) -> None:
    titles, (problem,) = problems_of(tmp_path, "a.csv", "제목,본문\n하나,글\n둘,글\0글\n셋,글\n")
    assert (titles, problem.line) == (["하나", "셋"], 3)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('둘,"그는 "안녕"이라 했다"\n', 3),
        ('둘,"닫히지 않은 글\n', 3),
        ('둘,"여러 줄의\n"안녕" 글,과\n쉼표 글"\n', 3),
    ],
)
def test_a_broken_quotation_costs_its_row_only(tmp_path: Path, broken: str, line: int) -> None:
    text = f'제목,본문\n하나,"글\n글"\n{broken}"셋","글"\n넷,글\n'
    titles, (problem,) = problems_of(tmp_path, "a.csv", text)
    assert (titles, problem.line) == (["하나", "셋", "넷"], line)
    assert "번째 줄" in problem.reason


@given(st.text('제목,본문\n"; \r\t가', max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    for item in read_file(write(folder, "a.csv", f"제목,본문\n{text}")):
        assert isinstance(item, PressRelease | ReadProblem)
        assert "뜻하지 않은" not in getattr(item, "reason", "")


def test_excel_may_state_the_delimiter(tmp_path: Path) -> None:
    titles, (problem,) = problems_of(tmp_path, "a.csv", "sep=|\r\n제목|본문\r\n하나|글, 글\r\n|글\r\n")
    assert (titles, problem.line) == (["하나"], 3)


def test_a_formula_is_text(tmp_path: Path) -> None:
    (release,) = releases_of(tmp_path, "a.csv", '제목,본문\n"=HYPERLINK(""http://e.org"")",=1+1\n')
    assert (release.title, release.body) == ('=HYPERLINK("http://e.org")', "=1+1")


def test_a_title_row_above_the_header(tmp_path: Path) -> None:
    (release,) = releases_of(tmp_path, "a.csv", "2023년 보도자료 목록,,\n\n글번호,제목,본문\n3,하나,글\n")
    assert (release.id, release.title) == ("3", "하나")


# JSON


@pytest.mark.parametrize(
    "path", [("data",), ("items",), ("list",), ("response", "body", "items", "item"), ("a.b", "item"), ()]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_the_list_may_stand_under_any_name(tmp_path: Path, path: tuple[str, ...], encoding: str) -> None:
    content: object = [{"제목": "봄꽃길 열린다", "내용": "창원시가 길을 연다고 밝혔다."}, {"제목": "장미길"}]
    for name in reversed(path):
        content = {
            "totalCount": 2,
            "columns": [{"name": "제목"}],
            "tags": ["제목"],
            name: content,
            "pageNo": 1,
        }
    text = json.dumps(content, ensure_ascii=False)
    assert [one.title for one in releases_of(tmp_path, "a.json", text.encode(encoding))] == [
        "봄꽃길 열린다",
        "장미길",
    ]


def test_the_list_with_bodies_is_taken(tmp_path: Path) -> None:
    content = {
        "title": "목록",
        "menus": [{"title": "정치"}],
        "data": [{"files": [{"title": "가", "body": "나"}]}, {"title": "봄꽃길", "body": "글"}],
    }
    titles, (problem,) = problems_of(tmp_path, "a.json", json.dumps(content))
    assert (titles, problem.line) == (["봄꽃길"], 1)


def test_one_object_is_one_release(tmp_path: Path) -> None:
    content = {"response": {"body": {"items": {"item": {"제목": "봄꽃길", "내용": "글"}}}}}
    assert read_one(tmp_path, "a.json", json.dumps(content)).title == "봄꽃길"


@pytest.mark.parametrize(
    ("written", "number"),
    [("12", "12"), ("12.0", "12"), ('"012"', "012"), ("1e3", "1000"), ("12.5", "12.5"), ("9007199254740993", "9007199254740993"), ("true", "True"), ("1e99", "1E+99")],
)  # fmt: skip
def test_numbers_are_ids_as_they_are_written(tmp_path: Path, written: str, number: str) -> None:
    assert read_one(tmp_path, "a.json", f'[{{"id": {written}, "title": "가", "body": "글"}}]').id == number


def test_lists_and_objects_within_a_row(tmp_path: Path) -> None:
    row = {
        "title": "가",
        "body": ["첫째", "둘째"],
        "부서": {"name": "x"},
        "첨부": ["가.hwp", {"url": "x"}],
        "기관": ["갑", "을"],
    }
    release = read_one(tmp_path, "a.json", json.dumps([row]))
    assert (release.body, release.department, release.outlet) == ("첫째\n둘째", "", "갑, 을")
    assert [item.name for item in release.attachments] == ["가.hwp"]


@pytest.mark.parametrize(
    ("content", "titles", "line"),
    [
        ('[{"title": "가", "body": "글"}, {"title": "나", "bo', ["가"], 2),
        ('[{"title": "가", "body": "글"}, 3, {"title": "다", "body": "글"}]', ["가", "다"], 2),
        ('{"title": "가", "body": "글"}\n{"title": "나", "body": "글"}\n', ["가"], 2),
        ('[{"title": "가", "body": "글"}] 그리고', ["가"], 2),
    ],
)
def test_a_broken_json_is_read_as_far_as_it_goes(
    tmp_path: Path, content: str, titles: list[str], line: int
) -> None:
    read, (problem,) = problems_of(tmp_path, "a.json", content)
    assert (read, problem.line) == (titles, line)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[",
        '{"a": }',
        "제목: 가",
        "[1, 2]",
        "[]",
        "{}",
        '{"error": "not found"}',
        "[" * 100_000,
        '[{"title": "가", "x": ' + "[" * 100_000,
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    refuse_one(tmp_path, "a.json", content)


def test_json_lines_under_another_name_are_told(tmp_path: Path) -> None:
    assert ".jsonl" in problems_of(tmp_path, "a.json", '{"title": "가", "body": "글"}\n' * 2)[1][0].hint


# XLSX


def test_cells_of_every_kind(tmp_path: Path) -> None:
    rows: Table = [
        ("글번호", "제목", "본문", "등록일"),
        (12, "하나", "글\n둘째", datetime(2023, 4, 25, 1, 28)),
        (13.0, "둘", "=1+1", date(2023, 4, 25)),
        ("014", 2023, True, 45041),
        (15, "넷", "글", "2023. 4. 25.(화)"),
        (16, "다섯", "글", 45041.0625),
    ]
    releases = releases_of(tmp_path, "a.xlsx", xlsx(rows))
    assert [one.id for one in releases] == ["12", "13", "014", "15", "16"]
    assert [one.title for one in releases] == ["하나", "둘", "2023", "넷", "다섯"]
    day = datetime(2023, 4, 25, tzinfo=SEOUL)
    times = [day.replace(hour=1, minute=28), day, day, day, day.replace(hour=1, minute=30)]
    assert [one.published_at for one in releases] == times
    assert [one.published_precision for one in releases] == ["time", "day", "day", "day", "time"]


def test_the_first_sheet_with_a_header_is_read(tmp_path: Path) -> None:
    cover = [("보도자료 내려받기",), ("2023년",)]
    (release,) = releases_of(tmp_path, "a.xlsx", xlsx(cover, [], [NAMES, FIRST], [NAMES, SECOND]))
    assert release.title == "봄꽃길 열린다"


def test_merged_cells_of_the_header(tmp_path: Path) -> None:
    rows: Table = [
        ("2023년 보도자료", None, None, None),
        ("글번호", "보도자료", None, "등록일"),
        (None, "제목", "내용", None),
        (3, "하나", "글", "2023-04-25"),
    ]
    (release,) = releases_of(tmp_path, "a.xlsx", xlsx(rows, merged=["A1:D1", "A2:A3", "B2:C2", "D2:D3"]))
    assert (release.id, release.body, release.published_at) == (
        "3",
        "글",
        datetime(2023, 4, 25, tzinfo=SEOUL),
    )


def test_strings_with_runs_and_escapes(tmp_path: Path) -> None:
    strings = (
        "<si><t>제목</t></si><si><r><t>봄꽃</t></r><r><rPr/><t>길</t></r><rPh sb='0' eb='1'><t>발음</t></rPh></si>"
        "<si><t>첫째_x000D_\n둘째</t></si>"
    )
    sheet = (
        '<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>본문</t></is></c></row>'
        '<row r="5"><c r="A5" t="s"><v>1</v></c><c r="B5" t="s"><v>2</v></c></row>'
        '<row r="6"><c r="A6" t="s"><v>99</v></c></row><row r="7"><c r="A7" t="e"><v>#N/A</v></c><c r="B7" t="str"><v>글</v></c></row>'
        '<row r="9"><c r="A9" t="s"><v>1</v></c><c r="ZZZZZZ9"><v>1</v></c></row>'
    )
    titles, problems = problems_of(tmp_path, "a.xlsx", raw_xlsx(sheet, strings))
    assert (titles, [problem.line for problem in problems]) == (["봄꽃길"], [6, 7, 9])
    first = next(
        item
        for item in read_file(CorpusFile(tmp_path / "a.xlsx", "a.xlsx"))
        if isinstance(item, PressRelease)
    )
    assert first.body.splitlines() == ["첫째", "둘째"]


# What it is, whatever it is called


def test_a_workbook_may_be_called_csv(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json"):
        assert read_one(tmp_path, name, xlsx([NAMES, FIRST])).title == "봄꽃길 열린다"


def test_a_workbook_under_another_name_is_told(tmp_path: Path) -> None:
    write(tmp_path, "목록.dat", xlsx([NAMES, FIRST]))
    (problem,) = read_all(tmp_path)
    assert isinstance(problem, ReadProblem)
    assert ".xlsx" in problem.hint


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.csv"])
def test_a_table_of_html_is_told(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "<table><tr><td>제목</td></tr><tr><td>봄꽃길</td></tr></table>")
    (problem,) = read_all(tmp_path)
    assert isinstance(problem, ReadProblem)
    assert ("HTML" in problem.reason, "XLSX" in problem.hint) == (True, True)


def test_a_document_called_xlsx_is_still_read(tmp_path: Path) -> None:
    from tests.support.documents import hwpx, paragraph

    made = hwpx(
        paragraph("하노버에 첫 창원공동관"),
        paragraph("창원시(시장 홍남표)는 4월 3일 공동관을 열었다고 밝혔다."),
    )
    assert read_one(tmp_path, "a.xlsx", made).title == "하노버에 첫 창원공동관"
