"""A corpus and its index, worked on by commands, for tests of them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from indexer.cli.main import main

TEXT = "두루미가 돌아왔다\n\n주남저수지에 두루미 삼백 마리가 돌아왔다고 창원시가 밝혔다.\n"


class Desk:
    """A corpus and its index, worked on by commands."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index, self.desk = folder / "corpus", folder / "index", folder / "desk"
        self.corpus.mkdir()
        self.desk.mkdir()

    def run(self, *arguments: object, text: str | None = None) -> Result:
        command, *rest = map(str, arguments)
        places = [] if command in ("inspect", "analyze") else ["--index", str(self.index)]
        if command in ("add", "remove", "reindex", "analyze"):
            places += ["--corpus", str(self.corpus)]
        return CliRunner().invoke(main, [command, *places, *rest], input=text)

    def write(self, name: str, text: str = TEXT) -> Path:
        path = self.desk / name
        path.write_text(text, "utf-8")
        return path

    def found(self, query: str) -> list[str]:
        done = self.run("search", "--json", query)
        assert done.exit_code == 0, done.output
        return [hit["id"] for hit in json.loads(done.stdout)["hits"]]

    def names(self) -> set[str]:
        return {path.name for path in self.corpus.iterdir()}
