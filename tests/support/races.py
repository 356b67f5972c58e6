"""Commands in processes of their own, run against each other."""

from __future__ import annotations

import subprocess
import sys

from indexer.curation.files import DICTIONARY
from tests.support.desk import Desk


def start_command(desk: Desk, *arguments: object) -> subprocess.Popen[str]:
    """Start a command on the corpus and index of a desk."""
    name, *rest = arguments
    line = desk.command_line(str(name), *rest)
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def race(desk: Desk, rounds: int) -> None:
    """Start `add`, `remove`, `dict add` and `reindex` at once, round after round, and kill some. In the end all
    releases that were added are found, none that was removed is, and the dictionary has each acknowledged word.
    """
    added: set[str] = set()
    removed: set[str] = set()
    words: set[str] = set()
    for number in range(rounds):
        name, word = f"새{number}.txt", f"다쏘{'가나다라마바사아자차'[number % 10]}{number}"
        path = desk.write(name, f"제{number}호 물레방아\n\n물레방아 {number}호를 돌렸다고 알렸다.\n")
        racing = {"add": start_command(desk, "add", path), "reindex": start_command(desk, "reindex")}
        dictionary = subprocess.Popen(
            [sys.executable, "-m", "indexer", "dict", "add", "--corpus", str(desk.corpus), word],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        to_remove = next(iter(added - removed), None) if number % 3 == 2 else None
        if to_remove:
            (release_id,) = desk.search_ids(f'"제{to_remove}호 물레방아"')
            racing["remove"] = start_command(desk, "remove", release_id)
        if number % 4 == 3:
            racing["reindex"].kill()
        if number % 5 == 4:
            racing["add"].kill()
        done = {kind: (one.communicate(timeout=120)[0], one.returncode) for kind, one in racing.items()}
        dictionary.communicate(timeout=60)
        if done["add"][1] == 0:
            added.add(str(number))
        if to_remove and done["remove"][1] == 0:
            removed.add(to_remove)
        if dictionary.returncode == 0:
            words.add(word)
    assert desk.run("reindex").exit_code == 0
    for name in added:
        assert len(desk.search_ids(f'"제{name}호 물레방아"')) == (0 if name in removed else 1), name
    assert words <= {line.split()[0] for line in (desk.corpus / DICTIONARY).read_text("utf-8").splitlines()}
    assert desk.run("verify").exit_code == 0
    assert not [path for path in desk.corpus.iterdir() if path.name.endswith(".new")]
