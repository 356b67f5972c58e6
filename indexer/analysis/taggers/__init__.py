"""The morphological analyzers, each as a `Tagger`; the only home of `konlpy` and `kiwipiepy`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from indexer.errors import BodoError


class Tagger(Protocol):
    """A morphological analyzer, speaking mecab-ko-dic's format whatever it is.

    A line is "surface TAB tag,class,final,reading,type,first,last,expression". The surfaces, put end to
    end, are the text without its white space; a form that is no slice of the text stands in an `Inflect`
    expression. Not to be called from two threads at once.
    """

    @property
    def name(self) -> str:
        """What the setting calls it."""

    @property
    def dictionary(self) -> str:
        """Name and version of what decides its answers."""

    def parse(self, text: str) -> Iterator[list[str]]:
        """Runs of lines that together are the normalized `text`."""

    def ways(self, word: str, limit: int) -> list[list[str]]:
        """The likeliest ways to read a normalized word, as lines: one at least, and at most `limit`."""

    def close(self) -> None:
        """End what runs beside this process, if anything does."""


def make_tagger(name: str) -> Tagger:
    """The tagger of this name. Raises BodoError for an unknown one, and for one whose packages are not
    installed, naming the extra that brings them. Imports nothing of the others.
    """
    if name not in TAGGERS:
        raise BodoError(f"모르는 분석기입니다: {name}", f"쓸 수 있는 것: {', '.join(TAGGERS)}")
    extra, make = TAGGERS[name]
    try:
        return make()
    except ModuleNotFoundError as error:
        raise BodoError(
            f"분석기 {name}에 필요한 {error.name}이(가) 설치되어 있지 않습니다.",
            f"pip install 'bodo-search[{extra}]'로 설치하세요.",
        ) from error


def _mecab() -> Tagger:
    from indexer.analysis.taggers.mecab import MecabTagger

    return MecabTagger()


def _kiwi() -> Tagger:
    from indexer.analysis.taggers.kiwi import KiwiTagger

    return KiwiTagger()


def _jvm(name: str) -> Callable[[], Tagger]:
    def make() -> Tagger:
        from indexer.analysis.taggers.jvm import JvmTagger

        return JvmTagger(name)

    return make


TAGGERS: dict[str, tuple[str, Callable[[], Tagger]]] = {
    "mecab": ("", _mecab),
    "okt": ("jvm", _jvm("okt")),
    "komoran": ("jvm", _jvm("komoran")),
    "hannanum": ("jvm", _jvm("hannanum")),
    "kkma": ("jvm", _jvm("kkma")),
    "kiwi": ("kiwi", _kiwi),
}
