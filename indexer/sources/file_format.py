"""Which format a file is in, told by its bytes. Only text, which has no mark of its own, goes by name."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Literal
from zipfile import BadZipFile, ZipFile

from indexer.sources.content_error import ContentError

Format = Literal["hwp", "hwpx", "pdf", "docx", "html", "markdown", "text"]

HEAD_BYTES = 4_096
MAX_XML_BYTES = 200_000_000
TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")

_SUPPORTED = "HWP, HWPX, PDF, DOCX, HTML, Markdown, 텍스트"
_OTHERS = {
    b"\x89PNG": "그림(PNG)", b"\xff\xd8\xff": "그림(JPEG)", b"GIF8": "그림(GIF)", b"RIFF": "미디어(RIFF)",
    b"7z\xbc\xaf": "7z 압축", b"Rar!": "RAR 압축", b"\x1f\x8b": "gzip 압축", b"\xfd7zXZ": "xz 압축",
    b"{\\rtf": "RTF",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWP3 = b"HWP Document File V"
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]", re.I | re.S)
_FRAGMENT = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:head|body|title|meta|main|article|section|div|p|table|h[1-6]|ul|ol|span|center)"
    r"(?:\s[^<>]*)?>",
    re.I | re.S,
)
_HWPML = re.compile(r"\s*<\?xml[^>]*>.*?<HWPML", re.S)
_MOST_ZIP_ENTRIES = 10_000


def tell_format(path: Path) -> Format:
    """The format of the file at `path`.

    Raises ContentError where it is one that has no reader, OSError where it cannot be read.
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
        return _tell_zip(path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return "pdf"
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise ContentError(f"보도자료가 아니라 {name} 파일입니다.", f"쓸 수 있는 형식: {_SUPPORTED}")
    return _tell_text(_as_text(head), path)


def has_signature(path: Path) -> bool:
    """Whether the bytes alone say that the file is a document, whatever its name.

    Raises OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    return (
        head.startswith((_OLE, _HWP3, b"PK\x03\x04"))
        or head.lstrip().startswith(b"%PDF-")
        or _PAGE.match(_as_text(head)) is not None
    )


def _tell_zip(path: Path) -> Format:
    try:
        with ZipFile(path) as package:
            if len(package.filelist) > _MOST_ZIP_ENTRIES:
                raise ContentError("압축 안에 파일이 너무 많습니다.", "원본 문서를 다시 저장해 넣으세요.")
            _refuse_bomb(package)
            names = set(package.namelist())
            kind = package.read("mimetype") if _is_small(package, "mimetype", names) else b""
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        message = "HWPX·DOCX 파일이 깨져 있어 열 수 없습니다."
        raise ContentError(message, "원본을 다시 받거나 다시 저장해 넣으세요.") from error
    if kind.strip() == b"application/hwp+zip" or "Contents/content.hpf" in names:
        return "hwpx"
    if "word/document.xml" in names:
        return "docx"
    raise ContentError(
        "HWPX도 DOCX도 아닌 ZIP 파일입니다.", "압축을 풀어 문서를 하나씩 넣거나 PDF로 저장해 넣으세요."
    )


def _refuse_bomb(package: ZipFile) -> None:
    """Raise ContentError where the XML of a package would be larger unpacked than any document's."""
    unpacked = sum(
        entry.file_size for entry in package.filelist if entry.filename.lower().endswith((".xml", ".rels"))
    )
    if unpacked > MAX_XML_BYTES:
        raise ContentError(
            f"압축을 풀면 글이 {unpacked // 1_000_000} MB나 되어 읽지 않았습니다(압축 폭탄일 수 있습니다).",
            "원본을 확인하고 다시 저장해 넣으세요.",
        )


def _is_small(package: ZipFile, name: str, names: set[str]) -> bool:
    return name in names and package.getinfo(name).file_size <= 128


def _as_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _tell_text(text: str, path: PurePath) -> Format:
    if _HWPML.match(text):
        raise ContentError("한글 XML(HWPML) 문서입니다.", "한글에서 HWPX나 HWP로 다시 저장해 넣으세요.")
    suffix = path.suffix.lower()
    # Markdown may begin with a tag of HTML and is Markdown all the same.
    if _PAGE.match(text) or (suffix != ".md" and _FRAGMENT.match(text)) or suffix in (".html", ".htm"):
        return "html"
    return "markdown" if suffix == ".md" else "text"
