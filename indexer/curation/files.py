"""The files beside the press releases that people edit. Each generation of the index keeps the texts that it
was made with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexer.curation.dictionary import Dictionary
from indexer.curation.issuers import Issuers
from indexer.curation.lines import LineProblem
from indexer.curation.removals import Removals
from indexer.curation.synonyms import Synonyms
from indexer.errors import SourceError

DICTIONARY = "dictionary.txt"
SYNONYMS = "synonyms.txt"
OUTLETS = "outlets.txt"
REMOVED = "removed.txt"
# Where `bodo pull` gets releases from. An index does not depend on it, so it is none of `CURATED_FILES`.
SOURCES = "sources.toml"


class Curated(Protocol):
    """What a text says. A bad line is in `problems` and stops nothing."""

    problems: list[LineProblem]


@dataclass(frozen=True, slots=True)
class CuratedFile:
    """A file by its name in the corpus folder, and what reads its text."""

    name: str
    parse: Callable[[str], Curated]


CURATED_FILES = (
    CuratedFile(DICTIONARY, Dictionary),
    CuratedFile(SYNONYMS, Synonyms),
    CuratedFile(OUTLETS, Issuers),
    CuratedFile(REMOVED, Removals),
)


def find_line_problems(texts: Mapping[str, str]) -> list[tuple[str, LineProblem]]:
    """What is wrong in the texts, which are given by file name, with the name of the file."""
    return [
        (file.name, problem)
        for file in CURATED_FILES
        for problem in file.parse(texts.get(file.name, "")).problems
    ]


def read_curated_files(corpus: Path) -> dict[str, str]:
    """The texts of a corpus by file name; files that are not there are left out.

    Raises SourceError where one of them cannot be read.
    """
    texts = {file.name: read_curated_file(corpus, file.name) for file in CURATED_FILES}
    return {name: text for name, text in texts.items() if text is not None}


def read_curated_file(corpus: Path, name: str) -> str | None:
    """The text of one file; None where it is not there. Raises SourceError where it cannot be read."""
    path = curated_file_path(corpus, name)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    except OSError as error:
        raise SourceError(
            f"{path} 파일을 읽을 수 없습니다({error.strerror}).", "읽기 권한을 확인하세요."
        ) from error


def curated_file_path(corpus: Path, name: str) -> Path:
    """The path of one file: in the corpus folder, or beside a corpus that is one file. Whoever writes it does
    so with `files.write_durably`, in `files.changing` of its folder.
    """
    return (corpus if corpus.is_dir() else corpus.parent) / name
