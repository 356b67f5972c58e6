"""The progress and the result of a change of the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from indexer.sources.problems import ReadProblem


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a reindex: releases that were looked at, and bytes that were read of those that have to
    be. Writing the index goes on after all bytes are read.
    """

    releases: int
    read_bytes: int
    total_bytes: int


ShowProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Report:
    """What a change of the index did. Counts are releases.

    - `added`, `removed`, `unchanged`. `updated`: their content changed. `moved`: only their file changed.
    - `reanalysed`: they have a word that came into the user dictionary or left it.
    - `replaced`: not indexed, as a later release of the corpus with the same id corrects them.
    - `kept`: their files cannot be read now. `left_out`: `removed.txt` has their ids.
    - `withheld`: they are no longer in the corpus, but so many that they were left in the index.
    - `waiting`: files with a correction under embargo that will replace what is public until then, and when
      their first embargo ends (aware).
    - `documents`: how many the index has now. `took_s`: seconds of wall time.
    - `refusals`: problems, among them warnings.
    """

    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    kept: int = 0
    left_out: int = 0
    withheld: int = 0
    replaced: int = 0
    documents: int = 0
    took_s: float = 0.0
    waiting: dict[str, datetime] = field(default_factory=dict)
    refusals: list[ReadProblem] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether a problem is an error and not just a warning."""
        return any(refusal.severity == "error" for refusal in self.refusals)
