"""The texts that a person edits: synonyms, names of issuers, and what a change of them asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.curation.dictionary import Dictionary
from indexer.curation.files import read_curated_files
from indexer.curation.issuers import Issuers
from indexer.curation.synonyms import Synonyms
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing.reindex import reindex
from indexer.search.request import SearchRequest
from indexer.search.response import WordWithSynonyms
from indexer.search.service import SearchService
from tests.conftest import ROOT, release_of


class City:
    """A corpus with its texts, an index, and a service over it."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        self.engine = WhooshEngine(folder / "index", analyzer)
        self.service = SearchService(self.engine, analyzer)

    def write(self, name: str, text: str) -> None:
        (self.corpus / name).write_text(text, "utf-8")

    def release(self, name: str, title: str, body: str = "본문이다.", outlet: str = "창원시") -> None:
        self.write(f"{name}.md", f"---\ntitle: {title}\noutlet: {outlet}\n---\n{body}\n")

    def found(self, q: str) -> set[str]:
        return {hit.title.text for hit in self.service.search(SearchRequest(q=q)).hits}


@pytest.fixture
def city(tmp_path: Path, analyzer: Analyzer) -> City:
    return City(tmp_path, analyzer)


def test_synonyms_find_both_ways_or_one(city: City) -> None:
    city.release("a", "창원시 소식")
    city.release("b", "창원특례시 소식")
    city.release("c", "업무 협약 소식")
    city.release("d", "엠오유 소식")
    city.write("synonyms.txt", "창원시 = 창원특례시\n엠오유 > 업무협약\n")
    reindex(city.engine, city.corpus)
    assert city.found("창원시") == city.found("창원특례시") == {"창원시 소식", "창원특례시 소식"}
    assert city.found("엠오유 소식") == {"업무 협약 소식", "엠오유 소식"}
    assert city.found("업무협약") == {"업무 협약 소식"}


def test_the_answer_says_which_synonym_applied_and_marks_the_texts_own_word(city: City) -> None:
    city.release("b", "창원특례시 소식", "창원특례시가 알린다.")
    city.write("synonyms.txt", "창원시 = 창원특례시\n")
    reindex(city.engine, city.corpus)
    answer = city.service.search(SearchRequest(q="창원시 소식"))
    (hit,) = answer.hits
    assert answer.query.synonyms == (WordWithSynonyms("창원시", "창원시", ("창원특례시",)),)
    assert "<mark>창원특례시</mark>" in hit.title.html
    assert {(word.query, word.match_kind) for word in hit.matched} == {
        ("창원시", "synonym"),
        ("소식", "morpheme"),
    }


def test_synonyms_of_several_words(city: City) -> None:
    city.release("a", "인공지능 소식")
    city.release("b", "AI 반도체 소식")
    city.write("synonyms.txt", "에이 아이 = AI\n인공 지능 칩 > AI 반도체\n")
    reindex(city.engine, city.corpus)
    assert city.found("에이 아이") == {"AI 반도체 소식"}
    assert city.found("인공지능 칩 소식") == {"AI 반도체 소식"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("창원시", "씁니다"),
        ("= 창원", "빈 낱말"),
        ("창원 =", "빈 낱말"),
        ("가 = 나 = 다", "씁니다"),
        ("a b c d e f g h i = 나", "8개까지"),
    ],
)
def test_a_bad_synonym_is_named_and_skipped(line: str, reason: str) -> None:
    synonyms = Synonyms(f"# 머리\n{line}\n나 = 다\n")
    assert [problem.line for problem in synonyms.problems] == [2]
    assert reason in synonyms.problems[0].reason
    assert synonyms.find(["나"]) == ["다"]


def test_issuers_have_one_name(city: City) -> None:
    city.release("a", "하나", outlet="과기정통부")
    city.release("b", "둘", outlet="과학기술 정보통신부")
    city.write("outlets.txt", "과학기술정보통신부 = 과기정통부\n")
    reindex(city.engine, city.corpus)
    answer = city.service.search(SearchRequest(q="본문"))
    assert [(entry.value, entry.count) for entry in answer.facets["outlet"]] == [("과학기술정보통신부", 2)]
    before = {hit.id for hit in answer.hits}
    city.write("outlets.txt", "과기부 = 과기정통부, 과학기술정보통신부\n")
    report = reindex(city.engine, city.corpus)
    assert (report.updated, report.unchanged) == (2, 0)
    answer = city.service.search(SearchRequest(q="본문"))
    assert [(entry.value, entry.count) for entry in answer.facets["outlet"]] == [("과기부", 2)]
    assert {hit.id for hit in answer.hits} == before


def test_a_bad_line_of_issuers_is_named() -> None:
    issuers = Issuers("과기부\n= 과기부\n가 = 나\n다 = 나\n")
    assert [problem.line for problem in issuers.problems] == [1, 2, 4]
    assert issuers.normalize(release_of("제목", outlet="나")).outlet == "가"


def test_only_releases_with_a_changed_word_are_analysed_again(city: City) -> None:
    city.release("a", "에어팟 소식", "에어팟을 샀다.")
    city.release("b", "다른 소식")
    city.release("c", "또 다른 소식")
    reindex(city.engine, city.corpus)
    city.write("dictionary.txt", "에어팟\n")
    report = reindex(city.engine, city.corpus)
    assert (report.reanalysed, report.unchanged, report.documents) == (1, 2, 3)
    answer = city.service.search(SearchRequest(q="에어팟"))
    assert [(word.surface, word.match_kind) for word in answer.hits[0].matched] == [("에어팟", "morpheme")]
    assert reindex(city.engine, city.corpus).reanalysed == 0
    city.write("dictionary.txt", "# 비움\n")
    assert reindex(city.engine, city.corpus).reanalysed == 1


def test_bad_lines_are_reported_and_stop_nothing(city: City) -> None:
    city.release("a", "소식")
    city.write("dictionary.txt", "가\n에어팟\n")
    city.write("synonyms.txt", "잘못된 줄\n")
    city.write("outlets.txt", "잘못된 줄\n")
    report = reindex(city.engine, city.corpus)
    assert [(problem.source_path, problem.line, problem.severity == "warning") for problem in report.refusals] == [
        ("dictionary.txt", 1, True), ("synonyms.txt", 1, True), ("outlets.txt", 1, True),
    ]  # fmt: skip
    assert report.documents == 1


def test_what_ships_with_the_corpus_is_right() -> None:
    curated_files = read_curated_files(ROOT / "corpus")
    assert Dictionary(curated_files["dictionary.txt"]).problems == []
    synonyms = Synonyms(curated_files["synonyms.txt"])
    assert synonyms.problems == []
    assert synonyms.find(["데이타"]) == ["데이터"]
    assert Issuers(curated_files["outlets.txt"]).problems == []
