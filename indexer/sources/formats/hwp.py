"""HWP 5 (an OLE container) -> document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indexer.sources.formats.dochan_document import check_document, document_of
from indexer.sources.formats.document import Document
from indexer.sources.problems import ContentError

# A stream of the container, what the file is, and the hint.
_OTHER_PROGRAMS = (
    (
        "EncryptedPackage",
        "암호가 걸린 Office 문서(DOCX·XLSX·PPTX)입니다.",
        "암호를 풀고 다시 저장해 넣으세요.",
    ),
    ("WordDocument", "옛 Word 문서(DOC)입니다.", "Word에서 DOCX로 다시 저장해 넣으세요."),
    ("Workbook", "엑셀 문서(XLS)입니다.", "XLSX나 CSV로 다시 저장해 넣으세요."),
    ("PowerPoint Document", "파워포인트 문서(PPT)입니다.", "PDF로 저장해 넣으세요."),
)
_NOT_HANGUL = "한글 문서가 아닌 OLE 파일입니다.", "DOCX나 PDF로 저장해 넣으세요."


def read_hwp(path: Path) -> Document:
    """The document at `path` with its tracked changes accepted.

    Raises ContentError for a password, distribution mode, a damaged file, or that of another program.
    """
    opened = check_document(_open(path))
    header = opened.file_header
    if header is None:
        raise ContentError(*_NOT_HANGUL)
    if header.is_distribution:
        raise ContentError(
            "배포용(편집·복사 제한) 한글 문서입니다.", "한글에서 배포용 설정을 풀거나 PDF로 저장해 넣으세요."
        )
    return document_of(opened)


def _open(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    from dochan import Dochan

    try:
        return Dochan(str(path), revision_mode="final").doc
    except ValueError:
        # The library accepts `revision_mode` for sound HWP 5 only; without it, it reports what is wrong.
        _reject_other_program(path)
        return Dochan(str(path)).doc


def _reject_other_program(path: Path) -> None:
    """Raise ContentError where the container is another program's document."""
    from dochan.cfb import OleFileIO

    try:
        with OleFileIO(str(path)) as container:
            for stream, message, hint in _OTHER_PROGRAMS:
                if container.exists(stream):
                    raise ContentError(message, hint)
            if not container.exists("FileHeader"):
                raise ContentError(*_NOT_HANGUL)
    except (OSError, ValueError):
        return
