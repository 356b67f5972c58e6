"""Write a file of a corpus and read it."""

from __future__ import annotations

from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem


def write(folder: Path, name: str, content: str | bytes) -> CorpusFile:
    """Write a file of a corpus."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return CorpusFile(path, name)


def read_one(folder: Path, name: str, content: str | bytes) -> PressRelease:
    """Write a file and read its only release."""
    (item,) = read_file(write(folder, name, content))
    assert isinstance(item, PressRelease), item
    return item


def refuse_one(folder: Path, name: str, content: str | bytes) -> ReadProblem:
    """Write a file that must be refused with a hint, and return why."""
    (item,) = read_file(write(folder, name, content))
    assert isinstance(item, ReadProblem)
    assert item.source_path == name
    assert item.hint
    return item
