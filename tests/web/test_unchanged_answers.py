"""Whatever happens to an archive, 304 is said only of the answer that would be made now."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import Engine, Stop, never
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.release import SEOUL
from indexer.search.service import SearchService
from tests.conftest import Clock, release_of
from tests.support.engines import StopAfter
from web.app import create_app
from web.site import Site

BASE = 4_000_000_000
URLS = [
    "/", "/search?q=소식", "/search?q=소식&sort=newest", "/api/v1/search?q=소식&limit=1", "/api/v1/search?q=소삭", "/api/v1/suggest?q=소",
    "/api/v1/suggest?q=합병 소", "/releases/r0?q=소식", "/releases/r1", "/trends?q=소식", "/trends.csv?q=소식&outlet=매체1", "/status", "/help",
]  # fmt: skip


@dataclass
class World:
    """An archive and those who read it. `answers` are what they remember: the bodies by address and tag."""

    make_engine: Callable[[], Engine]
    analyzer: Analyzer
    clock: Clock
    looks: int = 1_000_000
    site: Site = field(default_factory=Site)
    answers: dict[str, dict[str, bytes]] = field(default_factory=dict)
    urls: list[str] = field(default_factory=lambda: list(URLS))

    def __post_init__(self) -> None:
        self.restart(self.site)

    def restart(self, site: Site) -> None:
        self.site, self.engine = site, self.make_engine()
        service = SearchService(self.engine, self.analyzer, start_clock=self.start)
        self.client = create_app(service, site).test_client()

    def start(self) -> Stop:
        return StopAfter(self.looks) if self.looks < 1_000_000 else never

    def put(self, number: int, text: str, embargo_s: int | None, fresh: bool) -> None:
        release = release_of(
            f"합병 소식 {text}", f"{text} 소식이다.", id=f"r{number}", outlet=f"매체{number % 2}",
            embargo_until=None if embargo_s is None else datetime.fromtimestamp(BASE + embargo_s, SEOUL),
        )  # fmt: skip
        with self.engine.write(fresh=fresh) as writer:
            writer.put([release])
            writer.commit({})

    def remove(self, number: int) -> None:
        with self.engine.write() as writer:
            writer.remove([f"r{number}"])
            writer.commit({})

    def read(self, url: str) -> None:
        known = self.answers.setdefault(url, {})
        response = self.client.get(url, headers={"If-None-Match": ", ".join(known)} if known else {})
        tag = response.headers.get("ETag")
        if response.status_code == 304:
            assert tag
            # Whoever has the whole answer keeps it, however little time there is now.
            looks, self.looks = self.looks, 1_000_000
            now = self.client.get(url)
            self.looks = looks
            assert now.status_code == 200
            assert lasting(now.get_data()) == known[tag], url
        elif tag:
            assert response.status_code == 200
            assert tag not in known
            known[tag] = lasting(response.get_data())
            assert self.client.get(url, headers={"If-None-Match": tag}).status_code == 304
        cursor = response.is_json and response.get_json(silent=True) and response.get_json().get("next")
        if cursor:
            self.urls.append(f"/api/v1/search?q=소식&limit=1&cursor={cursor}")


def lasting(body: bytes) -> bytes:
    """An answer without how long it took."""
    return re.sub(rb'"took_ms":[\s\d.e-]+|\d+\.\d+\xec\xb4\x88', b"", body)


STEPS = st.one_of(
    st.tuples(
        st.just("put"), st.integers(0, 3), st.sampled_from(["가", "나", "하노버"]),
        st.one_of(st.none(), st.integers(-2, 4)), st.sampled_from([False, False, False, True]),
    ),
    st.tuples(st.just("remove"), st.integers(0, 3)),
    st.tuples(st.just("time"), st.integers(-2, 5)),
    st.tuples(st.just("looks"), st.sampled_from([0, 3, 1_000_000])),
    st.tuples(st.just("restart"), st.sampled_from([Site(), Site("다른 이름"), Site("", "https://a.kr")])),
    st.tuples(st.just("read"), st.integers(0, 99)),
)  # fmt: skip


@pytest.mark.parametrize("kind", [MemoryEngine, WhooshEngine])
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_happens_304_is_said_only_of_the_same_answer(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    kind: type[MemoryEngine | WhooshEngine],
    steps: list[tuple[object, ...]],
) -> None:
    folder, clock = tmp_path_factory.mktemp("world"), Clock(BASE)
    world = World(lambda: kind(folder, analyzer, clock=clock), analyzer, clock)
    world.put(0, "처음", None, fresh=False)
    world.put(1, "다음", 1, fresh=False)
    world.put(2, "셋째", 2, fresh=False)
    for step, *values in (("read", 3), *steps):
        if step == "time":
            clock.at = BASE + values[0]  # type: ignore[operator]
        elif step == "looks":
            world.looks = values[0]  # type: ignore[assignment]
        elif step == "read":
            world.read(world.urls[values[0] % len(world.urls)])  # type: ignore[operator]
        else:
            getattr(world, str(step))(*values)
        for url in world.urls if step != "read" else ():
            world.read(url)


def test_a_page_of_a_former_state_has_no_tag(tmp_path: Path, analyzer: Analyzer, clock: Clock) -> None:
    # Its embargoes pass without the live state knowing.
    world = World(lambda: WhooshEngine(tmp_path, analyzer, clock=clock), analyzer, clock)
    clock.at = BASE
    world.put(0, "처음", None, fresh=False)
    world.put(1, "다음", None, fresh=False)
    world.put(2, "셋째", 2, fresh=False)
    cursor = world.client.get("/api/v1/search?q=소식&limit=1&sort=oldest").get_json()["next"]
    url = f"/api/v1/search?q=소식&limit=1&sort=oldest&cursor={cursor}"
    assert "ETag" in world.client.get(url).headers
    world.remove(2)
    before = world.client.get(url)
    assert "ETag" not in before.headers
    clock.at = BASE + 3
    assert world.client.get(url).get_json()["total"] == before.get_json()["total"] + 1
