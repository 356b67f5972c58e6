"""Measures relevance: asks an index the queries of a judged set.

A judged set is a folder in the BEIR format (Thakur et al. 2021): queries.jsonl (`_id`, `text`), qrels.tsv or
qrels/test.tsv (query, document, grade), and perhaps corpus.jsonl (`_id`, `title`, `text`) with documents of
its own. The metrics are computed by ir-measures.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from indexer.analysis import Analyzer
from indexer.engine import Snapshot, TopK, find_docs, find_release
from indexer.errors import BodoError, SourceError
from indexer.release import PressRelease, Section, identify, paragraphs_of
from indexer.search.interpretations import morphemes_of
from indexer.search.rerank import WINDOW, rerank
from indexer.search.term_weights import scoring_terms

Streams = Literal["both", "morphemes", "bigrams"]
Spacing = Literal["as-is", "removed", "stray"]
Passes = Literal["both", "first"]

# How many releases are asked for: as many as the deepest metric needs.
DEPTH = 100
METRICS = ("mrr@10", "ndcg@10", "recall@10", "recall@100")
# Releases with the same body count as the same answer if it is longer than this. A choice, near the length
# from which results are grouped (`schema.GROUPED_BODY_SYLLABLES`).
SHARED_BODY_CHARS = 300
# How many of the first releases are compared by body: as many as MRR@10 looks at.
_COMPARED_BODIES = 10
# A choice: the bounds of the interval hardly change with more.
_BOOTSTRAP_SAMPLES = 10_000
# A choice: words of at least so many syllables get a stray space.
_STRAY_SYLLABLES = 4

# For each query, the ids of releases with their scores, the best first.
Run = dict[str, list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """`queries`: texts by id. `relevant`: by query id, the grade of each judged document."""

    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`metrics`: values by name (METRICS). `ms_a_query`: the mean wall time of a query in milliseconds."""

    metrics: dict[str, float]
    run: Run
    ms_a_query: float


def read_judged_set(folder: Path) -> JudgedSet:
    """Read the queries and grades of a set. Raises SourceError, which names file and line, if that fails."""
    queries = {
        str(record["_id"]): str(record["text"])
        for record in _records(folder / "queries.jsonl", "_id", "text")
    }
    path = next(
        (path for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if path.is_file()), None
    )
    if path is None:
        raise SourceError(
            f"{folder}에 qrels.tsv도 qrels/test.tsv도 없습니다.", "BEIR 형식의 폴더를 지정하세요."
        )
    relevant: dict[str, dict[str, int]] = {}
    for line_number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        fields = line.split("\t")
        if line_number == 1 and not fields[-1].strip().lstrip("-").isdigit():
            continue
        try:
            query, document, grade = fields
            relevant.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise SourceError(
                f"{path}:{line_number}: 세 칸(질의, 문서, 등급)이 아닙니다.", "그 줄을 고치세요."
            ) from error
    return JudgedSet(queries, relevant)


def read_documents(folder: Path) -> Iterator[PressRelease] | None:
    """The releases of a set's own corpus.jsonl; None if it has none.

    Raises SourceError, which names the line, while they are read.
    """
    path = folder / "corpus.jsonl"
    if not path.is_file():
        return None
    return (
        identify(
            PressRelease(
                id=str(record["_id"]),
                title=str(record["title"]),
                sections=(Section("", paragraphs_of(str(record["text"]))),),
            )
        )
        for record in _records(path, "_id", "title", "text")
    )


def evaluate(
    snapshot: Snapshot,
    judged: JudgedSet,
    analyzer: Analyzer,
    *,
    streams: Streams = "both",
    spacing: Spacing = "as-is",
    passes: Passes = "both",
) -> Evaluation:
    """Ask every query that has a relevant release in the index, and measure the answers. A release need only
    have any of the words.

    `streams` leaves out one of the token streams. `spacing` changes the spaces of the queries. `passes`
    leaves out the second pass of ranking.

    Raises BodoError if no query has a relevant release in the index, or if ir-measures is not installed.
    """
    change_spaces = _SPACINGS[spacing]
    run: Run = {}
    relevant: dict[str, dict[str, int]] = {}
    seconds = 0.0
    for query_id, text in judged.queries.items():
        indexed = find_docs(snapshot, list(judged.relevant.get(query_id, {})))
        known = {
            document: grade
            for document, grade in judged.relevant.get(query_id, {}).items()
            if grade > 0 and document in indexed
        }
        if not known:
            continue
        started = time.perf_counter()
        ranked = _ask(snapshot, analyzer, change_spaces(text), streams, passes)
        seconds += time.perf_counter() - started
        relevant[query_id] = known
        run[query_id] = _as_judged(snapshot, ranked, known)
    if not run:
        raise BodoError(
            "이 색인에는 질의에 맞는 보도자료가 하나도 없습니다.", "평가할 보도자료를 먼저 색인하세요."
        )
    return Evaluation(_measure(relevant, run), run, 1000 * seconds / len(run))


