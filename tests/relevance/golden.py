"""Writes golden.json: the scores of the judged set beside it, for each choice of streams, spacing and
passes; and precision.json: how the words of words.txt are found."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import get_args

from click.testing import CliRunner

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.engines.whoosh import WhooshEngine
from indexer.evaluation.judged import METRICS, Spacing, Streams, evaluate, read_documents, read_judged_set

FOLDER = Path(__file__).parent


def measure() -> dict[str, dict[str, float]]:
    """The scores by "streams, spacing, passes"."""
    analyzer = Analyzer()
    judged, documents = read_judged_set(FOLDER), read_documents(FOLDER)
    assert documents is not None
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder), analyzer)
        with engine.write() as writer:
            writer.put(documents)
            writer.commit({})
        reader = engine.open()
        scores = {}
        asked = [
            (streams, spacing, "first") for streams in get_args(Streams) for spacing in get_args(Spacing)
        ] + [("both", spacing, "both") for spacing in get_args(Spacing)]
        for streams, spacing, passes in asked:
            result = evaluate(reader, judged, analyzer, streams=streams, spacing=spacing, passes=passes)
            scores[f"{streams}, {spacing}, {passes}"] = {
                **{name: round(result.metrics[name], 6) for name in METRICS}, "queries": len(result.run),
            }  # fmt: skip
        reader.close()
    return scores


if __name__ == "__main__":
    (FOLDER / "golden.json").write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
    words = ["eval", str(FOLDER), "--precision", str(FOLDER / "words.txt"), "--json"]
    precision = json.loads(CliRunner().invoke(main, words).stdout)
    text = json.dumps(precision, ensure_ascii=False, indent=1)
    (FOLDER / "precision.json").write_text(text + "\n", "utf-8")
