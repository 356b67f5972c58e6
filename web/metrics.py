"""What Prometheus reads at `/metrics`. docs/operations.md has the names.

Import this only where it is asked for, and once PROMETHEUS_MULTIPROC_DIR is set where several processes
answer: the client looks for it when it is imported, and then keeps its numbers in files of that folder.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from indexer import __version__
from indexer.errors import IndexUnavailable

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from web.observation import Observation

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# In seconds. A page takes some 10 ms; a search ends after its second, and waits for no more than a few.
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
# What no rule names: its path is whatever a client wrote, and would be a label for each.
_NO_ROUTE = "none"
_KEY = "bodo.in_flight"


class Metrics:
    """Counts the requests to an application. No label is what a client sent: a route is a rule."""

    def __init__(self, service: SearchService) -> None:
        folder = os.environ.get(FOLDER_VARIABLE, "")
        if folder:
            _forget_dead_processes(Path(folder))
        own = CollectorRegistry()
        self._requests = Counter("bodo_requests", "Requests answered.", ("route", "status"), registry=own)
        self._seconds = Histogram(
            "bodo_request_seconds",
            "Time until an answer was handed over.",
            ("route",),
            buckets=_BUCKETS,
            registry=own,
        )
        self._in_flight = Gauge(
            "bodo_requests_in_flight",
            "Requests that are being answered.",
            ("route",),
            multiprocess_mode="livesum",
            registry=own,
        )
        self._refused = Counter(
            "bodo_searches_refused", "Searches refused because too many waited.", registry=own
        )
        self._exposed = CollectorRegistry()
        self._exposed.register(MultiProcessCollector(None, folder) if folder else own)  # type: ignore[no-untyped-call]
        self._exposed.register(_IndexCollector(service))

    def __call__(self, observation: Observation) -> None:
        """Count what became of a request."""
        route = observation.route or _NO_ROUTE
        self._requests.labels(route, str(observation.status)).inc()
        self._seconds.labels(route).observe(observation.seconds)
        if observation.refused:
            self._refused.inc()

    def add_to(self, app: Flask) -> None:
        """Count what `app` is answering, and answer `/metrics`."""
        blueprint = Blueprint("metrics", __name__)

        @blueprint.get("/metrics")
        def metrics() -> Response:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
            return Response(encode(self._exposed), content_type=content_type)

        app.register_blueprint(blueprint)
        app.before_request(self._enter)
        app.teardown_request(self._leave)

    def _enter(self) -> None:
        gauge = self._in_flight.labels(request.url_rule.rule if request.url_rule else _NO_ROUTE)
        request.environ[_KEY] = gauge
        gauge.inc()

    def _leave(self, _: BaseException | None) -> None:
        if gauge := request.environ.pop(_KEY, None):
            gauge.dec()


class _IndexCollector(Collector):
    """The live index, as it is when Prometheus asks: every worker has the same."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The build, whether the server is ready, and what the index that answers has."""
        build = GaugeMetricFamily("bodo_build_info", "Always 1.", labels=("version", "python"))
        build.add_metric((__version__, platform.python_version()), 1)
        yield build
        try:
            self._service.check_live()
            ready = 1
        except IndexUnavailable:
            ready = 0
        yield GaugeMetricFamily("bodo_ready", "Whether /readyz answers 200.", ready)
        try:
            state = self._service.state()
        except IndexUnavailable:
            return
        yield GaugeMetricFamily("bodo_documents", "Releases that can be found.", state.documents)
        yield GaugeMetricFamily(
            "bodo_index_updated_timestamp_seconds",
            "When the generation that answers was made; time() less this is its age.",
            state.updated_at.timestamp(),
        )
        yield GaugeMetricFamily("bodo_index_bytes", "Size of the index on the disk.", state.size_bytes)


def _forget_dead_processes(folder: Path) -> None:
    """Drop the requests in flight of workers that died; what they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
            died = pid == os.getpid()  # a number that is used again
        except ProcessLookupError:
            died = True
        except PermissionError:
            died = False
        if died:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
