"""Synonyms: what a person types -> what the releases say.

    # 양쪽이 서로를 찾습니다.
    창원시 = 창원특례시
    # 왼쪽을 찾으면 오른쪽도 찾습니다. 한쪽에 여러 낱말을 쓸 수 있습니다.
    과기부 > 과학기술정보통신부, 과학기술 정보통신부

They apply to queries only, so that a change needs no new index.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.curation.lines import LineProblem, parse_lines
from indexer.text.normalize import normalize

# How far a query is looked through for a synonym from each of its words.
MAX_SYNONYM_WORDS = 8


class Synonyms:
    """What words also find. A bad line is named in `problems` and skipped."""

    def __init__(self, text: str = "") -> None:
        # By the words of a side in normal form, without spaces: what they also find, as written.
        self._others: dict[str, list[str]] = {}
        self.problems: list[LineProblem] = parse_lines(text, self._add)

    def find(self, words: Sequence[str]) -> list[str]:
        """What these words, one behind the other, also find; as written in the file."""
        return self._others.get(_key("".join(words)), [])

    def _add(self, line: str) -> None:
        sign = "=" if "=" in line else ">"
        left, found, right = line.partition(sign)
        sides = [[phrase.strip() for phrase in side.split(",")] for side in (left, right)]
        if not found or "=" in right or ">" in right:
            raise ValueError("‘낱말 = 낱말’이나 ‘낱말 > 낱말’로 씁니다.")
        for phrase in (phrase for side in sides for phrase in side):
            if not _key(phrase):
                raise ValueError("빈 낱말이 있습니다.")
            if len(phrase.split()) > MAX_SYNONYM_WORDS:
                raise ValueError(f"한쪽에는 낱말 {MAX_SYNONYM_WORDS}개까지 쓸 수 있습니다: {phrase}")
        if sign == "=":
            phrases = [phrase for side in sides for phrase in side]
            for phrase in phrases:
                self._learn(phrase, [other for other in phrases if other != phrase])
        else:
            for phrase in sides[0]:
                self._learn(phrase, sides[1])

    def _learn(self, phrase: str, others: list[str]) -> None:
        known = self._others.setdefault(_key(phrase), [])
        known += [other for other in others if other not in known]


def _key(text: str) -> str:
    return "".join(char for char in normalize(text).text if char.isalnum())
