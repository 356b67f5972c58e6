"""HWPX, DOCX and PDF: what is kept, what goes, and what is told of a file that cannot be read."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx

from indexer.release import SEOUL, PressRelease, Section
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write
from tests.support.documents import docx_bytes, docx_of, hwpx, paragraph, pdf, run, sublist, table, word
from tests.support.releases import LEAD, release_hwpx

# Fields of an official release


def test_an_official_release_fills_its_fields(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.hwpx", release_hwpx())
    assert release.title == "하노버에 첫 창원공동관"
    assert release.subtitles == ("국가산단 혁신 방안 찾는다",)
    assert release.outlet == "창원시"
    assert release.department == "투자유치단"
    assert release.contact == "과장 김하나 055-225-3000, 주무관 이둘 055-225-3001"
    assert release.published_at == datetime(2023, 4, 3, 9, tzinfo=SEOUL)
    assert release.embargo_until == datetime(2023, 4, 4, 12, tzinfo=SEOUL)
    assert release.body.startswith(LEAD)


def test_a_document_without_a_title_is_refused_with_the_way_out(tmp_path: Path) -> None:
    refusal = refuse_one(tmp_path, "a.hwpx", hwpx(table([["가", "나"], ["다", "라"]])))
    assert "제목" in refusal.reason
    assert "a.toml" in refusal.hint


# What is kept


def test_hwpx_keeps_notes_captions_boxes_and_rows_and_drops_running_heads(tmp_path: Path) -> None:
    running = f"<hp:ctrl><hp:header>{sublist('머리말')}</hp:header></hp:ctrl>"
    note = f'<hp:ctrl><hp:footNote number="1">{sublist("각주의 글이다.")}</hp:footNote></hp:ctrl>'
    box = f"<hp:rect><hp:drawText>{sublist('글상자의 글이다.')}</hp:drawText></hp:rect>"
    body = read_one(
        tmp_path,
        "a.hwpx",
        release_hwpx(
            paragraph("둘째 문단이다.", running + note),
            paragraph("셋째 문단이다.", box),
            table([["구분", "건수"], ["산불", "12"]], caption="지난해 산불"),
        ),
    ).body.splitlines()
    assert "둘째 문단이다." in body
    assert "각주의 글이다." in body
    assert "글상자의 글이다." in body
    assert body[body.index("지난해 산불") :][:3] == ["지난해 산불", "구분 | 건수", "산불 | 12"]
    assert "머리말" not in body


def test_an_annex_begins_a_section(tmp_path: Path) -> None:
    release = read_one(
        tmp_path, "a.hwpx", release_hwpx(table([["붙임1", "", "공동관 배치도"]]), paragraph("배치는 이렇다."))
    )
    assert release.headings == ("붙임1 공동관 배치도",)


def test_a_table_is_a_section_that_says_which_one_it_is(tmp_path: Path) -> None:
    rows = table([["구분", "건수"], ["산불", "12"]], caption="지난해 산불")
    release = read_one(tmp_path, "a.hwpx", release_hwpx(rows, paragraph("표 아래의 글이다.")))
    # The table of times above the title is the first.
    assert [(section.heading, section.table) for section in release.sections] == [
        ("", 0), ("", 2), ("", 0), ("", 3),
    ]  # fmt: skip
    assert release.sections[1].paragraphs == ("지난해 산불", "구분 | 건수", "산불 | 12")
    assert release.section_at(release.body.index("산불 | 12")).table == 2
    assert release.section_at(release.body.index("표 아래")).table == 0


def test_docx_keeps_notes_boxes_and_merged_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "머리말"
    document.add_heading("하노버에 첫 창원공동관", 0)
    document.add_paragraph(LEAD)
    document.add_heading("공동관 규모", 1)
    grid = document.add_table(2, 3)
    grid.cell(0, 0).merge(grid.cell(1, 0)).text = "부스"
    for cell, text in zip((*grid.row_cells(0)[1:], *grid.row_cells(1)[1:]), "가나다라", strict=True):
        cell.text = text
    release = read_one(tmp_path, "a.docx", docx_bytes(document))
    assert (release.title, release.outlet) == ("하노버에 첫 창원공동관", "창원시")
    assert release.headings == ("공동관 규모",)
    assert release.sections[1] == Section("공동관 규모", ("부스 | 가 | 나", "다 | 라"), table=1)
    assert "머리말" not in release.body


def test_docx_footnotes_follow_their_paragraph(tmp_path: Path) -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    title = word(run("큰 제목이다", '<w:sz w:val="48"/>'))
    made = docx_of(title, word(run(LEAD), reference), notes={2: "각주의 글이다."})
    release = read_one(tmp_path, "a.docx", made)
    assert release.title == "큰 제목이다"
    assert release.body.splitlines() == [LEAD, "각주의 글이다."]


# PDF


def column(
    x: float, lines: list[str], top: float = 200, size: float = 10
) -> list[tuple[float, float, float, str]]:
    return [(x, top + 14 * number, size, line) for number, line in enumerate(lines)]


def test_a_pdf_is_read_column_after_column(tmp_path: Path) -> None:
    left = [f"왼쪽 단의 {word} 줄이 여기에 있다" for word in ("첫째", "둘째", "셋째", "넷째", "다섯째")]
    right = [f"오른 단의 {word} 줄이 여기에 있다" for word in ("첫째", "둘째", "셋째", "넷째", "다섯째")]
    title = [(60.0, 100.0, 24.0, "하노버에 첫 창원공동관")]
    release = read_one(tmp_path, "a.pdf", pdf([*title, *column(60, left), *column(320, right)]))
    assert release.title == "하노버에 첫 창원공동관"
    text = release.body.replace("\n", " ")
    places = [text.index(line) for line in (*left, *right)]
    assert places == sorted(places)


def test_pdf_tables_are_rows_and_running_heads_go(tmp_path: Path) -> None:
    rules = [(60.0, y, 300.0, y) for y in (300.0, 330.0, 360.0)]
    rules += [(x, 300.0, x, 360.0) for x in (60.0, 180.0, 300.0)]
    cells = [(70.0, 320.0, 10.0, "구분"), (190.0, 320.0, 10.0, "건수")]
    cells += [(70.0, 350.0, 10.0, "산불"), (190.0, 350.0, 10.0, "12")]
    pages = [
        [(60.0, 30.0, 9.0, "창원시 보도자료"), (280.0, 820.0, 9.0, f"- {number} -"), *extra]
        for number, extra in (
            (1, [(60.0, 100.0, 24.0, "지난해 산불 소식"), (60.0, 200.0, 10.0, LEAD[:29]), *cells]),
            (2, [(60.0, 200.0, 10.0, "둘째 쪽의 글이다.")]),
        )
    ]
    release = read_one(tmp_path, "a.pdf", pdf(*pages, lines=rules))
    assert release.title == "지난해 산불 소식"
    lines = release.body.splitlines()
    assert lines == [LEAD[:29], "구분 | 건수", "산불 | 12", "둘째 쪽의 글이다."]
    assert [(len(section.paragraphs), section.page, section.table) for section in release.sections] == [
        (1, 1, 0), (2, 1, 1), (1, 2, 0),
    ]  # fmt: skip


def test_a_scan_is_told(tmp_path: Path) -> None:
    assert "스캔" in refuse_one(tmp_path, "a.pdf", pdf([])).reason


def test_a_pdf_with_a_password_is_told(tmp_path: Path) -> None:
    locked = pdf([(60.0, 100.0, 12.0, "글이다")]).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<"
        + b"11" * 32
        + b">/U<"
        + b"22" * 32
        + b">>>",
    )
    assert "암호" in refuse_one(tmp_path, "a.pdf", locked).reason


# What would do harm


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    packed = BytesIO(hwpx(paragraph("가")))
    with ZipFile(packed, "a", ZIP_DEFLATED) as package:
        package.writestr("Contents/section1.xml", " " * 250_000_000)
    assert "폭탄" in refuse_one(tmp_path, "a.hwpx", packed.getvalue()).reason


def test_billion_laughs_is_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    section = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a>&l9;</a>'
    assert refuse_one(tmp_path, "a.hwpx", hwpx(section=section)).reason


def test_a_refused_file_leaves_the_next_one_unharmed(tmp_path: Path) -> None:
    bad = write(tmp_path, "a.hwpx", hwpx(section="<a>" * 50_000))
    (refusal,) = read_file(bad)
    assert isinstance(refusal, ReadProblem)
    (release,) = read_file(CorpusFile(write(tmp_path, "b.hwpx", release_hwpx()).path, "b.hwpx"))
    assert isinstance(release, PressRelease)
