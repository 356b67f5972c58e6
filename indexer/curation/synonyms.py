"""Synonyms: what a person types -> what the releases say. A text file that a person edits.

    # 양쪽이 서로를 찾습니다.
    창원시 = 창원특례시
    # 왼쪽을 찾으면 오른쪽도 찾습니다. 한쪽에 여러 낱말을 쓸 수 있습니다.
    과기부 > 과학기술정보통신부, 과학기술 정보통신부

They apply to queries only, so a change asks for no new index.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.curation.lines import LineProblem
from indexer.errors import AnalysisError
from indexer.text.normalize import normalize

_MAX_WORDS = 8


@dataclass(slots=True)
class Synonyms:
    """`others` maps a side, its words in normal form and without the spaces, to what it also finds."""

    others: dict[str, list[str]] = field(default_factory=dict)
    problems: list[LineProblem] = field(default_factory=list)

    @classmethod
    def read(cls, text: str) -> Synonyms:
        """Read the file's text; a bad line is named in `problems` and skipped."""
        synonyms = cls()
        for number, line in enumerate(text.split("\n"), 1):
            content = line.partition("#")[0].strip()
            if not content:
                continue
            try:
                synonyms._add(content)
            except (AnalysisError, ValueError) as error:
                synonyms.problems.append(LineProblem(number, str(error)))
        return synonyms

    def find(self, words: list[str]) -> list[str]:
        """What these words, one behind the other, also find; as written in the file."""
        return self.others.get(_key("".join(words)), [])

    def _add(self, content: str) -> None:
        sign = "=" if "=" in content else ">"
        left, found, right = content.partition(sign)
        sides = [[phrase.strip() for phrase in side.split(",")] for side in (left, right)]
        if not found or "=" in right or ">" in right:
            raise ValueError("‘낱말 = 낱말’이나 ‘낱말 > 낱말’로 씁니다.")
        for phrase in (phrase for side in sides for phrase in side):
            if not _key(phrase):
                raise ValueError("빈 낱말이 있습니다.")
            if len(phrase.split()) > _MAX_WORDS:
                raise ValueError(f"한쪽에는 낱말 {_MAX_WORDS}개까지 쓸 수 있습니다: {phrase}")
        if sign == "=":
            everything = [phrase for side in sides for phrase in side]
            for phrase in everything:
                self._learn(phrase, [other for other in everything if other != phrase])
        else:
            for phrase in sides[0]:
                self._learn(phrase, sides[1])

    def _learn(self, phrase: str, others: list[str]) -> None:
        known = self.others.setdefault(_key(phrase), [])
        known += [other for other in others if other not in known]


def _key(text: str) -> str:
    return "".join(char for char in normalize(text).text if char.isalnum())
