"""The format of a file, by its first bytes; the name decides only between text, Markdown and HTML."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

from indexer.sources.formats.decoding import decode
from indexer.sources.problems import ContentError

# `newsitem` is a release as the API of korea.kr gives it.
Format = Literal["hwp", "hwpx", "pdf", "docx", "xlsx", "html", "newsitem", "markdown", "text"]

Export = Literal["json", "csv", "xlsx"]

HEAD_BYTES = 4_096
# As much as a document file may have (`parsing.MAX_DOCUMENT_FILE_BYTES`); pictures do not count.
MAX_UNPACKED_BYTES = 200_000_000
HWPX_MIMETYPE = "application/hwp+zip"
TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")

_ORIGINAL = "원본 문서를 넣으세요."
_UNPACK = "압축을 풀어 문서를 하나씩 넣으세요."
_AS_PDF = "PDF로 저장해 넣으세요."
_AS_XLSX = "XLSX나 CSV로 다시 저장해 넣으세요."
# First bytes, as the specification of the format names them, what such a file is, and the hint.
_UNSUPPORTED_SIGNATURES = (
    (b"\x89PNG", "그림(PNG)", _ORIGINAL),
    (b"\xff\xd8\xff", "그림(JPEG)", _ORIGINAL),
    (b"GIF8", "그림(GIF)", _ORIGINAL),
    (b"BM", "그림(BMP)", _ORIGINAL),
    (b"<svg", "그림(SVG)", _ORIGINAL),
    (b"II*\0", "그림(TIFF)", _ORIGINAL),
    (b"MM\0*", "그림(TIFF)", _ORIGINAL),
    (b"RIFF", "그림이나 영상(RIFF)", _ORIGINAL),
    (b"%!PS", "포스트스크립트(PS)", _AS_PDF),
    (b"{\\rtf", "RTF 문서", "HWPX나 DOCX로 다시 저장해 넣으세요."),
    (b"7z\xbc\xaf", "7z 압축", _UNPACK),
    (b"Rar!", "RAR 압축", _UNPACK),
    (b"\x1f\x8b", "gzip 압축", _UNPACK),
    (b"\xfd7zXZ", "xz 압축", _UNPACK),
    (b"BZh", "bzip2 압축", _UNPACK),
    (b"ALZ\x01", "알집(ALZ) 압축", _UNPACK),
    (b"EGGA", "알집(EGG) 압축", _UNPACK),
)
# A part of a package or its MIME type, what the package is, and the hint.
_UNSUPPORTED_PACKAGES = (
    ("xl/workbook.bin", "엑셀 문서(XLSB)", _AS_XLSX),
    ("ppt/presentation.xml", "파워포인트 문서(PPTX)", _AS_PDF),
    ("application/vnd.oasis.opendocument.text", "오픈문서(ODT)", "HWPX나 DOCX로 다시 저장해 넣으세요."),
    ("application/vnd.oasis.opendocument.spreadsheet", "오픈문서 표(ODS)", _AS_XLSX),
    ("application/vnd.oasis.opendocument.presentation", "오픈문서 발표(ODP)", _AS_PDF),
    ("application/vnd.oasis.opendocument", "오픈문서", _AS_PDF),
    ("application/epub+zip", "전자책(EPUB)", _AS_PDF),
    ("visio/document.xml", "비지오 그림(VSDX)", _AS_PDF),
)
_DOCUMENT_NAMES = {".hwp": "HWP", ".hwpx": "HWPX", ".pdf": "PDF", ".docx": "DOCX"}
_PAGE_SUFFIXES = (".html", ".htm")
_SHEET_SUFFIXES = (".xls", ".xlsx", ".csv", ".tsv")
_CLAIMED_NAMES = {**_DOCUMENT_NAMES, **dict.fromkeys(_PAGE_SUFFIXES, "HTML")}
_TAR_MAGIC_OFFSET = 257
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWP3 = b"HWP Document File V"
# Viewers look for the signature in the first 1,024 bytes (Adobe, PDF Reference 1.7, implementation note 13).
_PDF = re.compile(rb"%PDF-\d")
_PDF_SEARCHED_BYTES = 1_024
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--(?:(?!-->).)*+-->\s*)*+<(?:!doctype\s+html|html)[\s>]", re.I | re.S
)
_FRAGMENT = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*+-->\s*)*+<(?:head|body|title|meta|main|article|section|div|p|table|h[1-6]|ul|ol|span|center)"
    r"(?:\s[^<>]*)?>",
    re.I | re.S,
)
_TAG = re.compile(r"<[!/]?[a-z]", re.I)
_HWPML = re.compile(r"\s*(?:<\?xml[^>]*>.*?)?<HWPML", re.S)
_NEWS_ITEM = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<NewsItem[\s>]")
_MHTML = re.compile(r"(?:[\w-]+:[^\n]*\n)*?(?:MIME-Version:|Content-Type:\s*multipart/related)", re.I)
_HWPX_PART, _DOCX_PART = "Contents/content.hpf", "word/document.xml"
_DOCUMENT_PARTS = {_HWPX_PART, _DOCX_PART}
# A CSV may begin with a bracket: [제목],[본문].
_JSON = re.compile(r"\s*(?:\[\s*[{\]]|\{\s*[\"}])")
_DOCX_TYPE = b"wordprocessingml.document.main+xml"
# A guard against bombs: documents have some hundred parts.
_MOST_ZIP_ENTRIES = 10_000
_LONGEST_MIMETYPE_BYTES = 128
_QUOTED_CHARS = 30
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".webp")
_PICTURE_HEAD_BYTES = 256


def detect_format(path: Path) -> Format:
    """The format of the file at `path`.

    Raises ContentError where no parser reads that format, OSError where the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.startswith(_OLE):
        return "hwp"
    if head.startswith(_HWP3):
        raise ContentError(
            "한글 3.x(HWP 3) 문서입니다.", "한글에서 열어 HWPX나 HWP 5로 다시 저장해 넣으세요."
        )
    if head.startswith(b"PK\x03\x04"):
        return _detect_in_zip(path)
    if _is_pdf(head, path):
        return "pdf"
    for magic, name, hint in _UNSUPPORTED_SIGNATURES:
        # A text may begin with the letters of a signature.
        if head.startswith(magic) and (not magic.isalnum() or b"\0" in head):
            raise ContentError(f"보도자료 문서가 아니라 {name}입니다.", hint)
    if head[4:8] == b"ftyp":
        raise ContentError("보도자료 문서가 아니라 영상이나 그림(MP4·HEIC)입니다.", _ORIGINAL)
    if head[_TAR_MAGIC_OFFSET : _TAR_MAGIC_OFFSET + 5] == b"ustar":
        raise ContentError("보도자료 문서가 아니라 TAR 압축입니다.", _UNPACK)
    return _detect_in_text(head, path)


