"""docs/formats.md says of every format what is kept, dropped and refused: each word of it is tried."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.extraction.named_fields import field_of_column
from indexer.sources.problems import ReadProblem
from tests.support.corpus import write
from tests.support.documents import (
    docx_bytes,
    docx_of,
    hwpx,
    ole,
    paragraph,
    pdf,
    run,
    sublist,
    table,
    text_of,
    tracked,
    word,
    word_table,
)
from tests.support.exports import xlsx

GUIDE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
TITLE = "새 도서관 문 열어"
LEAD = "창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."
# What a case asks for stands in its document, and in its release or not.
SEEN, UNSEEN = "보이는 글자열", "안 보이는 글자열"


def table_below(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, or below the head of the guide."""
    rows = GUIDE.partition(heading)[2].partition("| --- |")[2].splitlines()[1:]
    stop = next(place for place, row in enumerate(rows) if not row.startswith("|"))
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[:stop]]


def in_hwpx(*body: str) -> bytes:
    return hwpx(paragraph(TITLE), paragraph(LEAD), *body)


def in_docx(*body: str, **options: object) -> bytes:
    return docx_of(word(run(TITLE, '<w:sz w:val="44"/>')), word(LEAD), *body, **options)  # type: ignore[arg-type]


def with_word(change: str) -> bytes:
    """A DOCX with a comment or running heads of python-docx."""
    document = docx.Document()
    document.add_heading(TITLE, 0)
    runs = document.add_paragraph(LEAD).runs
    if change == "comment":
        document.add_comment(runs, text=UNSEEN)
    else:
        document.sections[0].header.paragraphs[0].text = UNSEEN
        document.sections[0].footer.paragraphs[0].text = UNSEEN
    return docx_bytes(document)


def in_pdf(*words: tuple[float, float, float, str], **options: object) -> bytes:
    head = [(60.0, 100.0, 22.0, TITLE), (60.0, 160.0, 10.0, LEAD)]
    return pdf([*head, *words], **options)  # type: ignore[arg-type]


def page(inner: str, beside: str = "") -> bytes:
    return f"<html><body><div><h1>{TITLE}</h1><p>{LEAD}</p>{inner}</div>{beside}</body></html>".encode()


def control(kind: str, text: str) -> str:
    return f"<hp:ctrl><hp:{kind}>{sublist(text)}</hp:{kind}></hp:ctrl>"


