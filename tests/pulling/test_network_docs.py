"""docs/pull.md says the limits that the code has."""

from __future__ import annotations

import re

from indexer.pulling.addresses import _MAX_URL_CHARS
from indexer.pulling.exchange import MAX_HEADER_BYTES, Limits
from indexer.pulling.fetcher import MAX_DOWNLOAD_BYTES, MAX_PAGE_BYTES
from indexer.pulling.pacing import DELAY_S, MAX_DELAY_S, MAX_WAIT_S, MIN_PUBLIC_DELAY_S
from indexer.pulling.pull import SOURCE_S
from indexer.pulling.robots import MAX_ROBOTS_BYTES, ROBOTS_KEPT_S, UNREACHABLE_KEPT_S
from indexer.pulling.turns import MOST_AT_ONCE
from indexer.pulling.visits import MAX_REDIRECTS, TRIES
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "pull.md").read_text("utf-8")


def test_limits_of_the_guide_are_those_of_the_code() -> None:
    limits = Limits()
    for row in (
        f"| {limits.connect_s:g}초 / {limits.read_s:g}초 |",
        f"| 쪽 하나를 다 받기(이동 포함) | {limits.page_s:g}초 |",
        f"| 파일 하나를 다 받기(이동 포함) | {limits.download_s:g}초 |",
        f"| 한 번에 출처 하나 | {SOURCE_S / 60:g}분 |",
        f"| {MOST_AT_ONCE}곳 |",
        f"| {MAX_PAGE_BYTES // 1024**2} MiB |",
        f"| {MAX_DOWNLOAD_BYTES // 1024**2} MiB |",
        f"모두 {MAX_HEADER_BYTES // 1024} KiB |",
        f"| {MAX_REDIRECTS}번, 되풀이 없이 |",
        f"| {TRIES}번 |",
        f"| {MAX_WAIT_S:g}초까지 기다림 |",
        f"| {_MAX_URL_CHARS:,}자 |",
        f"{MAX_ROBOTS_BYTES // 1024} KiB까지",
        f"요청 사이에 {DELAY_S:g}초를",
        f"{MIN_PUBLIC_DELAY_S:g}초보다 짧게",
        f"{MAX_DELAY_S:g}초까지 지킵니다",
        f"{UNREACHABLE_KEPT_S / 60:g}분 뒤에",
    ):
        assert row in GUIDE
    assert ROBOTS_KEPT_S == 3_600
    assert "한 시간 동안" in GUIDE


def test_tests_that_the_guide_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", GUIDE)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
