"""Which format a file is in, whatever its name, and the true reason why it is not read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write
from tests.support.documents import docx_of, hwpx, ole, paragraph, pdf, word

TITLE = "하노버에 첫 창원공동관"
LEAD = "창원시(시장 홍남표)는 4월 3일 하노버 산업박람회에 참가해 공동관 8개를 열었다고 밝혔다."
MADE = hwpx(paragraph(TITLE), paragraph(LEAD))
PAGE = pdf([(60.0, 100.0, 22.0, TITLE), (60.0, 200.0, 12.0, LEAD[:29])])


@pytest.mark.parametrize("name", ["a.hwp", "a.pdf", "a.txt", "보도자료", "a.exe"])
def test_the_bytes_tell_the_format_whatever_the_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, MADE)
    (file,), refusals = list_files(tmp_path)
    assert refusals == []
    (release,) = read_file(file)
    assert isinstance(release, PressRelease)
    assert release.title == "하노버에 첫 창원공동관"


def zipped(**parts: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/"), text)
    return packed.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.hwp", b"HWP Document File V3.00 \x1a\x01\x02", "HWP 3"),
        ("a.hwp", OLE, "깨져"),
        ("a.hwp", OLE + bytes(1_000), "깨져"),
        ("a.hwpx", b"PK\x03\x04", "깨져"),
        ("a.hwp", ole("WordDocument"), "DOC"),
        ("a.hwp", ole("Workbook"), "XLS"),
        ("a.doc", ole("WordDocument"), "DOC"),
        ("a.ppt", ole("PowerPoint Document"), "PPT"),
        ("a.docx", ole("EncryptedPackage"), "암호가 걸린 Office"),
        ("a.hwp", ole("Anything"), "한글 문서가 아닌 OLE"),
        ("a.docx", zipped(word__document=""), "ZIP"),
        ("a.zip", zipped(readme="글"), "ZIP"),
        ("a.docx", zipped(**{"word__document.xml": "<a>"}), "깨져"),
        ("a.pdf", b"%PDF-1.7\n", "깨져"),
        ("a.hwp", b"\x89PNG\r\n\x1a\n", "그림"),
        ("a.hwp", b'<?xml version="1.0"?><HWPML Version="2.8">', "HWPML"),
        ("a.hwp", b"", "빈 파일"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    assert reason in refuse_one(tmp_path, name, content).reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.hml", b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<HWPML Version="2.91">', "HWPML"),
        ("b.rtf", b"{\\rtf1\\ansi}", "RTF"),
        ("c.png", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("c.tif", b"II*\0\x08\0\0\0", "TIFF"),
        ("d.gz", b"\x1f\x8b\x08\0", "gzip"),
        ("d.alz", b"ALZ\x01\x0a\0\0\0", "알집"),
        ("d.egg", b"EGGA\0\x01\0\0", "알집"),
        ("c.bmp", b"BM\x36\0\0\0", "BMP"),
        ("c.mp4", b"\0\0\0\x18ftypmp42", "MP4"),
        ("d.tar", b"a.txt".ljust(257, b"\0") + b"ustar\x0000", "TAR"),
        (
            "page.mht",
            b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
            "MHTML",
        ),
        ("e.odg", zipped(mimetype="application/vnd.oasis.opendocument.graphics"), "오픈문서"),
        ("e.xlsx", zipped(**{"xl__workbook.xml": "<a/>"}), "엑셀"),
        ("e.pptx", zipped(**{"ppt__presentation.xml": "<a/>"}), "파워포인트"),
        ("e.odt", zipped(mimetype="application/vnd.oasis.opendocument.text"), "ODT"),
        ("e.epub", zipped(mimetype="application/epub+zip"), "EPUB"),
        ("e.zip", zipped(글="글"), "ZIP"),
        ("f.doc", ole("WordDocument"), "DOC"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".hwp", ".hwpx", ".docx", ".pdf"])
def test_the_reason_is_the_same_under_every_name(
    tmp_path: Path, name: str, content: bytes, reason: str, suffix: str
) -> None:
    write(tmp_path, f"{name}{suffix}", content)
    files, refusals = list_files(tmp_path)
    items: list[PressRelease | ReadProblem] = [*refusals]
    items += [item for file in files for item in read_file(file)]
    (item,) = items
    assert not isinstance(item, PressRelease)
    assert reason in item.reason
    assert item.hint


def test_what_no_one_knows_is_told_what_could_be_read(tmp_path: Path) -> None:
    write(tmp_path, "a.dat", b"\x01\x02\x03")
    _, (refusal,) = list_files(tmp_path)
    assert "읽을 수 없는 형식" in refusal.reason
    assert ".hwpx" in refusal.hint


@pytest.mark.parametrize(
    "junk", [b"\n", b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", b"--boundary--\n" * 60]
)
@pytest.mark.parametrize("name", ["a.pdf", "a.hwp", "보도자료"])
def test_a_pdf_may_begin_in_its_first_kilobyte(tmp_path: Path, junk: bytes, name: str) -> None:
    write(tmp_path, name, junk + PAGE)
    (file,), _ = list_files(tmp_path)
    (release,) = read_file(file)
    assert isinstance(release, PressRelease)
    assert release.title == TITLE


@pytest.mark.parametrize("name", ["a.hwp", "a.hwpx", "a.docx", "a.pdf"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("요청하신 파일을 찾을 수 없습니다.\n관리자에게 문의하세요.", "요청하신 파일을 찾을 수 없습니다."),
        ("세션이 만료되었습니다.", "세션이 만료되었습니다."),
        ('{"error":"not found"}', "not found"),
        ("<?xml version='1.0'?><error>없음</error>", "error"),
        ("창원시는 %PDF 파일을 낸다.", "창원시는"),
        ("---\ntitle: 제목\n---\n글\n", "title"),
        (" \n\n", "빈 글"),
    ],
)
def test_text_under_the_name_of_a_document_is_refused_with_its_words(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    refusal = refuse_one(tmp_path, name, content)
    assert said in refusal.reason
    assert ".txt" in refusal.hint


def test_bytes_without_sense_are_refused_under_the_name_of_a_document(tmp_path: Path) -> None:
    assert "알 수 없는 파일" in refuse_one(tmp_path, "a.hwp", bytes(range(1, 9)) * 700).reason


@pytest.mark.parametrize(
    "title",
    [
        "MZ세대가 찾은 창원",
        "RIFF 음악 축제 열려",
        "BZh 회의 열려",
        "%PDF-1.7 문서 규격을 읽는 법",
        "II급 도로를 넓힌다",
    ],
)
def test_a_text_may_begin_unescape_entities_that_are_a_mark(tmp_path: Path, title: str) -> None:
    body = "창원시는 25일 %PDF-1.7로 자료를 낸다고 밝혔다."
    if title.startswith("%PDF-"):
        assert "PDF" in refuse_one(tmp_path, "a.txt", f"{title}\n\n{body}\n").reason
        return
    release = read_one(tmp_path, "a.txt", f"{title}\n\n{body}\n")
    assert (release.title, release.body) == (title, body)


def test_a_template_of_word_is_told(tmp_path: Path) -> None:
    packed = BytesIO()
    with ZipFile(BytesIO(docx_of(word(TITLE)))) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(b"document.main+xml", b"template.main+xml")
            target.writestr(name, data)
    assert "DOTX" in refuse_one(tmp_path, "a.docx", packed.getvalue()).reason


def test_a_docx_may_name_its_parts_as_it_likes(tmp_path: Path) -> None:
    packed = BytesIO()
    with ZipFile(BytesIO(docx_of(word(TITLE), word(LEAD)))) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if not name.startswith("word/_rels"):
                data = data.replace(b"word/document.xml", b"word/main.xml")
            target.writestr(
                name.replace("word/document.xml", "word/main.xml").replace(
                    "document.xml.rels", "main.xml.rels"
                ),
                data,
            )
    assert read_one(tmp_path, "a.docx", packed.getvalue()).title == TITLE


def test_a_strict_docx_is_told(tmp_path: Path) -> None:
    packed = BytesIO()
    transitional, strict = (
        b"schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"purl.oclc.org/ooxml/wordprocessingml/main",
    )
    with ZipFile(BytesIO(docx_of(word(TITLE)))) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(transitional, strict))
    assert "Strict" in refuse_one(tmp_path, "a.docx", packed.getvalue()).reason


def test_a_file_named_as_a_page_is_one(tmp_path: Path) -> None:
    assert "not found" in refuse_one(tmp_path, "a.html", '{"error":"not found"}').reason
