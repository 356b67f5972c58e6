"""What of the corpus a comparison is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from indexer.sources.corpus.corpus_file import CorpusFile


class Part(Protocol):
    """A part of the corpus, by the `source_path` of the files that releases are of."""

    def compares(self, source_path: str) -> bool:
        """Whether the releases of the file are compared. Those of other files stay as they are."""

    def has_lost(self, source_path: str) -> bool:
        """Whether there is no such file, though nothing is removed for that: another file may have its
        releases now.
        """


class FilesAsPart:
    """The part of a corpus that some files are."""

    def __init__(self, files: Iterable[CorpusFile]) -> None:
        self._source_paths = {file.source_path for file in files}

    def compares(self, source_path: str) -> bool:
        """Whether it is one of the files."""
        return source_path in self._source_paths

    def has_lost(self, source_path: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Others are not looked for."""
        return False


def find_among(files: Sequence[CorpusFile]) -> Callable[[Collection[str]], Mapping[str, CorpusFile]]:
    """What finds those of `files` that are at some paths."""

    def find(source_paths: Collection[str]) -> Mapping[str, CorpusFile]:
        wanted = set(source_paths)
        return {file.source_path: file for file in files if file.source_path in wanted}

    return find
