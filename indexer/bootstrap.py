"""The one place that puts the program together: it alone names an engine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engine import Engine, Stop
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import BodoError
from indexer.search.service import MAX_SEARCHES, SearchService
from indexer.settings import Settings


def open_engine(settings: Settings, analyzer: Analyzer | None = None) -> Engine:
    """The engine over the index that `settings` name, made or yet to be made. Opens nothing yet.
    `analyzer` is the one that `settings` name, where the caller has it already.

    Raises BodoError for an analyzer that is unknown or not installed.
    """
    analyzer = analyzer or Analyzer(settings.analyzer)
    if settings.engine == "memory":
        return MemoryEngine(settings.index, analyzer)
    if settings.engine == "opensearch":
        return _open_opensearch(settings, analyzer)
    return WhooshEngine(settings.index, analyzer, memory_mb=settings.memory_mb)


def _open_opensearch(settings: Settings, analyzer: Analyzer) -> Engine:
    try:
        from indexer.engines.opensearch import Connection, Layout, OpenSearchEngine
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opensearchpy":
            raise
        raise BodoError(
            "OpenSearch를 쓰는 데 필요한 꾸러미가 없습니다.", "pip install 'bodo-search[opensearch]'"
        ) from error
    no_path = Path()
    return OpenSearchEngine(
        Connection(
            urls=tuple(url.strip().rstrip("/") for url in settings.opensearch_url.split(",") if url.strip()),
            user=settings.opensearch_user,
            password=_read_password(settings),
            ca_file=settings.opensearch_ca_file if settings.opensearch_ca_file != no_path else None,
            timeout_s=settings.opensearch_timeout_s,
        ),
        settings.index,
        analyzer,
        layout=Layout(
            alias=settings.opensearch_index,
            shards=settings.opensearch_shards,
            replicas=settings.opensearch_replicas,
            keep=settings.opensearch_keep,
        ),
        memory_mb=settings.memory_mb,
    )


def _read_password(settings: Settings) -> str:
    """The password; where a file is named, its first line."""
    path = settings.opensearch_password_file
    if path == Path():
        return settings.opensearch_password
    try:
        return path.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8이 아님"
        raise BodoError(
            f"비밀번호 파일 {path}을(를) 읽을 수 없습니다({reason}).",
            "BODO_OPENSEARCH_PASSWORD_FILE의 경로와 읽기 권한을 확인하세요.",
        ) from error


def open_service(
    settings: Settings,
    *,
    deadline_s: float = math.inf,
    opened: Callable[[], None] = lambda: None,
    embargoed: bool = False,
    max_searches: int = MAX_SEARCHES,
    patience_s: float = math.inf,
) -> SearchService:
    """A service over the index that `settings` name. Opens nothing yet: the first question does. A search
    answers with what it has after `deadline_s` seconds; `opened` is called whenever a generation has been
    opened. `embargoed`: with what is under embargo, for the operator only. So many searches run or wait at
    once, none longer than `patience_s` seconds.

    Raises BodoError for an analyzer that is unknown or not installed.
    """
    analyzer = Analyzer(settings.analyzer)
    return SearchService(
        open_engine(settings, analyzer),
        analyzer,
        start_clock=partial(_stop_after, deadline_s),
        opened=opened,
        embargoed=embargoed,
        max_searches=max_searches,
        patience_s=patience_s,
    )


def _stop_after(deadline_s: float) -> Stop:
    end = time.monotonic() + deadline_s
    return lambda: time.monotonic() >= end
