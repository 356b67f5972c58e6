"""What a change of the index did, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from indexer.sources.problems import ReadProblem


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reindex is: releases read, and bytes read of those that have to be. When all is read, it is
    merged and written.
    """

    releases: int
    read_bytes: int
    total_bytes: int


ShowProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Report:
    """What a reindex did. Counts are releases; `documents` is what the index holds now."""

    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    kept: int = 0
    left_out: int = 0
    documents: int = 0
    took_s: float = 0.0
    refusals: list[ReadProblem] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something was refused, warnings apart."""
        return any(refusal.severity == "error" for refusal in self.refusals)
