"""Precision by the analyzer's cut: the count, the command, and our own words in the golden file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import SourceError
from indexer.evaluation.precision import WordPrecision, measure_precision, read_list, stands_in
from tests.conftest import ROOT, release_of

RELEVANCE = ROOT / "tests" / "relevance"
TEXTS = {
    "word": "화재가 났다.", "inside": "문화재를 지킨다.", "both": "문화재에 화재가 났다.", "none": "물이 찼다.",
    "apart": "화 재가 났다.", "turned": "비급여를 공개한다.", "plain": "급여를 준다.",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer) -> WhooshEngine:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put([release_of("알림", text, id=name) for name, text in TEXTS.items()])
        writer.commit({})
    return engine


def test_releases_are_counted_by_how_they_hold_a_word(engine: WhooshEngine, analyzer: Analyzer) -> None:
    measured = measure_precision(engine.open(), analyzer, ["화재", "급여", "없는말"])
    assert measured == [
        WordPrecision("화재", found=3, wrong=0, right=2, missed=0),
        WordPrecision("급여", found=1, wrong=0, right=1, missed=0),
        WordPrecision("없는말", found=0, wrong=0, right=0, missed=0),
    ]


def test_what_is_found_in_other_words_or_missed_is_seen(
    engine: WhooshEngine, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from indexer.engine import NgramPhrase, Term
    from indexer.search import interpretations

    def letters(word: str) -> interpretations.InterpretedWord:
        return interpretations.InterpretedWord(
            (interpretations.Interpretation(NgramPhrase(word, borders="none"), "run"),), ()
        )

    monkeypatch.setattr(
        interpretations.WordInterpreter, "interpret", lambda _, word, *__, **___: letters(word)
    )
    assert measure_precision(engine.open(), analyzer, ["화재"]) == [WordPrecision("화재", 4, 1, 2, 0)]
    nothing = interpretations.InterpretedWord((interpretations.Interpretation(Term("없음"), "morpheme"),), ())
    monkeypatch.setattr(interpretations.WordInterpreter, "interpret", lambda *_, **__: nothing)
    assert measure_precision(engine.open(), analyzer, ["화재"]) == [WordPrecision("화재", 0, 0, 2, 2)]


@pytest.mark.parametrize(
    ("text", "word", "stands"),
    [
        ("화재가 났다", "화재", True),
        ("문화재를", "화재", False),
        ("문화재를", "문화", True),
        ("위원회의 뜻", "회의", False),
        ("위원회 회의 뜻", "회의", True),
        ("업무를 보고 왔다", "보고", True),
        ("작품을 보여주는", "여주", False),
        ("비급여", "급여", False),
        ("연말연시 화재사고", "화재", True),
    ],
)
def test_when_a_word_stands_as_one(analyzer: Analyzer, text: str, word: str, stands: bool) -> None:
    assert stands_in(text, word, analyzer.morphemes(text)) is stands


def test_words_come_from_a_file_or_from_the_command(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# 지명\n여주\n수원 # 시\n\n여주\n", "utf-8")
    assert read_list(str(tmp_path / "words.txt")) == ["여주", "수원"]
    assert read_list("여주, 수원 구리") == ["여주", "수원", "구리"]
    with pytest.raises(SourceError, match="낱말이 없습니다"):
        read_list(" , ")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="읽을 수 없습니다"):
        read_list(str(tmp_path / "bad.txt"))


def test_our_own_words_score_as_the_golden_file_says() -> None:
    result = CliRunner().invoke(
        main, ["eval", str(RELEVANCE), "--precision", str(RELEVANCE / "words.txt"), "--json"]
    )
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    assert measured == json.loads((RELEVANCE / "precision.json").read_text("utf-8"))
    assert measured["wrong_share"] <= 0.03
    assert measured["missed_share"] <= 0.005


def test_the_command_shows_words_and_shares(tmp_path: Path, engine: WhooshEngine) -> None:
    shown = CliRunner().invoke(main, ["eval", "--precision", "화재,급여", "--index", str(tmp_path / "index")])
    assert shown.exit_code == 0
    assert shown.output.splitlines()[-1] == "wrong 0.00%, missed 0.00%"
    assert "화재" in shown.output
    neither = CliRunner().invoke(main, ["eval"])
    assert neither.exit_code == 2
    assert "--precision" in neither.output
