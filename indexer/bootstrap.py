"""The one place that puts the program together: it alone names an engine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from indexer.analysis import Analyzer
from indexer.engine import Engine, Stop
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.search.service import SearchService
from indexer.settings import Settings


def open_engine(settings: Settings, analyzer: Analyzer | None = None) -> Engine:
    """The engine over the index that `settings` name, made or yet to be made. Opens nothing yet.
    `analyzer` is the one that `settings` name, where the caller has it already.

    Raises BodoError for an analyzer that is unknown or not installed.
    """
    analyzer = analyzer or Analyzer(settings.analyzer)
    if settings.engine == "memory":
        return MemoryEngine(settings.index, analyzer)
    return WhooshEngine(settings.index, analyzer, memory_mb=settings.memory_mb)


def open_service(
    settings: Settings,
    *,
    deadline_s: float = math.inf,
    opened: Callable[[], None] = lambda: None,
    embargoed: bool = False,
) -> SearchService:
    """A service over the index that `settings` name. Opens nothing yet: the first question does. A search
    answers with what it has after `deadline_s` seconds; `opened` is called whenever a generation has been
    opened. `embargoed`: with what is under embargo, for the operator only.

    Raises BodoError for an analyzer that is unknown or not installed.
    """
    analyzer = Analyzer(settings.analyzer)
    return SearchService(
        open_engine(settings, analyzer),
        analyzer,
        start_clock=partial(_stop_after, deadline_s),
        opened=opened,
        embargoed=embargoed,
    )


def _stop_after(deadline_s: float) -> Stop:
    end = time.monotonic() + deadline_s
    return lambda: time.monotonic() >= end
