"""HWP 5 (an OLE container) -> document. What Hangul itself locks is refused with the way out."""

from __future__ import annotations

from pathlib import Path

from indexer.sources.content_error import ContentError
from indexer.sources.document import Document
from indexer.sources.word_processor import document_of, open_document


def read_hwp(path: Path) -> Document:
    """The document at `path`. Raises ContentError for a password, distribution mode, or another OLE file."""
    opened = open_document(path)
    header = opened.file_header
    if header is None:
        raise ContentError("한글 문서가 아닌 OLE 파일입니다.", "DOC·XLS·PPT는 DOCX나 PDF로 저장해 넣으세요.")
    if header.is_distribution:
        raise ContentError(
            "배포용(편집·복사 제한) 한글 문서입니다.", "한글에서 배포용 설정을 풀거나 PDF로 저장해 넣으세요."
        )
    return document_of(opened, styled=False)
