"""What of the corpus a comparison is about."""

from __future__ import annotations

from collections.abc import Iterable
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
