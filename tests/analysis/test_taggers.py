"""Every analyzer keeps the same promises; those in Java on a small sample, as they are slow."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.analysis.taggers import TAGGERS, jvm
from indexer.analysis.taggers.alignment import align
from indexer.analysis.taggers.chunks import split_text
from indexer.errors import BodoError
from tests.support.analysis import KOREAN, assert_well_formed

TEXT = (
    "경남 창원특례시 홍남표 시장이 독일 출장에서 글로벌 기업과 업무협약을 맺었다고 밝혔다.\n"
    "‘하노버 산업박람회(HANNOVER MESSE 2023)’에 4,000개 기업이 나아갈 방향, 3.5% 大學 🎉"
)
HOSTILE = [
    "",
    " \n",
    "ㄱ" * 600,
    "가" * 600,
    "!" * 3_000,
    "ㅋㅋㅋㅠㅠ" * 50,
    "\u200b",
    "a b" * 500,
    "👩\u200d👧",
]


@pytest.fixture(scope="module", params=list(TAGGERS))
def any_analyzer(request: pytest.FixtureRequest) -> Iterator[Analyzer]:
    patch = pytest.MonkeyPatch()
    patch.setattr(jvm, "CHUNK_CPU_S", 5.0)
    analyzer = Analyzer(request.param)
    yield analyzer
    analyzer.close()
    patch.undo()


def test_the_words_of_a_press_release_are_terms(any_analyzer: Analyzer) -> None:
    tokens = any_analyzer.tokens(TEXT)
    assert_well_formed(TEXT, tokens)
    found = {(token.term, TEXT[token.start : token.end]) for token in tokens}
    for expected in (("기업", "기업"), ("방향", "방향"), ("hannover", "HANNOVER"), ("3.5", "3.5")):
        assert expected in found
    assert any(surface.startswith("나아") for _, surface in found)
    assert any(surface.startswith("맺") for _, surface in found)
    assert not {term for term, _ in found} & {"이", "에서", "과", "을", "에", "("}


def test_decomposed_text_keeps_its_own_offsets(any_analyzer: Analyzer) -> None:
    text = unicodedata.normalize("NFD", "방향 기업")
    spans = [text[token.start : token.end] for token in any_analyzer.tokens(text)]
    assert [unicodedata.normalize("NFC", span) for span in spans] == ["방향", "기업"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_ends(any_analyzer: Analyzer, text: str) -> None:
    assert_well_formed(text, any_analyzer.tokens(text))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(KOREAN, st.text(max_size=40)))
def test_any_text(any_analyzer: Analyzer, text: str) -> None:
    assert_well_formed(text, any_analyzer.tokens(text))


def test_threads_share_an_analyzer(any_analyzer: Analyzer) -> None:
    expected = any_analyzer.tokens(TEXT)
    wrong = []

    def ask() -> None:
        for _ in range(2):
            if any_analyzer.tokens(TEXT) != expected:
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_unknown_analyzer_is_named() -> None:
    with pytest.raises(BodoError, match="mecab, okt"):
        Analyzer("twitter")


def test_the_default_starts_no_jvm_and_imports_no_other_analyzer() -> None:
    code = (
        "import sys; from indexer.analysis import Analyzer; Analyzer().tokens('창원')\n"
        "import jpype; assert not jpype.isJVMStarted()\n"
        "assert 'kiwipiepy' not in sys.modules and 'indexer.analysis.taggers.jvm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def komoran() -> Iterator[jvm.JvmTagger]:
    tagger = jvm.JvmTagger("komoran")
    assert list(tagger.parse("창원 독일"))
    yield tagger
    tagger.close()


def send(tagger: jvm.JvmTagger, number: int) -> None:
    assert tagger._worker is not None
    tagger._worker._process.send_signal(number)


@pytest.mark.parametrize(
    ("limit", "seconds", "sent", "reason"),
    [
        ("CHUNK_CPU_S", 0.001, signal.SIGCONT, "CPU 시간 0.001초를 넘김"),
        # Stopped, it uses no CPU time: it hangs.
        ("TIMEOUT_S", 0.1, signal.SIGSTOP, "0.1초 안에 답하지 않음"),
        ("TIMEOUT_S", 60.0, signal.SIGKILL, "프로세스가 죽음"),
    ],
)
def test_a_chunk_without_an_answer_is_indexed_as_written(
    komoran: jvm.JvmTagger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    limit: str,
    seconds: float,
    sent: int,
    reason: str,
) -> None:
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(jvm, limit, seconds)
        send(komoran, sent)
        (lines,) = komoran.parse("독일 출장 " * 160)
    assert {line.split("\t")[0] for line in lines} == {"독일", "출장"}
    assert "komoran" in caplog.text
    assert reason in caplog.text
    (lines,) = komoran.parse("독일 출장")
    assert [line.split("\t")[1].split(",")[0] for line in lines] == ["NNP", "NNG"]


def test_a_chunk_that_waits_longer_than_its_cpu_time_is_analysed(
    komoran: jvm.JvmTagger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jvm, "CHUNK_CPU_S", 1.0)
    send(komoran, signal.SIGSTOP)
    waker = threading.Timer(2.0, send, (komoran, signal.SIGCONT))
    waker.start()
    (lines,) = komoran.parse("독일 출장")
    waker.join()
    assert [line.split("\t")[1].split(",")[0] for line in lines] == ["NNP", "NNG"]
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "morphemes", "lines"),
    [
        ("독일 출장", [("독일", "NNP"), ("출장", "NNG")], ["독일 NNP", "출장 NNG"]),
        (
            "나아갈 길",
            [("나아가", "VV"), ("ㄹ", "ETM"), ("길", "NNG")],
            ["나아갈 나아가/VV/*+ㄹ/ETM/*", "길 NNG"],
        ),
        ("했다", [("하", "VV"), ("았", "EP"), ("다", "EF")], ["했 하/VV/*+았/EP/*", "다 EF"]),
        ("가!나", [("가", "NNG"), ("나", "NP")], ["가 NNG", "! UNCLAIMED", "나 NP"]),
    ],
)
def test_alignment(text: str, morphemes: list[tuple[str, str]], lines: list[str]) -> None:
    made = []
    for line in align(text, morphemes):
        surface, _, features = line.partition("\t")
        fields = features.split(",")
        made.append(f"{surface} {fields[7] if 'Inflect' in fields else fields[0]}")
    assert made == lines


@given(st.text(alphabet=st.sampled_from("가나다라ㄹ각 \nab1!"), max_size=40), st.lists(
    st.tuples(st.text(alphabet=st.sampled_from("가나다ㄹ간a1"), max_size=3), st.sampled_from(["NNG", "VV", "EC"]))
))  # fmt: skip
def test_aligned_surfaces_always_spell_the_text(text: str, morphemes: list[tuple[str, str]]) -> None:
    surfaces = [line.split("\t")[0] for line in align(text, morphemes)]
    assert "".join(surfaces) == text.replace(" ", "").replace("\n", "")


@given(st.text(alphabet=st.sampled_from("가나 \n"), max_size=200), st.integers(1, 30))
def test_cutting_loses_nothing(text: str, max_chars: int) -> None:
    pieces = split_text(text, max_chars)
    assert "".join(pieces) == text
    assert all(len(piece) <= max_chars for piece in pieces)
