"""The morphological analyzers, each as a `Tagger`. Only here `konlpy` and `kiwipiepy` are imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from indexer.errors import BodoError


class Tagger(Protocol):
    """A morphological analyzer that answers in the format of mecab-ko-dic.

    A line is "surface TAB tag,class,final,reading,type,first,last,expression". The surfaces, joined, are the
    text without its spaces and line feeds. A form that is no slice of the text is in an `Inflect` expression.
    Not safe to share between threads.
    """

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def dictionary(self) -> str:
        """Name and version of the dictionary or model, which decides its answers."""

    def parse(self, text: str) -> Iterator[list[str]]:
        """The lines of a text in normal form, a list for each chunk."""

    def n_best(self, word: str, limit: int) -> list[list[str]]:
        """The likeliest paths for a word in normal form, as lines each: at least one, at most `limit`."""

    def close(self) -> None:
        """End the process that it runs, if any."""


def make_tagger(name: str) -> Tagger:
    """The tagger of this name. Imports nothing of the others.

    Raises BodoError for an unknown name, and for a tagger whose packages are not installed.
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


# Name -> the extra of our package that installs it ('' if always installed), and what makes it.
TAGGERS: dict[str, tuple[str, Callable[[], Tagger]]] = {
    "mecab": ("", _mecab),
    "okt": ("jvm", _jvm("okt")),
    "komoran": ("jvm", _jvm("komoran")),
    "hannanum": ("jvm", _jvm("hannanum")),
    "kkma": ("jvm", _jvm("kkma")),
    "kiwi": ("kiwi", _kiwi),
}
