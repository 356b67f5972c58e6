"""Every analyzer in one run: characters a second, relevance, memory; and both streams against raw MeCab.

    python -m tests.benchmarks.analyzers RELEASES.jsonl.xz JUDGED [COUNT]

COUNT releases (600), a third of them with a query of JUDGED. Each analyzer has a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.analysis.taggers import TAGGERS
from indexer.analysis.taggers.mecab import MecabTagger
from indexer.engines.whoosh import WhooshEngine
from indexer.evaluation.judged import evaluate, read_judged_set
from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files

# The slower analyzers would need hours for the longest releases.
MAX_CHARS = 3_000
RATIO_RELEASES = 4_000


def main() -> None:
    """Measure all, a line of JSON each."""
    if len(sys.argv) > 4:
        measure(sys.argv[4])
        return
    arguments = [*sys.argv[1:], "600"][:3]
    floor()
    for name in TAGGERS:
        subprocess.run([sys.executable, "-m", "tests.benchmarks.analyzers", *arguments, name], check=True)


def measure(name: str) -> None:
    """One analyzer."""
    judged = read_judged_set(Path(sys.argv[2]))
    chosen = choose(
        int(sys.argv[3]), {document for grades in judged.relevant.values() for document in grades}
    )
    analyzer = Analyzer(name)
    analyzer.tokens("시작")
    chars = sum(len(release.title) + len(release.body) for release in chosen)
    started = time.perf_counter()
    for start in range(0, len(chosen), 50):
        analyzer.analyze(
            [text for release in chosen[start : start + 50] for text in (release.title, release.body)]
        )
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder), analyzer, processes=1)
        with engine.write() as writer:
            writer.put(chosen)
            writer.commit({})
        reader = engine.open()
        scores = {
            streams: round(evaluate(reader, judged, analyzer, streams=streams).metrics["mrr@10"], 4)
            for streams in ("morphemes", "both")
        }  # fmt: skip
    analyzer.close()
    peak = [
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    record = {"analyzer": name, "chars_a_second": round(chars / seconds), "mrr@10": scores, "peak_mb": peak}
    print(json.dumps(record), flush=True)


def choose(count: int, judged: set[str]) -> list[PressRelease]:
    """Releases of the file, a third of them judged."""
    (file,) = list_files(Path(sys.argv[1]))[0]
    releases = [
        item for item in read_file(file) if isinstance(item, PressRelease) and len(item.body) <= MAX_CHARS
    ]
    with_query = [release for release in releases if release.id in judged][: count // 3]
    return (
        with_query + [release for release in releases if release.id not in judged][: count - len(with_query)]
    )


def floor() -> None:
    """Both streams with offsets against `tagger.parse` alone, one core."""
    (file,) = list_files(Path(sys.argv[1]))[0]
    texts = [item.body for item in islice(read_file(file), RATIO_RELEASES) if isinstance(item, PressRelease)]
    tagger, analyzer = MecabTagger(), Analyzer()
    ratios = []
    for _ in range(3):
        started = time.perf_counter()
        for text in texts:
            tagger.tagger.parse(text)
        raw = time.perf_counter() - started
        started = time.perf_counter()
        for start in range(0, len(texts), 200):
            analyzer.analyze(texts[start : start + 200])
        ratios.append(round((time.perf_counter() - started) / raw, 3))
    print(json.dumps({"both_streams_to_raw_mecab": ratios}), flush=True)


if __name__ == "__main__":
    main()