def detect_export(path: Path) -> Export | None:
    """What a file under the name of an export is by its first bytes; None for a document or a picture.

    A ZIP is said to be XLSX, whatever is in it. Raises OSError where the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    text = _as_text(head)
    is_other = (
        head.startswith((_OLE, _HWP3)) or _is_pdf(head, path) or _PAGE.match(text) or _FRAGMENT.match(text)
    )
    if is_other or any(
        head.startswith(magic) and (not magic.isalnum() or b"\0" in head)
        for magic, _, _ in _UNSUPPORTED_SIGNATURES
    ):
        return None
    is_json = _JSON.match(text) if path.suffix.lower() != ".json" else text.lstrip()[:1] in ("[", "{")
    return "json" if is_json else "csv"


def claimed_format(path: PurePath) -> str | None:
    """The document format that the suffix of a file claims ("HWP"); None for any other suffix."""
    return _DOCUMENT_NAMES.get(path.suffix.lower())


def has_signature(path: Path) -> bool:
    """Whether the first bytes are those of a document, whatever the name of the file.

    Raises OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    return (
        head.startswith((_OLE, _HWP3, b"PK\x03\x04"))
        or _is_pdf(head, path)
        or _PAGE.match(_as_text(head)) is not None
        or _NEWS_ITEM.match(_as_text(head)) is not None
    )


def _is_pdf(head: bytes, path: PurePath) -> bool:
    """Whether a PDF begins in `head`. In a file named as text the signature must come first."""
    suffix = path.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        return _PDF.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None
    return _PDF.search(head, 0, HEAD_BYTES if suffix == ".pdf" else _PDF_SEARCHED_BYTES) is not None


