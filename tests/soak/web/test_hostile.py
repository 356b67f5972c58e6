"""2,000 hostile requests at full size: no answer is over 1 MB, none fails, none takes longer than 2 seconds.

BODO_SOAK_INDEX names an index of all releases of korea.kr.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from indexer.bootstrap import open_service
from indexer.search.request import MAX_QUERY_CHARS, SORTS
from indexer.settings import DEFAULTS, Settings
from web.app import create_app

INDEX = os.environ.get("BODO_SOAK_INDEX", "")
REQUESTS = 2_000
MAX_ANSWER_BYTES, MAX_ANSWER_S = 1_000_000, 2.0
PIECES = [
    '"이" "다" ', "이 다 는 ", "이|다|", "가* 나* ", "-창원 -부산 ", "뷁", "없는말 ", "ㅊㅇ ", "rksk ", "20* ", "부서:과 ", "매체:부 ",
    "제목:대한 ", '"정부는 ', "2023 1,000 ", "하노버,창원/부산+", "대한민국 정부 ", "창원산업박람회", "&<>\"'", "\u200b\u3164 ",
]  # fmt: skip
PATHS = ["/search", "/search", "/api/v1/search", "/api/v1/search", "/api/v1/suggest"]
pytestmark = [pytest.mark.soak, pytest.mark.skipif(not INDEX, reason="BODO_SOAK_INDEX is not set")]


def test_no_request_is_dear() -> None:
    client = create_app(
        open_service(Settings(index=Path(INDEX)), deadline_s=DEFAULTS.deadline_s)
    ).test_client()
    client.get("/search?q=창원")
    draw = random.Random(22)  # noqa: S311 - not for secrets
    dear: list[tuple[float, int, str]] = []
    for _ in range(REQUESTS):
        text = "".join(draw.choices(PIECES, k=draw.choice([1, 3, 20, 64, 400])))[:MAX_QUERY_CHARS]
        asked: list[tuple[str, str]] = [("q", text)]
        if draw.random() < 0.4:
            asked += [
                (draw.choice(["outlet", "department", "reporter"]), f"부{n}")
                for n in range(draw.randrange(24))
            ]
        if draw.random() < 0.5:
            asked.append(("sort", draw.choice([*SORTS, "없음"])))
        asked += [("limit", "100")] * (draw.random() < 0.5) + [("exact", "1")] * (draw.random() < 0.3)
        url = f"{draw.choice(PATHS)}?{urlencode(asked)}"
        started = time.monotonic()
        answer = client.get(url)
        took_s, size = time.monotonic() - started, len(answer.data)
        assert answer.status_code < 500, url
        if took_s > MAX_ANSWER_S or size > MAX_ANSWER_BYTES:
            dear.append((took_s, size, url))
    assert dear == []
