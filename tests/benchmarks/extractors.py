"""Every file of a folder: what is read of it, and how much of its text other extractors find.

    python -m tests.benchmarks.extractors FOLDER [--lacking]

The others are no dependencies: `pip install hwp-hwpx-parser unhwp pypdfium2 pypdf` first; those that are not
installed are left out, and said. The share is that of all different runs of five letters or digits, whatever
stands between them, that any extractor finds in the file: spaces and cells are joined by each in its own way. Each file is read twice and the second time is told, so that no library is
loaded in it; bodo's includes the way to its worker process. --lacking prints what bodo lacks.
"""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.formats.document import Document, lines_of
from indexer.sources.formats.hwp import read_hwp
from indexer.sources.formats.hwpx import read_hwpx
from indexer.sources.formats.pdf import read_pdf
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError

_READERS: dict[str, Callable[[Path], Document]] = {"hwp": read_hwp, "hwpx": read_hwpx, "pdf": read_pdf}
_RUN_CHARS = 5
_NO_LETTER = re.compile(r"[\W_]+")
_MARKDOWN_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<[^<>\n]{1,80}>")


def main() -> None:
    """Print the tables."""
    folder, lacking = Path(sys.argv[1]), "--lacking" in sys.argv
    others = _installed()
    files = sorted(path for path in folder.iterdir() if path.is_file())
    shares: dict[tuple[str, str], list[float]] = defaultdict(list)
    print("| 파일 | 형식 | 제목 | 날짜 | 기관 | 글자 | 표 | 초 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    lacks: list[str] = []
    for path in files:
        try:
            reading, seconds = _read(path)
        except ContentError as error:
            print(f"| {path.name} | | {error.message} | | | | | |")
            continue
        (release,) = (item for item in reading.items if isinstance(item, PressRelease))
        day = f"{release.published_at:%Y-%m-%d}" if release.published_at else ""
        print(
            f"| {path.name} | {reading.format} | {release.title} | {day} | {release.outlet} |"
            f" {len(release.body):,} | {reading.tables} | {seconds:.2f} |"
        )
        texts = {"bodo": _letters(_text(release))}
        if reading.format in _READERS:
            texts["bodo, 머리 포함"] = _letters(_all_text(_READERS[reading.format](path)))
        for name, (formats, extract) in others.items():
            if reading.format in formats:
                texts[name] = _letters(_by_its_format(path, str(reading.format), extract))
        found = {name: _runs(letters) for name, letters in texts.items()}
        union = set().union(*found.values())
        for name, runs in found.items():
            if len(found) > 1:
                shares[str(reading.format), name].append(len(runs) / len(union))
        for name, letters in texts.items():
            lacks.append(f"{path.name}, {name}: {' '.join(_stretches(letters, found['bodo']))}")
    print("\n| 형식 | 파일 | 읽은 것 | 글의 몫 (%) | 가장 적은 파일 |\n| --- | --- | --- | --- | --- |")
    for (told, name), values in sorted(shares.items()):
        mean, least = 100 * sum(values) / len(values), 100 * min(values)
        print(f"| {told} | {len(values)} | {name} | {mean:.1f} | {least:.1f} |")
    if lacking:
        print("", *lacks, sep="\n")


def _read(path: Path) -> tuple[ParsedFile, float]:
    file = CorpusFile(path, path.name)
    read_document(file)
    started = time.perf_counter()
    return read_document(file), time.perf_counter() - started


def _by_its_format(path: Path, told: str, extract: Callable[[Path], str]) -> str:
    """What an extractor finds in the file under a name of the format that it is: some go by the name."""
    with tempfile.TemporaryDirectory() as scratch:
        named = Path(scratch) / f"a.{told}"
        shutil.copy(path, named)
        return extract(named)


def _text(release: PressRelease) -> str:
    """All that a search finds of a release."""
    return "\n".join(
        (release.title, release.subtitle, release.outlet, release.department, release.contact, release.body)
    )


def _all_text(document: Document) -> str:
    """All that is read, with what a release then has as fields: masthead and times."""
    return "\n".join(line for block in document.blocks for line in lines_of(block))


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text))


def _runs(letters: str) -> set[str]:
    return {letters[place : place + _RUN_CHARS] for place in range(len(letters) - _RUN_CHARS + 1)}


def _stretches(letters: str, known: set[str]) -> list[str]:
    """The stretches of `letters` none of whose runs is known, in order."""
    stretches: list[str] = []
    end = -1
    for place in range(len(letters) - _RUN_CHARS + 1):
        if letters[place : place + _RUN_CHARS] in known:
            continue
        if place == end:
            stretches[-1] += letters[place + _RUN_CHARS - 1]
        else:
            stretches.append(letters[place : place + _RUN_CHARS])
        end = place + 1
    return stretches


def _installed() -> dict[str, tuple[tuple[str, ...], Callable[[Path], str]]]:
    """Name, formats and extractor of every other that is installed."""
    peers: dict[str, tuple[str, tuple[str, ...], Callable[[Any, Path], str]]] = {
        "hwp-hwpx-parser": ("hwp_hwpx_parser", ("hwp", "hwpx"), _hwp_hwpx_parser),
        "unhwp": ("unhwp", ("hwp", "hwpx"), lambda module, path: str(module.extract_text(str(path)))),
        "pypdfium2": ("pypdfium2", ("pdf",), _pypdfium2),
        "pypdf": ("pypdf", ("pdf",), _pypdf),
    }
    found: dict[str, tuple[tuple[str, ...], Callable[[Path], str]]] = {}
    for name, (module_name, formats, extract) in peers.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            print(f"{name}: 설치되어 있지 않아 뺍니다.", file=sys.stderr)
            continue
        found[name] = formats, lambda path, extract=extract, module=module: extract(module, path)  # type: ignore[misc]
    return found


def _hwp_hwpx_parser(module: Any, path: Path) -> str:  # noqa: ANN401
    with module.Reader(str(path)) as reader:
        return _MARKDOWN_PICTURE.sub(" ", str(reader.text))


def _pypdfium2(module: Any, path: Path) -> str:  # noqa: ANN401
    return "\n".join(page.get_textpage().get_text_bounded() for page in module.PdfDocument(str(path)))


def _pypdf(module: Any, path: Path) -> str:  # noqa: ANN401
    return "\n".join(page.extract_text() for page in module.PdfReader(str(path)).pages)


if __name__ == "__main__":
    main()
