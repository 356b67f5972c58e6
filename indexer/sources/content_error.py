"""What a reader raises for bytes it cannot take; `reading` turns it into a Refusal."""

from __future__ import annotations

from indexer.errors import SourceError
from indexer.sources.problems import Refusal


class ContentError(SourceError):
    """The content of a file is not a press release. `line` counts from 1; None means the whole file."""

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line

    def refusal(self, source_path: str) -> Refusal:
        """The same, said of the file `source_path`."""
        return Refusal(source_path, self.message, self.hint, self.line)
