"""What a reader of a document sees is read, once; what is deleted or hidden is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.formats.hwpx_section import visible_section
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write
from tests.support.documents import (
    docx_of,
    hwpx,
    paragraph,
    pdf,
    run,
    sublist,
    table,
    text_of,
    tracked,
    word,
    word_cell,
    word_table,
)

TITLE = "새 도서관 문 열어"
LEAD = "창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."
WORD_TITLE = word(run(TITLE, '<w:sz w:val="44"/>'))


def lines_of_docx(folder: Path, *body: str, **options: object) -> list[str]:
    made = docx_of(WORD_TITLE, word(LEAD), *body, **options)  # type: ignore[arg-type]
    return read_one(folder, "a.docx", made).body.splitlines()[1:]


def lines_of_hwpx(folder: Path, *body: str) -> list[str]:
    made = hwpx(paragraph(TITLE), paragraph(LEAD), *body)
    return read_one(folder, "a.hwpx", made).body.splitlines()[1:]


# DOCX: tracked changes


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        # A sentence that was moved stands where it is now.
        (
            word(f'<w:moveFrom w:id="1">{run("옮긴 문장이다.")}</w:moveFrom>')
            + word("남은 문장이다.")
            + word(f'<w:moveTo w:id="2">{run("옮긴 문장이다.")}</w:moveTo>'),
            ["남은 문장이다.", "옮긴 문장이다."],
        ),
        (
            word(
                run("예산은 "),
                f'<w:del w:id="1">{run("구백억").replace("w:t", "w:delText")}</w:del>',
                f'<w:ins w:id="2">{run("팔백억")}</w:ins>',
                run(" 원이다."),
            ),
            ["예산은 팔백억 원이다."],
        ),
        # The end of a paragraph is deleted: the next one goes on in its line.
        (
            word(run("예산은 구백억"), properties="<w:rPr><w:del/></w:rPr>") + word(run(" 원이다.")),
            ["예산은 구백억 원이다."],
        ),
        (
            "<w:tbl><w:tr><w:trPr><w:del/></w:trPr>" + word_cell("지운") + word_cell("행") + "</w:tr>"
            "<w:tr>" + word_cell("남은") + word_cell("줄") + "</w:tr></w:tbl>",
            ["남은 | 줄"],
        ),
        (
            "<w:tbl><w:tr>" + word_cell("남은") + word_cell("칸")
            + "<w:tc><w:tcPr><w:cellDel/></w:tcPr>" + word("지운 칸") + "</w:tc></w:tr></w:tbl>",
            ["남은 | 칸"],
        ),
        # The marks of what was moved in a cell.
        (
            word_table(["가", word(f'<w:moveFrom w:id="1">{run("옮긴 말")}</w:moveFrom>', run("남은 말"))]),
            ["가 | 남은 말"],
        ),
    ],
)  # fmt: skip
def test_docx_is_read_as_it_is_after_its_changes(tmp_path: Path, body: str, lines: list[str]) -> None:
    assert lines_of_docx(tmp_path, body) == lines


# DOCX: content controls, boxes, notes


def control(inner: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def test_docx_content_controls_may_stand_around_anything(tmp_path: Path) -> None:
    row = f"<w:tr>{word_cell('담당 부서')}{control(word_cell('도서관정책과'))}</w:tr>"
    whole = control(f"<w:tr>{word_cell('개관일')}{word_cell('오월 첫째 주')}</w:tr>")
    inline = word(run("장소는 "), control(run("진해루")), run("이다."))
    nested = control(control(word("둘레의 문단이다.")))
    table = control(f"<w:tbl><w:tblPr/>{row}{whole}</w:tbl>")
    assert lines_of_docx(tmp_path, table, inline, nested) == [
        "담당 부서 | 도서관정책과",
        "개관일 | 오월 첫째 주",
        "장소는 진해루이다.",
        "둘레의 문단이다.",
    ]


def box(text: str, *, twice: bool) -> str:
    content = f"<w:txbxContent>{word(text)}</w:txbxContent>"
    if not twice:
        return f"<w:r><w:pict>{content}</w:pict></w:r>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{content}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


@pytest.mark.parametrize("twice", [True, False])
def test_docx_a_box_is_read_once_wherever_it_is(tmp_path: Path, twice: bool) -> None:
    drawn = word(run("오른쪽"), box("상자의 글이다.", twice=twice))
    inner = word_table(["안쪽", drawn])
    assert lines_of_docx(
        tmp_path,
        word(run("문단이다."), box("밖의 상자다.", twice=twice)),
        word_table(["왼쪽", drawn]),
        word_table(["겹친", f"{word('표')}"], ["가", "나"]),
        f"<w:tbl><w:tr>{word_cell('바깥')}<w:tc>{inner}{word('')}</w:tc></w:tr></w:tbl>",
    ) == [
        "문단이다.",
        "밖의 상자다.",
        "왼쪽 | 오른쪽 상자의 글이다.",
        "겹친 | 표",
        "가 | 나",
        "바깥 | 안쪽 오른쪽 상자의 글이다.",
    ]


def test_docx_notes_of_cells_and_boxes_are_kept(tmp_path: Path) -> None:
    def noted(number: int) -> str:
        return f'<w:r><w:footnoteReference w:id="{number}"/></w:r>'

    in_box = f"<w:r><w:pict><w:txbxContent>{word(run('상자'), noted(4))}</w:txbxContent></w:pict></w:r>"
    assert lines_of_docx(
        tmp_path,
        word_table(["예산", word(run("백억"), noted(2))], ["기간", word(run("한 해"), noted(3))]),
        word_table(["한 칸", ""], [word(run("둘째"), noted(5)), ""]),
        word(run("문단"), in_box),
        notes={2: "추가경정예산이다.", 3: "오월부터다.", 4: "상자의 각주다.", 5: "틀의 각주다."},
    ) == [
        "예산 | 백억", "기간 | 한 해", "추가경정예산이다.", "오월부터다.",
        "한 칸", "둘째", "틀의 각주다.",
        "문단", "상자", "상자의 각주다.",
    ]  # fmt: skip


# DOCX: hidden text

HIDING = (
    '<w:style w:type="character" w:styleId="Hide"><w:name w:val="Hide"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Child"><w:name w:val="Child"/><w:basedOn w:val="Hide"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Note"><w:name w:val="Note"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (word(run("보이는 말"), run(" 숨긴 말", "<w:vanish/>")), ["보이는 말"]),
        (word(run("보이는 말"), run(" 또 보이는 말", '<w:vanish w:val="0"/>')), ["보이는 말 또 보이는 말"]),
        (word(run("보이는 말"), run(" 숨긴 말", '<w:rStyle w:val="Hide"/>')), ["보이는 말"]),
        (word(run("보이는 말"), run(" 숨긴 말", '<w:rStyle w:val="Child"/>')), ["보이는 말"]),
        (word(run("숨긴 문단"), properties='<w:pStyle w:val="Note"/>'), []),
        (
            word(run("숨긴 문단"), run("드러낸 말", '<w:vanish w:val="false"/>'), properties='<w:pStyle w:val="Note"/>'),
            ["드러낸 말"],
        ),
        (word_table(["가", word(run("나"), run("숨긴 칸", "<w:vanish/>"))]), ["가 | 나"]),
        (
            f"<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr>{word_cell('숨긴')}{word_cell('행')}</w:tr>"
            f"<w:tr>{word_cell('보이는')}{word_cell('행')}</w:tr></w:tbl>",
            ["보이는 | 행"],
        ),
        # The instruction of a field is not shown, its outcome is.
        (
            word(
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', run(" IF 숨긴 조건 "),
                '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', run("보이는 결과"),
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>', run("다."),
            ),
            ["보이는 결과다."],
        ),
    ],
)  # fmt: skip
def test_docx_hidden_text_is_left_out(tmp_path: Path, body: str, lines: list[str]) -> None:
    assert lines_of_docx(tmp_path, body, styles=HIDING) == lines


def test_docx_a_title_in_a_content_control_has_its_size(tmp_path: Path) -> None:
    title = word(control(run(TITLE, '<w:sz w:val="44"/>')))
    assert read_one(tmp_path, "a.docx", docx_of(word("작은 줄이다"), title, word(LEAD))).title == TITLE


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            word(run("온도 25"), '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>', run("도다.")),
            ["온도 25°도다."],
        ),
        (word('<w:r><w:sym w:font="Batang" w:char="2460"/></w:r>', run(" 첫째다.")), ["① 첫째다."]),
        (word('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', run("첫째다.")), ["첫째다."]),
        (
            '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath string="워드아트의 글"/>'
            "</v:shape></w:pict></w:r></w:p>",
            ["워드아트의 글"],
        ),
        # What no reader knows is shown as its fallback.
        (
            f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="zzz"/><mc:Fallback>{box("대신하는 글", twice=False)}'
            "</mc:Fallback></mc:AlternateContent></w:r></w:p>",
            ["대신하는 글"],
        ),
    ],
)
def test_docx_signs_and_word_art_are_text(tmp_path: Path, body: str, lines: list[str]) -> None:
    assert lines_of_docx(tmp_path, body) == lines


def test_docx_parts_of_another_format_are_told(tmp_path: Path) -> None:
    chunk = (
        '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="x"/>'
    )
    assert "altChunk" in refuse_one(tmp_path, "a.docx", docx_of(chunk)).reason
    made = docx_of(WORD_TITLE, word(LEAD), chunk)
    warnings = [item for item in read_file(write(tmp_path, "b.docx", made)) if isinstance(item, ReadProblem)]
    assert [(warning.severity == "warning", "altChunk" in warning.reason) for warning in warnings] == [
        (True, True)
    ]


# HWPX: tracked changes


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            text_of(f"예산은 {tracked('구백억', 'delete')}{tracked('팔백억', 'insert', 2)} 원이다."),
            ["예산은 팔백억 원이다."],
        ),
        (
            table([["예산", "백억"]]).replace("백억", tracked("구백억", "delete") + "팔백억"),
            ["예산 | 팔백억"],
        ),
        # From one paragraph into the third.
        (
            text_of('남은 앞<hp:deleteBegin Id="1" TcId="1"/>지운 뒤')
            + paragraph("지운 문단이다.")
            + text_of('지운 앞<hp:deleteEnd Id="1" TcId="1" paraend="0"/> 남은 뒤'),
            ["남은 앞 남은 뒤"],
        ),
        (
            text_of(tracked("지운 문단이다.", "delete", paraend=1)) + paragraph("다음 문단이다."),
            ["다음 문단이다."],
        ),
        (
            text_of(f"이어진{tracked('', 'delete', paraend=1)}") + text_of(" 문단이다."),
            ["이어진 문단이다."],
        ),
        # A table, and a note, that were deleted as a whole.
        (
            text_of('앞의 글이다.<hp:deleteBegin Id="1" TcId="1"/>')
            + table([["지운", "표"]])
            + text_of('<hp:deleteEnd Id="1" TcId="1" paraend="0"/>뒤의 글이다.'),
            ["앞의 글이다.뒤의 글이다."],
        ),
        # A mark without its other half takes nothing away.
        (
            text_of('남은 글<hp:deleteBegin Id="1" TcId="1"/>이다.') + paragraph("다음이다."),
            ["남은 글이다.", "다음이다."],
        ),
    ],
)
def test_hwpx_is_read_as_it_is_after_its_changes(tmp_path: Path, body: str, lines: list[str]) -> None:
    file = write(tmp_path, "a.hwpx", hwpx(paragraph(TITLE), paragraph(LEAD), body))
    (release,) = (item for item in read_file(file) if isinstance(item, PressRelease))
    assert release.body.splitlines()[1:] == lines


def test_hwpx_a_mark_without_its_other_half_is_told(tmp_path: Path) -> None:
    body = text_of('남은 글<hp:deleteBegin Id="1" TcId="1"/>이다.')
    file = write(tmp_path, "a.hwpx", hwpx(paragraph(TITLE), paragraph(LEAD), body))
    warnings = [item for item in read_file(file) if isinstance(item, ReadProblem)]
    assert [warning.severity == "warning" for warning in warnings] == [True]
    assert "변경 추적" in warnings[0].reason


@given(
    st.lists(
        st.tuples(st.sampled_from("가나다라 "), st.sampled_from(("keep", "insert", "delete"))), max_size=12
    )
)
def test_hwpx_exactly_the_deleted_letters_go(letters: list[tuple[str, str]]) -> None:
    inner = "".join(
        letter if kind == "keep" else tracked(letter, kind, number)
        for number, (letter, kind) in enumerate(letters, 1)
    )
    namespace = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
    accepted, whole = visible_section(f"<hp:sec {namespace}>{text_of(inner)}</hp:sec>".encode())
    kept = "".join(letter for letter, kind in letters if kind != "delete")
    assert whole
    assert accepted.decode().partition("<hp:t>")[2].partition("</hp:t>")[0] == kept or not kept


# HWPX: what Hangul does not show


def test_hwpx_names_of_bookmarks_and_hidden_comments_are_no_text(tmp_path: Path) -> None:
    bookmark = '<hp:ctrl><hp:bookmark name="책갈피 이름"/></hp:ctrl>'
    comment = f"<hp:ctrl><hp:hiddenComment>{sublist('숨은 설명이다.')}</hp:hiddenComment></hp:ctrl>"
    marked = (
        f'<hp:p id="1"><hp:run charPrIDRef="0">{bookmark}<hp:t>책갈피 뒤의 글이다.</hp:t></hp:run></hp:p>'
    )
    cells = table([["구분", "값"]]).replace("</hp:t>", f"</hp:t>{bookmark}{comment}")
    only = f'<hp:p id="1"><hp:run charPrIDRef="0">{bookmark}</hp:run></hp:p>'
    assert lines_of_hwpx(tmp_path, only, marked, paragraph("설명 앞의 글이다.", comment), cells) == [
        "책갈피 뒤의 글이다.", "설명 앞의 글이다.", "구분 | 값",
    ]  # fmt: skip


def test_hwpx_word_art_captions_of_shapes_and_numbers_are_text(tmp_path: Path) -> None:
    caption = f"<hp:caption>{sublist('상자의 설명')}</hp:caption>"
    numbered = '<hp:ctrl><hp:autoNum num="3" numType="TABLE"/></hp:ctrl><hp:t> 시민의 수</hp:t>'
    assert lines_of_hwpx(
        tmp_path,
        paragraph("앞", '<hp:textart text="글맵시의 글"/>'),
        paragraph("가운데", f"<hp:rect>{caption}<hp:drawText>{sublist('상자의 글')}</hp:drawText></hp:rect>"),
        paragraph("선", f"<hp:line>{caption}</hp:line>"),
        paragraph("표 ", numbered),
        table([["구분", "수"]]).replace("수", f"{'</hp:t>'}<hp:textart text='칸의 글맵시'/><hp:t>수"),
    ) == [
        "앞", "글맵시의 글", "가운데", "상자의 글", "상자의 설명", "선", "상자의 설명", "표 3 시민의 수",
        "구분 | 수 칸의 글맵시",
    ]  # fmt: skip


def test_hwpx_a_document_that_begins_with_a_bookmark_keeps_its_title(tmp_path: Path) -> None:
    bookmark = '<hp:ctrl><hp:bookmark name="처음"/></hp:ctrl>'
    title = f'<hp:p id="1"><hp:run charPrIDRef="0">{bookmark}<hp:t>{TITLE}</hp:t></hp:run></hp:p>'
    assert read_one(tmp_path, "a.hwpx", hwpx(title, paragraph(LEAD))).title == TITLE


def test_text_in_brackets_that_a_reader_sees_stays(tmp_path: Path) -> None:
    assert lines_of_hwpx(tmp_path, paragraph("[bookmark: 책갈피] 기능을 새로 넣었다.")) == [
        "[bookmark: 책갈피] 기능을 새로 넣었다."
    ]


@pytest.mark.parametrize("mimetype", [None, "", "application/zip", "application/hwp+zip\n"])
def test_hwpx_without_its_mark_is_read(tmp_path: Path, mimetype: str | None) -> None:
    release = read_one(tmp_path, "a.hwpx", hwpx(paragraph(TITLE), paragraph(LEAD), mimetype=mimetype))
    assert (release.title, release.body) == (TITLE, LEAD)


# The letters of Hancom's private use area


def test_private_letters_of_hangul_are_shown_as_public_ones(tmp_path: Path) -> None:
    made = hwpx(
        paragraph("\uf53a글과컴퓨터, 새 제품 내놔"),
        paragraph(LEAD),
        paragraph("\U000f02b1 첫째, 제품\U000f02ef서비스를 넓힌다."),
        table([["구분", "\U000f02b2"]]),
    )
    release = read_one(tmp_path, "a.hwpx", made)
    assert release.title == "ᄒᆞᆫ글과컴퓨터, 새 제품 내놔"
    assert release.body.splitlines()[1:] == ["① 첫째, 제품·서비스를 넓힌다.", "구분 | ②"]


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl"])
def test_private_letters_in_texts_and_records_too(tmp_path: Path, name: str) -> None:
    title, body = "\uf53a글 날", "\U000f02b1 첫째를 알린다."
    text = f'{{"title":"{title}","body":"{body}"}}' if name == "a.jsonl" else f"{title}\n\n{body}\n"
    text = f"---\ntitle: {title}\n---\n{body}\n" if name == "a.md" else text
    release = read_one(tmp_path, name, text.encode())
    assert (release.title, release.body) == ("ᄒᆞᆫ글 날", "① 첫째를 알린다.")


# PDF: strikes, letters without a table, what is outside of the page


@pytest.mark.parametrize(
    "strikes", [[(0.4, 0.0)], [(0.3, 0.0), (0.6, 0.0)], [(1.5, 1.5)], [(4.0, 4.0)], [(0.0, 0.3)]]
)
def test_pdf_letters_that_are_struck_again_are_read_once(
    tmp_path: Path, strikes: list[tuple[float, float]]
) -> None:
    words = [(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 12.0, LEAD)]
    again = [
        (x + dx, y + dy, size, text)
        for x, y, size, text in words
        for dx, dy in strikes
        if size > 12 or dx < 1
    ]
    release = read_one(tmp_path, "a.pdf", pdf([*words, *again]))
    assert (release.title, release.body) == (TITLE, LEAD)


def test_pdf_letters_that_are_double_stay(tmp_path: Path) -> None:
    doubled = "하하하 웃는 마을 1100명이 ㅋㅋㅋ 웃었다."
    release = read_one(tmp_path, "a.pdf", pdf([(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 12.0, doubled)]))
    assert release.body == doubled


def test_a_pdf_whose_font_names_no_letters_is_refused(tmp_path: Path) -> None:
    made = pdf([(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 12.0, LEAD)], known=None)
    refusal = refuse_one(tmp_path, "a.pdf", made)
    assert "글자를 알 수 없는 PDF" in refusal.reason
    assert "OCR" in refusal.hint
    # A title beside it does not make its text any better.
    write(tmp_path, "a.toml", f'title = "{TITLE}"'.encode())
    assert "글자를 알 수 없는 PDF" in refuse_one(tmp_path, "a.pdf", made).reason


def test_a_pdf_of_private_letters_is_refused(tmp_path: Path) -> None:
    made = pdf(
        [(60.0, 100.0, 22.0, "\uf0a1\uf0a2\uf0a3\uf0a4\uf0a5\uf0a6"), (60.0, 200.0, 12.0, "\uf0b1" * 40)]
    )
    assert "글자를 알 수 없는 PDF" in refuse_one(tmp_path, "a.pdf", made).reason


def test_letters_that_a_pdf_does_not_name_are_left_out_with_a_warning(tmp_path: Path) -> None:
    # Without a name are the letters from U+C900 on: 준, 창, 특, 하, 홍.
    made = pdf([(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 12.0, f"{LEAD} 준공")], known=(0, 0xC8FF))
    items = list(read_file(write(tmp_path, "a.pdf", made)))
    (release,) = (item for item in items if isinstance(item, PressRelease))
    (warning,) = (item for item in items if isinstance(item, ReadProblem))
    assert "cid" not in release.body
    assert "새 도서관" in release.body
    assert warning.severity == "warning"
    assert "자를 빼고" in warning.reason


@pytest.mark.parametrize(
    "boxes", ["/MediaBox[0 0 595 842]/CropBox[0 60 595 780]", "/MediaBox[0 -80 595 780]/CropBox[0 0 595 780]"]
)
def test_what_stands_outside_of_the_page_is_no_text(tmp_path: Path, boxes: str) -> None:
    words = [
        (60.0, 100.0, 22.0, TITLE),
        (60.0, 200.0, 12.0, LEAD),
        (60.0, 30.0, 8.0, "창원시보.indd 인쇄용 표시"),
    ]
    release = read_one(tmp_path, "a.pdf", pdf(words, boxes=boxes))
    assert (release.title, release.body) == (TITLE, LEAD)


def test_pdf_a_table_in_a_cell_is_read_once(tmp_path: Path) -> None:
    def frame(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
        return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]

    rules = [*frame(60, 250, 300, 350), (160, 250, 160, 350), (60, 280, 300, 280)]
    rules += [*frame(170, 290, 290, 340), (230, 290, 230, 340)]
    words = [
        (70.0, 270.0, 10.0, "행사명"), (170.0, 270.0, 10.0, "봄꽃 한마당"), (70.0, 320.0, 10.0, "장소"),
        (180.0, 320.0, 10.0, "진해"), (240.0, 320.0, 10.0, "창원"),
    ]  # fmt: skip
    head = [(60.0, 100.0, 22.0, TITLE), (60.0, 160.0, 10.0, LEAD)]
    body = read_one(tmp_path, "a.pdf", pdf([*head, *words], lines=rules)).body.splitlines()
    assert body == [LEAD, "행사명 | 봄꽃 한마당", "장소", "진해 | 창원"]