def _detect_in_zip(path: Path) -> Format:
    try:
        with ZipFile(path) as package:
            if len(package.filelist) > _MOST_ZIP_ENTRIES:
                raise ContentError("압축 안에 파일이 너무 많습니다.", "원본 문서를 다시 저장해 넣으세요.")
            names = set(package.namelist())
            # A million rows unpack to more than a document may; `formats.xlsx` weighs them.
            if "xl/workbook.xml" in names and not names & _DOCUMENT_PARTS:
                return "xlsx"
            _reject_bomb(package)
            kind = mimetype_of(package)
            types = _content_types(package)
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        message = "HWPX·DOCX·XLSX 파일이 깨져 있어 열 수 없습니다."
        raise ContentError(message, "원본을 다시 받거나 다시 저장해 넣으세요.") from error
    if kind == HWPX_MIMETYPE or _HWPX_PART in names:
        return "hwpx"
    if _DOCX_PART in names or _DOCX_TYPE in types:
        return "docx"
    for mark, name, hint in _UNSUPPORTED_PACKAGES:
        if mark in names or kind.startswith(mark):
            raise ContentError(f"보도자료 문서가 아니라 {name}입니다.", hint)
    raise ContentError("HWPX도 DOCX도 아닌 ZIP 파일입니다.", _UNPACK)


def mimetype_of(package: ZipFile) -> str:
    """The MIME type that a package states; '' where it states none, or more than a type."""
    name = "mimetype"
    if name not in package.namelist() or package.getinfo(name).file_size > _LONGEST_MIMETYPE_BYTES:
        return ""
    return package.read(name).strip().decode("ascii", "replace")


def _content_types(package: ZipFile) -> bytes:
    """The types of the parts of an Office package, whose names are free (ECMA-376-2, 10.1)."""
    name = "[Content_Types].xml"
    return package.read(name) if name in package.namelist() else b""


def _reject_bomb(package: ZipFile) -> None:
    """Raise ContentError where a package unpacks, without its pictures, to more than `MAX_UNPACKED_BYTES`."""
    unpacked = sum(entry.file_size for entry in package.filelist)
    if unpacked > MAX_UNPACKED_BYTES:
        unpacked -= sum(entry.file_size for entry in package.filelist if _is_picture(package, entry))
    if unpacked > MAX_UNPACKED_BYTES:
        raise ContentError(
            f"압축을 풀면 그림 말고도 {unpacked // 1_000_000} MB라 읽지 않았습니다(압축 폭탄일 수 있습니다).",
            "원본을 확인하고 다시 저장해 넣으세요.",
        )


def _is_picture(package: ZipFile, entry: ZipInfo) -> bool:
    """Whether an entry is a picture, by its name and its first bytes: the main part may have any name."""
    if not entry.filename.lower().endswith(_PICTURE_SUFFIXES):
        return False
    with package.open(entry) as stream:
        # XML may begin with a byte order mark, white space, and the zeros of UTF-16.
        return not stream.read(_PICTURE_HEAD_BYTES).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def _as_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _detect_in_text(head: bytes, path: PurePath) -> Format:
    text = _as_text(head)
    if _HWPML.match(text):
        raise ContentError("한글 XML(HWPML) 문서입니다.", "한글에서 HWPX나 HWP로 다시 저장해 넣으세요.")
    if _NEWS_ITEM.match(text):
        return "newsitem"
    if _MHTML.match(text):
        raise ContentError(
            "한 파일로 저장한 웹 쪽(MHTML)입니다.",
            "브라우저에서 ‘웹페이지, HTML만’으로 다시 저장해 넣으세요.",
        )
    suffix = path.suffix.lower()
    if suffix in _SHEET_SUFFIXES and (_PAGE.match(text) or _FRAGMENT.match(text)):
        # Portals call a page with a table so, as Excel opens it.
        raise ContentError(
            "엑셀 문서가 아니라 HTML로 된 표입니다.", "엑셀에서 열어 XLSX로 다시 저장해 넣으세요."
        )
    # Markdown may begin with a tag of HTML.
    if _PAGE.match(text) or (suffix != ".md" and _FRAGMENT.match(text)):
        return "html"
    if suffix in _PAGE_SUFFIXES and (_TAG.search(text) or not text.strip()):
        return "html"
    if name := _CLAIMED_NAMES.get(suffix):
        raise ContentError(
            f"{name} 문서가 아니라 {_quoted_text(head)}입니다.",
            "잘못 내려받은 것인지 보고 원본을 다시 받으세요. 보도자료의 글이 맞으면 이름을 .txt로 바꾸세요.",
        )
    return "markdown" if suffix == ".md" else "text"


def _quoted_text(head: bytes) -> str:
    """The kind of a file that is not a document, with its first words: often the error of a server."""
    try:
        words = " ".join(decode(head[: head.rfind(b"\n") if len(head) == HEAD_BYTES else None]).split())
    except ContentError:
        return "알 수 없는 파일"
    cut = f"{words[:_QUOTED_CHARS]}…" if len(words) > _QUOTED_CHARS else words
    return f"글(‘{cut}’)" if words else "빈 글"
