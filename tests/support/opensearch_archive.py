"""An archive in the OpenSearch of tests, under a name of its own, which ends with its context."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError

from indexer.analysis import Analyzer
from indexer.engines.opensearch import Connection, Layout, OpenSearchEngine
from indexer.engines.opensearch.mapping import index_body
from indexer.engines.opensearch.state import State
from indexer.settings import DEFAULTS
from tests.support.opensearch_server import ask


@dataclass(frozen=True)
class Archive:
    """`url` is that of the server. Files for suggestions are in `folder`."""

    url: str
    folder: Path
    analyzer: Analyzer
    alias: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:12]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self.indexes():
            self.ask("DELETE", f"/{name}")

    def engine(
        self,
        url: str = "",
        *,
        clock: Callable[[], float] = time.time,
        timeout_s: float = 10.0,
        keep: int = 1,
        **connection: Any,  # noqa: ANN401 - fields of Connection
    ) -> OpenSearchEngine:
        """An engine of its own over the archive, as another process would have it."""
        return OpenSearchEngine(
            Connection(urls=(url or self.url,), timeout_s=timeout_s, **connection),
            self.folder,
            self.analyzer,
            layout=Layout(alias=self.alias, shards=2, replicas=0, keep=keep),
            clock=clock,
        )

    def environment(self, url: str = "", **others: str) -> dict[str, str]:
        """The variables with which a command works on the archive."""
        return {
            **dict.fromkeys(DEFAULTS.to_environment(), ""),
            "BODO_ENGINE": "opensearch",
            "BODO_INDEX": str(self.folder),
            "BODO_OPENSEARCH_URL": url or self.url,
            "BODO_OPENSEARCH_INDEX": self.alias,
            "BODO_OPENSEARCH_REPLICAS": "0",
            **others,
        }

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the server itself answers; {} where something is not there."""
        try:
            return ask(self.url, method, path, dict(body) if body is not None else None)
        except HTTPError as error:
            with error:
                if error.code != 404:
                    raise AssertionError(error.read().decode()) from error
            return {}

    def indexes(self) -> set[str]:
        """The names of all its indexes."""
        return set(self.ask("GET", f"/{self.alias}-*/_settings?filter_path=*.settings.index.uuid"))

    def releases(self) -> list[str]:
        """The names of its indexes of releases, the newest last, without those of embargoes."""
        return sorted(name for name in self.indexes() if name.count("-") == self.alias.count("-") + 2)

    def live(self) -> str:
        """The index that answers; '' if there is none."""
        return next(iter(self.ask("GET", f"/_alias/{self.alias}")), "")


def go_red(archive: Archive, settings: Mapping[str, object]) -> str:
    """Have an index without releases answer, of whose two shards `settings` leave some without a node."""
    store = archive.engine()._store
    live = store.live()
    assert live is not None
    name = f"{archive.alias}-000099-00000000"
    state = State(index=name, number=1, updated_at=live.updated_at, documents=0, analyzer=live.analyzer)
    body = index_body(2, 0)
    body["settings"]["index"] |= settings
    archive.ask("PUT", f"/{name}?wait_for_active_shards=0", body)
    store.save(state)
    store.go_live(state)
    return name


def recover(archive: Archive, index: str, settings: Mapping[str, object]) -> None:
    """Give its shards a node."""
    archive.ask("PUT", f"/{index}/_settings", {"index": settings})
    archive.ask("GET", f"/_cluster/health/{index}?wait_for_status=green&timeout=30s")
