"""Commands racing for real, some of them killed: what was acknowledged stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.races import race

pytestmark = pytest.mark.soak


def test_two_hundred_rounds(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.corpus / "첫.txt").write_text("첫 소식\n\n창원의 첫 소식을 알린다.\n", "utf-8")
    assert desk.run("reindex").exit_code == 0
    race(desk, 200)
