"""A corpus and its index that tests change and search by commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from indexer.cli.main import main

TEXT = "두루미가 돌아왔다\n\n주남저수지에 두루미 삼백 마리가 돌아왔다고 창원시가 밝혔다.\n"
OTHER_TEXT = "까치가 돌아왔다\n\n들녘에 까치 백 마리가 돌아왔다고 창원시가 밝혔다.\n"


class Desk:
    """A folder with a corpus, its index, and drafts: files that are not in the corpus yet."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index, self.drafts = folder / "corpus", folder / "index", folder / "drafts"
        self.corpus.mkdir()
        self.drafts.mkdir()

    def run(self, *arguments: object, text: str | None = None) -> Result:
        """Run a command on this corpus and index; `text` is what a person types."""
        command, *rest = map(str, arguments)
        options = [] if command in ("inspect", "analyze") else ["--index", str(self.index)]
        if command in ("add", "pull", "remove", "reindex", "analyze"):
            options += ["--corpus", str(self.corpus)]
        return CliRunner().invoke(main, [command, *options, *rest], input=text)

    def command_line(self, name: str, *rest: object) -> list[str]:
        """The line of a command on this corpus and index, for a process of its own."""
        options = ["--index", str(self.index), "--corpus", str(self.corpus)]
        return [sys.executable, "-m", "indexer", name, *options, *map(str, rest)]

    def write(self, name: str, text: str = TEXT) -> Path:
        """Write a draft."""
        path = self.drafts / name
        path.write_text(text, "utf-8")
        return path

    def search_ids(self, query: str) -> list[str]:
        """The ids of the first page of a search."""
        done = self.run("search", "--json", query)
        assert done.exit_code == 0, done.output
        return [hit["id"] for hit in json.loads(done.stdout)["hits"]]

    def names(self) -> set[str]:
        """The names of the files and folders in the corpus."""
        return {path.name for path in self.corpus.iterdir()}
