"""Which problems of files were told already, so that each is told once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Set

from indexer.sources.corpus.part import is_at
from indexer.sources.problems import ReadProblem


class ProblemMemory:
    """The problems of the files that are as they were when they were told, by source path."""

    def __init__(self) -> None:
        self._told: dict[str, set[ReadProblem]] = {}

    def paths(self) -> Set[str]:
        """The files that have problems."""
        return set(self._told)

    def doubtful(self) -> set[str]:
        """The files whose problems are warnings only: of another release with the same id, for one. That may
        end when the other release does.
        """
        return {
            path
            for path, problems in self._told.items()
            if all(problem.severity == "warning" for problem in problems)
        }

    def news(
        self, problems: Iterable[ReadProblem], looked_at: Container[str], changed: Container[str]
    ) -> list[ReadProblem]:
        """The problems to tell, after the files at or below `looked_at` ('' is all) were looked at. Of those
        that `changed` each problem is told again.
        """
        before = self._told
        self._told = {path: told for path, told in before.items() if not is_at(path, looked_at)}
        news = []
        for problem in problems:
            if problem not in before.get(problem.source_path, ()) or is_at(problem.source_path, changed):
                news.append(problem)
            self._told.setdefault(problem.source_path, set()).add(problem)
        return news
