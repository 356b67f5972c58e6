"""Each part that needs no other process measures a small index, and shows what it measured."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests.benchmarks.bench import Bench, Limits
from tests.benchmarks.part import Unavailable
from tests.benchmarks.parts import PARTS
from tests.benchmarks.run import main, parts_of
from tests.conftest import ROOT

TITLES = ("창원특례시장 독일 하노버 출장", "하노버 산업박람회 참가", "창원 기업 지원")


@pytest.fixture
def bench(first_index: Path, tmp_path: Path) -> Bench:
    """A bench over the repository's corpus, with few queries."""
    for name in ("eval-titles", "eval-subtitles"):
        folder = tmp_path / name
        folder.mkdir()
        lines = (json.dumps({"_id": str(index), "text": title}) for index, title in enumerate(TITLES))
        (folder / "queries.jsonl").write_text("\n".join(lines), "utf-8")
        (folder / "qrels.tsv").write_text("query\tdocument\tgrade\n", "utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Bench(ROOT / "corpus", tmp_path, scratch, index=first_index, limits=Limits().scaled(0.003))


@pytest.mark.parametrize("name", ["query", "suggest", "sqlite", "whoosh", "growth"])
def test_a_part_measures_and_shows(name: str, bench: Bench) -> None:
    part = PARTS[name]
    measured = part.measure(bench)
    assert measured.releases == 1
    assert measured.queries > 0
    figures = json.loads(json.dumps(measured.figures))
    lines = list(part.show(figures))
    assert lines
    assert all(isinstance(line, str) and "\n" not in line for line in lines)


@pytest.mark.parametrize("name", ["opensearch", "cluster"])
def test_without_a_folder_for_it_opensearch_is_left_out(name: str, bench: Bench) -> None:
    with pytest.raises(Unavailable):
        PARTS[name].measure(bench)


def test_the_queries_are_the_same_each_time(bench: Bench, first_index: Path) -> None:
    again = Bench(bench.corpus, bench.scratch.parent, bench.scratch, index=first_index, limits=bench.limits)
    assert bench.keywords == again.keywords
    assert all(query in " ".join(TITLES) for query in bench.keywords.timed)


def test_a_share_leaves_one_of_each() -> None:
    limits = Limits().scaled(1e-9)
    assert limits == Limits(1, 1, (1, 1, 1, 1), 1, 1, 1)
    assert Limits().scaled(1) == Limits()


def test_parts_are_chosen_by_name() -> None:
    assert [part.name for part in parts_of("page,build")] == ["page", "build"]
    assert parts_of("") == []
    with pytest.raises(argparse.ArgumentTypeError, match=r"no part pages: there are build, query, page"):
        parts_of("pages")


def test_an_unknown_part_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--corpus", "nowhere", "--only", "nothing"])
    assert refused.value.code == 2
    assert ", ".join(PARTS) in capsys.readouterr().err
