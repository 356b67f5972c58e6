"""A corpus of ten releases, indexed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    for number in range(10):
        text = f"소식 {number}번째\n\n창원의 {number}번째 소식을 알린다.\n"
        (made.corpus / f"{number}.txt").write_text(text, "utf-8")
    assert made.run("reindex").exit_code == 0
    return made
