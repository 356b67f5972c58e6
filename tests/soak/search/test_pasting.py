"""10,000 passages of the releases of korea.kr, pasted in quotation marks: each finds its release.

BODO_SOAK_INDEX names an index of them that is made already; else one of the newest file is made.
"""

from __future__ import annotations

import os
import random
from itertools import islice
from pathlib import Path

import pytest

from indexer.analysis import Analyzer, is_letter_or_digit
from indexer.engine import And, Ids, Search, Snapshot, exact_text, find_release
from indexer.engines.whoosh import WhooshEngine
from indexer.release import PressRelease
from indexer.search.parser import Exact, parse_query
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.text.normalize import normalize
from tests.support.queries import quoted
from tests.support.snapshots import versions

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "korea-kr"
PASSAGES = 10_000
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is not here"),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Snapshot:
    if made := os.environ.get("BODO_SOAK_INDEX"):
        return WhooshEngine(Path(made), analyzer).open()
    engine = WhooshEngine(tmp_path_factory.mktemp("korea") / "index", analyzer)
    files, _ = list_files(CORPUS)
    with engine.write() as writer:
        writer.put(item for item in read_file(files[-1]) if isinstance(item, PressRelease))
        writer.commit({})
    return engine.open()


def test_every_passage_finds_its_release(reader: Snapshot) -> None:
    chooser = random.Random(20)  # noqa: S311 - no secret
    ids = sorted(versions(reader))
    missed = []
    for release_id in islice(iter(lambda: chooser.choice(ids), None), PASSAGES):
        release = find_release(reader, release_id)
        assert release is not None
        text = release.title if chooser.random() < 0.1 or not release.body else release.body
        start = chooser.randrange(len(text))
        passage = text[start : start + chooser.randint(2, 150)]
        if not any(map(is_letter_or_digit, normalize(passage).text)):
            continue
        (clause,) = parse_query(quoted(passage)).clauses
        (phrase,) = clause.atoms
        assert isinstance(phrase, Exact)
        found = And((Ids((release_id,)), exact_text(phrase.normal)))
        if not reader.search(Search(query=found, limit=0)).total:
            missed.append((release_id, passage))
    assert not missed
