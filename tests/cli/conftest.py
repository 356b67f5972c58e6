from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A corpus of one release, indexed."""
    made = Desk(tmp_path)
    (made.corpus / "첫.txt").write_text("첫 소식\n\n창원의 첫 소식을 알린다.\n", "utf-8")
    assert made.run("reindex").exit_code == 0
    return made