MEMO = f'<hp:ctrl><hp:fieldBegin id="1" type="MEMO" name="">{sublist(UNSEEN)}</hp:fieldBegin></hp:ctrl>'
NOTED = '<w:r><w:footnoteReference w:id="2"/></w:r>'
WORD_ART = (
    '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">'
    f'<v:textpath string="{SEEN}"/></v:shape></w:pict></w:r>'
)
BOX = f"<w:r><w:pict><w:txbxContent>{word(SEEN)}</w:txbxContent></w:pict></w:r>"
FIELD = "".join(
    (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', run(UNSEEN),
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', run("결과"), '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
)  # fmt: skip
RULES = [(60.0, y, 300.0, y) for y in (300.0, 330.0)] + [(x, 300.0, x, 330.0) for x in (60.0, 180.0, 300.0)]
HEADED = [(60.0, 20.0, 9.0, UNSEEN), (60.0, 160.0, 10.0, LEAD)]

KEPT: dict[str, dict[str, bytes]] = {
    "HWPX": {
        "문단": in_hwpx(paragraph(SEEN)),
        "표": in_hwpx(table([["구분", SEEN]])),
        "각주·미주": in_hwpx(
            paragraph("글", control("endNote", SEEN)), paragraph("글", control("footNote", SEEN))
        ),
        "글상자": in_hwpx(paragraph("글", f"<hp:rect><hp:drawText>{sublist(SEEN)}</hp:drawText></hp:rect>")),
        "그림·표·도형 설명": in_hwpx(
            paragraph("글", f"<hp:rect><hp:caption>{sublist(SEEN)}</hp:caption></hp:rect>")
        ),
        "글맵시": in_hwpx(paragraph("글", f'<hp:textart text="{SEEN}"/>')),
        "표 번호": in_hwpx(
            paragraph("보이는", '<hp:ctrl><hp:autoNum num=" 글자열" numType="TABLE"/></hp:ctrl>')
        ),
        "한컴 글자": in_hwpx(
            paragraph("보이는\U000f02ef글자열").replace("\U000f02ef", "\uf53a"), paragraph(SEEN)
        ),
    },
    "DOCX": {
        "문단": in_docx(word(SEEN)),
        "표": in_docx(word_table(["구분", SEEN])),
        "각주·미주": in_docx(word(run("글"), NOTED), notes={2: SEEN}),
        "글상자": in_docx(word(run("글"), BOX)),
        "콘텐츠 컨트롤": in_docx(f"<w:sdt><w:sdtContent>{word(SEEN)}</w:sdtContent></w:sdt>"),
        "워드아트": in_docx(word(WORD_ART)),
        "기호": in_docx(
            word(run("보이는 "), '<w:r><w:sym w:font="Batang" w:char="AE00"/></w:r>', run("자열"))
        ),
        "소제목(제목 스타일)": in_docx(word(SEEN, properties='<w:pStyle w:val="Heading1"/>'), word("글")),
    },
    "PDF": {
        "단 차례로 읽은 문단": in_pdf((60.0, 200.0, 10.0, SEEN)),
        "선이 있는 표": in_pdf((70.0, 320.0, 10.0, "구분"), (190.0, 320.0, 10.0, SEEN), lines=RULES),
    },
    "HTML": {
        "기사의 글": page(f"<p>{SEEN}</p>"),
        "표": page(f"<table><tr><td>구분</td><td>{SEEN}</td></tr></table>"),
        "첨부 링크": page(f'<a href="/down/{SEEN}.hwp">{SEEN}.hwp</a>'),
    },
}
DROPPED: dict[str, dict[str, bytes]] = {
    "HWPX": {
        "머리말·꼬리말": in_hwpx(paragraph("글", control("header", UNSEEN) + control("footer", UNSEEN))),
        "지운 글(변경 추적)": in_hwpx(text_of(f"글{tracked(UNSEEN, 'delete')}")),
        "숨은 설명": in_hwpx(paragraph("글", control("hiddenComment", UNSEEN))),
        "메모": in_hwpx(
            paragraph("글", f'{MEMO}<hp:t>말</hp:t><hp:ctrl><hp:fieldEnd beginIDRef="1"/></hp:ctrl>')
        ),
        "책갈피 이름": in_hwpx(paragraph("글", f'<hp:ctrl><hp:bookmark name="{UNSEEN}"/></hp:ctrl>')),
    },
    "DOCX": {
        "머리글·바닥글": with_word("heads"),
        "지운 글(변경 추적)": in_docx(word(f'<w:del w:id="1">{run(UNSEEN)}</w:del>', run("글"))),
        "옮긴 글의 옛 자리": in_docx(word(f'<w:moveFrom w:id="1">{run(UNSEEN)}</w:moveFrom>', run("글"))),
        "숨긴 글": in_docx(word(run(UNSEEN, "<w:vanish/>"), run("글"))),
        "메모": with_word("comment"),
        "필드 명령": in_docx(word(FIELD)),
    },
    "PDF": {
        "되풀이되는 머리말·꼬리말": pdf([(60.0, 100.0, 22.0, TITLE), *HEADED], HEADED, HEADED),
        "쪽 번호": in_pdf((280.0, 820.0, 9.0, "- 1234 -")),
        "두 번 찍은 글자": in_pdf((60.0, 200.0, 10.0, "두 번 찍은 글"), (60.4, 200.0, 10.0, "두 번 찍은 글")),
        "쪽 밖의 글": in_pdf((60.0, 20.0, 9.0, UNSEEN), boxes="/MediaBox[0 0 595 842]/CropBox[0 50 595 800]"),
        "알 수 없는 글자": in_pdf((60.0, 200.0, 10.0, "훈힌흰"), known=(0, 0xD6C7)),
    },
    "HTML": {
        "메뉴": page("", f'<div class="gnb"><p>{UNSEEN}</p></div>'),
        "관련 기사": page("", f"<div><h3>관련 기사</h3><p>{UNSEEN}</p></div>"),
        "댓글과 그 원칙": page("", f"<div><h3>댓글 운영원칙</h3><p>{UNSEEN}</p></div>"),
        "저작권 문구": page(f"<p>{UNSEEN} 저작권은 창원특례시에 있습니다.</p>"),
        "숨긴 글": page(f'<p style="display:none">{UNSEEN}</p>'),
    },
}
# What of a case must not be there, where it is not `UNSEEN`.
OTHER_UNSEEN = {"쪽 번호": "1234", "두 번 찍은 글자": "두두", "알 수 없는 글자": "cid"}
FORMATS = {row[0]: row for row in table_below("# 읽는 형식")}
NAMES = {"HWPX": "a.hwpx", "DOCX": "a.docx", "PDF": "a.pdf", "HTML": "a.html"}


def read_text(folder: Path, name: str, content: bytes) -> str:
    (release,) = (item for item in read_file(write(folder, name, content)) if isinstance(item, PressRelease))
    attached = [attachment.name for attachment in release.attachments]
    assert release.title == TITLE
    assert release.body.startswith(LEAD)
    return "\n".join((release.body, *release.headings, *attached))


@pytest.mark.parametrize("told", KEPT)
def test_the_guide_names_what_is_tried(told: str) -> None:
    *_, kept, dropped = FORMATS[told]
    assert kept.split(", ") == list(KEPT[told])
    assert dropped.split(", ") == list(DROPPED[told])


@pytest.mark.parametrize(("told", "what"), [(told, what) for told, cases in KEPT.items() for what in cases])
def test_what_the_guide_says_is_kept_is_kept(tmp_path: Path, told: str, what: str) -> None:
    assert SEEN in read_text(tmp_path, NAMES[told], KEPT[told][what])


@pytest.mark.parametrize(
    ("told", "what"), [(told, what) for told, cases in DROPPED.items() for what in cases]
)
def test_what_the_guide_says_is_dropped_is_dropped(tmp_path: Path, told: str, what: str) -> None:
    data = DROPPED[told][what]
    unseen = OTHER_UNSEEN.get(what, UNSEEN)
    assert unseen not in read_text(tmp_path, NAMES[told], data)


def zipped(name: str, data: str = "") -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        package.writestr(name, data)
    return packed.getvalue()


ERROR_PAGE = (
    "<html><body><p>요청하신 페이지를 찾을 수 없습니다. 주소를 확인하세요.</p></body></html>".encode()
)
REFUSED: dict[str, list[tuple[str, bytes]]] = {
    "HWP 3": [("a.hwp", b"HWP Document File V3.00 \x1a\x01\x02")],
    "HWPML": [("a.hml", b'<?xml version="1.0"?><HWPML Version="2.8">')],
    "암호 (PDF)": [
        (
            "a.pdf",
            in_pdf().replace(
                b"/Root 1 0 R",
                b"/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<"
                + b"11" * 32 + b">/U<" + b"22" * 32 + b">>>",
            ),
        )
    ],
    "암호 (DOCX, XLSX, PPTX)": [("a.docx", ole("EncryptedPackage"))],
    "글자가 없는 PDF": [("a.pdf", pdf([]))],
    "글자표가 없는 PDF": [("a.pdf", in_pdf(known=None))],
    "DOC, XLS, PPT": [
        ("a.doc", ole("WordDocument")), ("a.xls", ole("Workbook")), ("a.ppt", ole("PowerPoint Document")),
    ],
    "XLSB, PPTX, ODT, ODS, EPUB, RTF, 그림, 압축": [
        ("a.xlsb", zipped("xl/workbook.bin")), ("a.pptx", zipped("ppt/presentation.xml")),
        ("a.odt", zipped("mimetype", "application/vnd.oasis.opendocument.text")),
        ("a.ods", zipped("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
        ("a.epub", zipped("mimetype", "application/epub+zip")), ("a.rtf", b"{\\rtf1}"),
        ("a.png", b"\x89PNG\r\n\x1a\n"), ("a.gz", b"\x1f\x8b\x08\x00"),
    ],
    "제목의 열이 없는 JSON, CSV, XLSX": [
        ("a.json", b'[{"name": "x"}]'), ("a.csv", "순서,이름\n1,가\n".encode()), ("a.xlsx", xlsx([("순서", "이름"), (1, "가")])),
    ],
    "`.xlsx`가 아닌 이름의 XLSX": [("a.hwp", xlsx([("제목",)])), ("a.dat", xlsx([("제목",)]))],
    "`.xls`, `.csv`라는 이름의 HTML 표": [(name, b"<table><tr><td>1</td></tr></table>") for name in ("a.xls", "a.csv")],
    "다른 ZIP": [("a.zip", zipped("글.txt"))],
    "`.hwp`, `.hwpx`, `.docx`, `.pdf`라는 이름의 글": [
        (name, "요청하신 파일이 없습니다.".encode()) for name in ("a.hwp", "a.hwpx", "a.docx", "a.pdf")
    ],
    "목록이나 메뉴를 저장한 HTML": [("a.html", b"<html><body></body></html>")],
    "오류를 알리는 HTML": [("a.html", ERROR_PAGE)],
    "`.hwp`, `.pdf`라는 이름의 그런 HTML": [("a.hwp", ERROR_PAGE), ("a.pdf", b"<html><body></body></html>")],
    "MHTML": [("a.html", b"From: <Saved>\r\nMIME-Version: 1.0\r\n\r\n")],
}  # fmt: skip
# Tried with files of their own: test_shared_formats (locked ones), test_detection (a template and a strict one).
ELSEWHERE = ["암호, DRM (HWP, HWPX)", "배포용 HWP", "DOCM, DOTX", "Strict DOCX"]


def test_the_guide_names_what_is_refused() -> None:
    assert sorted(row[0] for row in table_below("## 읽지 않는 것")) == sorted([*REFUSED, *ELSEWHERE])


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_guide_says_is_refused_is_refused_so(tmp_path: Path, what: str) -> None:
    said = next(row[1] for row in table_below("## 읽지 않는 것") if row[0] == what)
    reasons = []
    for name, data in REFUSED[what]:
        path = write(tmp_path, name, data).path
        files, refusals = list_files(path)
        items: list[PressRelease | ReadProblem] = [*refusals]
        items += [item for file in files for item in read_file(file)]
        (item,) = items
        assert not isinstance(item, PressRelease)
        reasons.append(item.reason)
    patterns = [re.escape(part).replace("…", ".*").replace("첫마디", ".*") for part in said.split("니다, ")]
    for reason in reasons:
        assert any(re.match(pattern.removesuffix("니다"), reason) for pattern in patterns), (reason, said)


COLUMNS = {row[0].strip("`"): row[1].split(", ") for row in table_below("## 포털이 내보낸 목록")}


@pytest.mark.parametrize("field", COLUMNS)
def test_the_names_of_columns_count_in_the_order_of_the_guide(field: str) -> None:
    found = [field_of_column(name) for name in COLUMNS[field]]
    assert [one and one[0] for one in found] == [field] * len(found)
    places = [one[1] for one in found if one]
    assert places == sorted(places)