def compare(relevant: dict[str, dict[str, int]], first: Run, second: Run) -> tuple[float, float, float]:
    """The MRR@10 of `first` minus that of `second`, and the lower and upper bound of its 95 % interval.

    The interval is that of a paired bootstrap over the queries that both runs answer (Sakai, Evaluating
    Evaluation Metrics based on the Bootstrap, 2006). Raises BodoError if they have no query in common.
    """
    shared = sorted(first.keys() & second.keys() & relevant.keys())
    if not shared:
        raise BodoError("두 실행에 같은 질의가 없습니다.", "같은 질의로 만든 --runs 파일을 지정하세요.")
    differences = np.array(
        [_reciprocal_rank(first[query], relevant[query]) - _reciprocal_rank(second[query], relevant[query])
         for query in shared]
    )  # fmt: skip
    chooser = np.random.default_rng(0)
    means = [
        differences[chooser.integers(0, len(differences), len(differences))].mean()
        for _ in range(_BOOTSTRAP_SAMPLES)
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(differences.mean()), float(low), float(high)


def write_run(path: Path, run: Run) -> None:
    """Write a run as a TREC run file."""
    with path.open("w", encoding="utf-8") as stream:
        for query, ranked in run.items():
            for rank, (document, score) in enumerate(ranked, 1):
                stream.write(f"{query} Q0 {document} {rank} {score:.6f} bodo\n")


def read_run(path: Path) -> Run:
    """Read a TREC run file. Raises SourceError, which names the line, if that fails."""
    run: Run = {}
    for line_number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            query, _, document, _, score, _ = line.split()
            run.setdefault(query, []).append((document, float(score)))
        except ValueError as error:
            raise SourceError(
                f"{path}:{line_number}: TREC 실행 파일의 줄이 아닙니다.", "그 줄을 고치세요."
            ) from error
    return run


def _ask(
    snapshot: Snapshot, analyzer: Analyzer, query: str, streams: Streams, passes: Passes
) -> list[tuple[str, float]]:
    analysed = analyzer.analyze([query])
    text = analysed.morphemes.spans(0), analysed.bigrams.pairs(0)
    chosen = tuple(term for term in scoring_terms([text]) if streams in ("both", term.stream))
    docs = snapshot.top(TopK(scoring=chosen, limit=DEPTH)).docs
    if passes == "both":
        morphemes = morphemes_of(list(analysed.morphemes.tokens(0)))
        docs = (*rerank(snapshot, analyzer, morphemes, docs[:WINDOW]), *docs[WINDOW:])
    return [(doc.id, doc.score) for doc in docs]


def _as_judged(
    snapshot: Snapshot, docs: list[tuple[str, float]], relevant: dict[str, int]
) -> list[tuple[str, float]]:
    """The ranked ids and scores. The first release with the body of a relevant one has the id of that one."""
    bodies: dict[str, str] = {}
    for document in relevant:
        release = find_release(snapshot, document)
        if release and len(release.body) > SHARED_BODY_CHARS:
            bodies.setdefault(release.body, document)
    ranked: dict[str, float] = {}
    for document, score in docs:
        judged_id = document
        if bodies and len(ranked) < _COMPARED_BODIES and not relevant.keys() & ranked.keys():
            release = None if document in relevant else find_release(snapshot, document)
            judged_id = bodies.get(release.body, document) if release else document
        ranked.setdefault(judged_id, score)
    return list(ranked.items())


def _measure(relevant: dict[str, dict[str, int]], run: Run) -> dict[str, float]:
    try:
        import ir_measures
        from ir_measures import RR, R, nDCG
    except ModuleNotFoundError as error:
        raise BodoError(
            "평가에 필요한 ir-measures가 설치되어 있지 않습니다.",
            "pip install 'bodo-search[eval]'로 설치하세요.",
        ) from error
    wanted = {"mrr@10": RR @ 10, "ndcg@10": nDCG @ 10, "recall@10": R @ 10, "recall@100": R @ 100}
    # Ranks instead of scores, so that documents with equal scores keep their order.
    by_rank = {
        query: {document: float(-rank) for rank, (document, _) in enumerate(ranked)}
        for query, ranked in run.items()
    }
    measured = ir_measures.calc_aggregate(wanted.values(), relevant, by_rank)
    return {name: float(measured[measure]) for name, measure in wanted.items()}


def _reciprocal_rank(ranked: list[tuple[str, float]], relevant: dict[str, int]) -> float:
    return next((1 / rank for rank, (document, _) in enumerate(ranked[:10], 1) if document in relevant), 0.0)


def _records(path: Path, *names: str) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for line_number, line in enumerate(stream, 1):
                try:
                    record = json.loads(line)
                    if not all(name in record for name in names):
                        raise ValueError
                except (ValueError, TypeError) as error:
                    wanted = ", ".join(names)
                    raise SourceError(
                        f"{path}:{line_number}: {wanted}이(가) 있는 JSON이 아닙니다.", "그 줄을 고치세요."
                    ) from error
                yield record
    except OSError as error:
        raise SourceError(
            f"{path} 파일을 읽을 수 없습니다({error.strerror}).", "BEIR 형식의 폴더를 지정하세요."
        ) from error


def _with_stray_spaces(text: str) -> str:
    """The text with a space inside every word of _STRAY_SYLLABLES or more syllables. The same text always
    gets the same spaces.
    """
    chooser = random.Random(text)  # noqa: S311 - no secret

    def split(match: re.Match[str]) -> str:
        word = match.group()
        offset = chooser.randrange(1, len(word))
        return f"{word[:offset]} {word[offset:]}"

    return re.sub(rf"[가-힣]{{{_STRAY_SYLLABLES},}}", split, text)


_SPACINGS: dict[Spacing, Callable[[str], str]] = {
    "as-is": lambda text: text,
    "removed": lambda text: re.sub(r"\s+", "", text),
    "stray": _with_stray_spaces,
}
