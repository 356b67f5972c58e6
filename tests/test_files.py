"""Files are written whole, and changes of a folder wait for each other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from indexer.files import changing, write_durably


def test_changes_of_a_folder_wait_for_each_other(tmp_path: Path) -> None:
    order: list[str] = []
    with changing(tmp_path):
        thread = threading.Thread(target=lambda: _change(tmp_path, order))
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def _change(folder: Path, order: list[str]) -> None:
    with changing(folder):
        order.append("second")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("앞", "utf-8")
    path.with_name(".a.txt.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_durably(path, "뒤".encode())
    assert path.read_text("utf-8") == "앞"
