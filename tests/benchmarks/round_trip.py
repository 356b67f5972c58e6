"""Every sentence that a second reader sees in a document is in its release, or is listed as rightly dropped.

    python -m tests.benchmarks.round_trip FOLDER [FOLDER ...]

The second readers are no dependencies: LibreOffice (its PDF of a DOCX, read by pypdfium2), hwp-hwpx-parser and
unhwp for HWP and HWPX, pypdfium2 for PDF. One that is not installed is left out, and said. The documents of the
folders are read, and thirty made here, of things that readers get wrong. Printed are, for every file, each
sentence that the second reader shows and the release has not, with why it is dropped, or "LACKING"; then the
sums. The status is 1 where any is lacking.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError
from indexer.sources.recognizers.masthead import flag_masthead, is_emblem
from tests.benchmarks.round_trip_samples import sample_documents

_NO_LETTER = re.compile(r"[\W_]+")
_CUT = re.compile(r"[\n\r\t\v\f|]+|(?<=[다요음함임됨])\.\s")
_MARKUP = re.compile(r"\[IMAGE\]|\[MEMO:\d+\]|!\[[^\]]*\]\([^)]*\)|<[^<>\n]{1,80}>|\[\^?\d+\]:?")
_DIGITS = re.compile(r"\d+")
_LEAST_LETTERS = 2
_LEAST_PIECE = 5
_PAGE_NUMBER = re.compile(r"\W*\d{1,4}\W*(?:/\W*\d{1,4}\W*)?쪽?\W*")

_READ, _JOINED, _MASTHEAD = "보도자료에 있음", "이어 붙인 자리만 다름", "띠와 배포 정보"
_PAGE, _HIDDEN = "쪽 번호", "보이지 않는 글"
_OUTCOMES = (_READ, _JOINED, _MASTHEAD, _PAGE, _HIDDEN, "LACKING")
# A hidden comment and a running head in a file of the folders.
_UNSEEN: dict[str, tuple[str, ...]] = {"marks.hwpx": ("숨은설명글", "머리말글")}


def main() -> None:
    """Print what each file shows and has, and the sums."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [
            path for folder in sys.argv[1:] for path in sorted(Path(folder).rglob("*")) if path.is_file()
        ]
        unseen = dict(_UNSEEN)
        for name, document in sample_documents().items():
            path = Path(scratch) / name
            path.write_bytes(document.data)
            paths.append(path)
            unseen[name] = document.unseen
        sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        second = _Second(Path(scratch))
        for path in paths:
            _compare(path, second, unseen.get(path.name, ()), sums)
    print("\n| 형식 | 둘째 추출기 | 파일 | 문장 |", " | ".join(_OUTCOMES), "|")
    print("| --- | --- | --- | --- |", " | ".join("---" for _ in _OUTCOMES), "|")
    for (told, name), counts in sorted(sums.items()):
        values = [counts["files"], sum(counts[outcome] for outcome in _OUTCOMES)]
        values += [counts[outcome] for outcome in _OUTCOMES]
        print(f"| {told} | {name} |", " | ".join(f"{value:,}" for value in values), "|")
    sys.exit(any(counts["LACKING"] for counts in sums.values()))


def _compare(
    path: Path, second: _Second, unseen: tuple[str, ...], sums: dict[tuple[str, str], Counter[str]]
) -> None:
    """Print what a second reader sees of a file and the release has not, and add it to `sums`."""
    try:
        reading = read_document(CorpusFile(path, path.name))
    except ContentError as error:
        print(f"{path.name}: {error.message}")
        return
    release = _all_letters(reading)
    for name, text in second.read(path, str(reading.format)):
        shown = list(dict.fromkeys(_sentences(text)))
        counts = sums[str(reading.format), name]
        counts["files"] += 1
        print(f"{path.name}, {name}: {len(shown)}문장")
        for sentence in shown:
            outcome = _outcome(sentence, shown, release, unseen)
            counts[outcome] += 1
            if outcome != _READ:
                print(f"    {outcome}: {sentence}")


def _sentences(text: str) -> Iterator[str]:
    for part in _CUT.split(_MARKUP.sub("\n", text)):
        sentence = " ".join(part.split())
        if len(_letters(sentence)) >= _LEAST_LETTERS:
            yield sentence


