"""The texts beside the press releases that a person edits; each generation keeps those it was made with."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import SourceError

DICTIONARY = "dictionary.txt"
SYNONYMS = "synonyms.txt"
OUTLETS = "outlets.txt"
REMOVED = "removed.txt"


def read_curated_files(corpus: Path) -> dict[str, str]:
    """The texts in a corpus folder, by file name; those that are not there are left out.

    Raises SourceError where one of them cannot be read.
    """
    found = {name: read_curated_file(corpus, name) for name in (DICTIONARY, SYNONYMS, OUTLETS, REMOVED)}
    return {name: text for name, text in found.items() if text is not None}


def read_curated_file(corpus: Path, name: str) -> str | None:
    """One of the texts; None where it is not there. Raises SourceError where it cannot be read."""
    path = curated_file_path(corpus, name)
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    except OSError as error:
        raise SourceError(
            f"{path} 파일을 읽을 수 없습니다({error.strerror}).", "읽기 권한을 확인하세요."
        ) from error


def curated_file_path(corpus: Path, name: str) -> Path:
    """Where one of the texts is: in the corpus, or beside a corpus that is one file."""
    return (corpus if corpus.is_dir() else corpus.parent) / name
