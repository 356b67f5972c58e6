"""Whether two versions of the program answer alike: what a change of the code's shape has to keep.

    BODO_INDEX=FOLDER python -m tests.benchmarks.same_answers make --judged FOLDER FILE
    python -m tests.benchmarks.same_answers compare BEFORE AFTER

`make` asks the application for searches, suggestions and releases, drawn by a fixed seed, and writes what it
answers, a line of JSON an answer. It uses HTTP only, so that the same file runs on an older version. The
judged set at FOLDER gives the queries: its `eval-titles` and `eval-subtitles`. `compare` ends with status 1
where answers differ.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any
from urllib.parse import quote

SEED = 23
KEYWORDS, SUBTITLES, SUGGESTIONS, RELEASES, PAGES = 1_000, 300, 200, 50, 50
SHOWN_DIFFERENCES = 10
# What differs from one index or run to another and says nothing of the answers.
_PASSING = ("took_ms", "index")
_PASSING_LINE = re.compile(r"cursor=|건에서 [\d.]+초")
_MAX_LINE_CHARS = 300


def main() -> None:
    """Make a file of answers, or compare two."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    make.add_argument("--judged", type=Path, required=True)
    make.add_argument("file", type=Path)
    compare = commands.add_parser("compare")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.command == "make":
        options.file.write_text("".join(f"{line}\n" for line in answers(options.judged)), "utf-8")
    else:
        sys.exit(show_differences(options.before, options.after))


def answers(judged: Path) -> Iterator[str]:
    """Lines of JSON: what was asked, and what came back."""
    from web.wsgi import app  # it reads the environment and opens the index

    client = app.test_client()
    for path in questions(judged):
        response = client.get(path)
        body = response.get_json() if response.is_json else response.get_data(as_text=True)
        yield json.dumps(
            {"path": path, "status": response.status_code, "body": _lasting(body)}, ensure_ascii=False
        )


def questions(judged: Path) -> Iterator[str]:
    """Paths to ask for, the same for the same judged sets."""
    chooser = random.Random(SEED)  # noqa: S311 - no secret
    titles, subtitles = (_queries(judged / name) for name in ("eval-titles", "eval-subtitles"))
    keywords = [_some_words(title, chooser) for title in chooser.sample(titles, KEYWORDS)]
    for number, keyword in enumerate(keywords):
        sort = ("relevance", "relevance", "newest", "recent", "oldest")[number % 5]
        yield f"/api/v1/search?sort={sort}&highlight=ranges&q={quote(keyword)}"
    for subtitle in chooser.sample(subtitles, min(SUBTITLES, len(subtitles))):
        yield f"/api/v1/search?highlight=ranges&q={quote(subtitle[:500])}"
    for keyword in chooser.sample(keywords, SUGGESTIONS):
        yield f"/api/v1/suggest?q={quote(keyword[: chooser.randint(1, max(len(keyword), 1))])}"
    for keyword in chooser.sample(keywords, PAGES):
        yield f"/search?q={quote(keyword)}"
    for release_id in chooser.sample(sorted(_relevant(judged / "eval-titles")), RELEASES):
        yield f"/releases/{quote(release_id, safe='')}"


def _queries(folder: Path) -> list[str]:
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines if line]


def _relevant(folder: Path) -> set[str]:
    (file,) = folder.rglob("*.tsv")
    return {line.split("\t")[1] for line in file.read_text("utf-8").splitlines()[1:] if line}


def _some_words(title: str, chooser: random.Random) -> str:
    words = title.split()
    start = chooser.randrange(len(words))
    return " ".join(words[start : start + chooser.randint(1, 3)])


def _lasting(body: Any) -> Any:  # noqa: ANN401 - JSON
    """An answer without what is the run's own: times, and cursors, which name the state of the index; of a JSON
    cursor, whether there is one.
    """
    if isinstance(body, str):
        return [line for line in body.splitlines() if not _PASSING_LINE.search(line)]
    lasting = {name: value for name, value in body.items() if name not in _PASSING}
    if "next" in lasting:
        lasting["next"] = lasting["next"] is not None
    return lasting


def show_differences(before: Path, after: Path) -> int:
    """Print how many answers differ, and the first of them; 1 where any do."""
    old, new = (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in (before, after)
    )
    if [one["path"] for one in old] != [one["path"] for one in new]:
        print("not the same questions")
        return 1
    different = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    print(f"{len(old):,} answers, {len(different):,} differ")
    for one, other in different[:SHOWN_DIFFERENCES]:
        print(one["path"])
        lines, others = (json.dumps(own, ensure_ascii=False, indent=1).splitlines() for own in (one, other))
        for line in list(unified_diff(lines, others, "before", "after", n=1, lineterm=""))[:40]:
            print(line[:_MAX_LINE_CHARS])
    return int(bool(different))


if __name__ == "__main__":
    main()