def _has(release: str, sentence: str) -> bool:
    """Whether a release has the letters of a sentence, whatever the number of a note or of an item in it."""
    letters = _letters(sentence)
    without_item = _letters(re.sub(r"^\W*(?:\d{1,3}|[가-하ivxIVXa-z])[.)]\s", "", sentence))
    return (
        letters in release or without_item in release or _DIGITS.sub("", letters) in _DIGITS.sub("", release)
    )


def _outcome(sentence: str, shown: list[str], release: str, unseen: tuple[str, ...]) -> str:
    """One of `_OUTCOMES`: whether the release has a sentence that the second reader shows, or why not."""
    if _has(release, sentence):
        return _READ
    if _is_in_pieces(sentence, release):
        return _JOINED
    if _PAGE_NUMBER.fullmatch(sentence):
        return _PAGE
    letters = _letters(sentence)
    for hidden in map(_letters, unseen):
        if hidden in letters and _has(release, letters.replace(hidden, "")):
            return _HIDDEN
    place = shown.index(sentence)
    # The table of times is recognised by its labels, which stand in the cells around; an emblem stands in the
    # cell before the one that says that this is a press release.
    around, beside = shown[max(0, place - 4) : place + 1], " | ".join(shown[place : place + 2])
    if flag_masthead([sentence])[0] or flag_masthead(around)[-1] or is_emblem(beside):
        return _MASTHEAD
    return "LACKING"


def _is_in_pieces(sentence: str, release: str) -> bool:
    """Whether a release has all of a sentence, joined in another way: in pieces each too long to be a chance,
    or its words in the cells of two rows.
    """
    letters = _letters(sentence)
    place = 0
    while place < len(letters):
        end = place + _LEAST_PIECE
        if letters[place:end] not in release or end > len(letters):
            break
        while end < len(letters) and letters[place : end + 1] in release:
            end += 1
        place = end
    if place >= len(letters):
        return True
    words = [word for part in sentence.split() if (word := _letters(part))]
    lines = release.split("\n")
    return any(all(word in one + other for word in words) for one, other in pairwise(lines))


def _all_letters(reading: ParsedFile) -> str:
    (release,) = (item for item in reading.items if isinstance(item, PressRelease))
    fields = (
        release.title,
        release.subtitle,
        release.outlet,
        release.department,
        release.contact,
        release.body,
    )
    return "\n".join(map(_letters, fields))


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text))


class _Second:
    """The second readers that are installed."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._readers: dict[str, list[tuple[str, Callable[[Path], str]]]] = {
            "hwp": [("hwp-hwpx-parser", _hwp_hwpx_parser), ("unhwp", _unhwp)],
            "hwpx": [("hwp-hwpx-parser", _hwp_hwpx_parser), ("unhwp", _unhwp)],
            "pdf": [("pypdfium2", _pypdfium2)],
            "docx": [("LibreOffice", self._libreoffice)],
        }

    def read(self, path: Path, told: str) -> Iterator[tuple[str, str]]:
        """Name and text of each second reader of a format; one that fails is said."""
        named = self._scratch / f"{path.stem}.second.{told}"
        shutil.copy(path, named)
        for name, read in self._readers.get(told, ()):
            try:
                yield name, read(named)
            except ImportError:
                print(f"{name}: 설치되어 있지 않아 뺍니다.", file=sys.stderr)
            except Exception as error:
                print(f"{path.name}, {name}: 읽지 못했습니다({type(error).__name__}).")

    def _libreoffice(self, path: Path) -> str:
        program = shutil.which("soffice")
        if program is None:
            raise ImportError("soffice")
        command = [program, "--headless", "--convert-to", "pdf", "--outdir", str(self._scratch), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return _pypdfium2(path.with_suffix(".pdf"))


def _hwp_hwpx_parser(path: Path) -> str:
    with importlib.import_module("hwp_hwpx_parser").Reader(str(path)) as reader:
        return str(reader.text)


def _unhwp(path: Path) -> str:
    return str(importlib.import_module("unhwp").extract_text(str(path)))


def _pypdfium2(path: Path) -> str:
    with importlib.import_module("pypdfium2").PdfDocument(str(path)) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


if __name__ == "__main__":
    main()
