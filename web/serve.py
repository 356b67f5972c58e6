"""`bodo serve`: the web pages and the JSON endpoint on a port of this machine."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from tempfile import TemporaryDirectory

import click
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from indexer.bootstrap import open_engine, open_service
from indexer.cli.options import (
    analyzer_option,
    corpus_option,
    index_option,
    pass_settings,
    setting_option,
)
from indexer.errors import BodoError
from indexer.processes import die_with_parent
from indexer.search.service import MAX_STREAMS
from indexer.settings import Settings, load_settings
from web.access_log import check_access_log
from web.app import MAX_SEARCHES_OF_WORKER, open_app
from web.rate_limit import check_rate_limit
from web.site import Site
from web.watching import build_index, watching

# While others search or wait for their turn, and MAX_STREAMS write to clients that read all, six answer for
# static files and the health check. A thread that waits costs nothing but its stack.
_THREADS_PER_WORKER = MAX_SEARCHES_OF_WORKER + MAX_STREAMS + 6
_STOP_TIMEOUT_SECONDS = 10
# A choice: a phone with a bad connection sends a head in a second or two. After this it is a slow loris.
_HEAD_TIMEOUT_SECONDS = 10
# The longest search that is answered, with all its filters and a cursor, has an address of 46,000 bytes in
# percents (docs/operations.md has the limits). A longer head is refused with 431.
_MAX_HEAD_BYTES = 65_536
_CONNECT_TIMEOUT_SECONDS = 1.0
_POLL_SECONDS = 0.05


@click.command(help="웹에서 검색할 수 있게 서버를 띄웁니다. 멈추려면 Ctrl-C를 누르세요.")
@index_option
@analyzer_option
@setting_option("host", "기다릴 주소. 0.0.0.0이면 이 기계의 모든 주소.")
@setting_option("port", "포트.")
@setting_option("workers", "작업 프로세스 수.")
@setting_option(
    "deadline_s",
    "한 번 찾는 데 쓰는 시간(초). 지나면 그때까지 찾은 것으로 답하고 그렇다고 알립니다.",
)
@click.option("--watch", is_flag=True, help="corpus도 지켜보며 바뀐 것을 색인에 반영합니다(bodo watch).")
@corpus_option
@click.help_option("-h", "--help", help="이 도움말을 보여 줍니다.")
@pass_settings
def serve(settings: Settings, watch: bool) -> None:
    """Serve the index of the settings until interrupted. To `watch` makes the first index too.

    Raises IndexUnavailable before it starts where there is no index, BodoError where host and port
    cannot be listened on, or the public address or the rate is none.
    """
    Site.of(settings)
    check_access_log(settings)
    check_rate_limit(settings)
    # Other processes load their settings from here.
    os.environ.update(settings.to_environment())
    if watch and not open_engine(settings).live_name():
        build_index()
    open_service(settings).state()
    with _folder_of_metrics(settings), watching() if watch else nullcontext(no_start) as start:
        run_server(_load_app, settings.host, settings.port, settings.workers, ready=start)


@contextmanager
def _folder_of_metrics(settings: Settings) -> Iterator[None]:
    """Where the workers put their numbers together, if `/metrics` is to tell them."""
    if not settings.metrics:
        yield
        return
    with TemporaryDirectory(prefix="bodo-metrics-") as folder:
        # The name that prometheus_client reads when a worker imports it (`web/metrics.py`).
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def no_start() -> None:
    """Nothing is to be started beside the server."""


def run_server(
    load_app: Callable[[], Flask],
    host: str,
    port: int,
    workers: int,
    *,
    ready: Callable[[], None] = no_start,
) -> None:
    """Serve the WSGI application that `load_app` makes in each worker, until SIGINT or SIGTERM. `ready` is
    called once it answers.

    `load_app` is a function of a module, so that a worker can import it. A worker that dies is
    replaced. Raises BodoError where host and port cannot be listened on.
    """
    _check_address(host, port)
    server = MPServer(
        "web.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        # No client needs HTTP/2 without TLS, and its streams would evade a limit of connections.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEAD_TIMEOUT_SECONDS * 1000, max_buffer_size=_MAX_HEAD_BYTES
        ),
        workers=workers,
        blocking_threads=_THREADS_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_TIMEOUT_SECONDS,
        # The one warning of Granian's here is about the number of threads, which is intended.
        log_level=LogLevels.error,
    )
    server.on_startup(threading.Thread(target=_announce, args=(server, host, port, ready), daemon=True).start)
    # Granian's own loader puts the current folder first on the import path, where any folder called
    # `web` would hide this package.
    server.serve(target_loader=partial(_load_in_worker, load_app), wrap_loader=False)


def _load_in_worker(load_app: Callable[[], Flask]) -> Flask:
    # Ctrl-C goes to every process of the group; only the parent may hear it, and stops its workers.
    os.setpgid(0, 0)
    # A worker that outlived its parent would hold the port.
    die_with_parent()
    # A forked worker begins with its parent's handler, which would swallow the signal to stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return load_app()


def _load_app() -> Flask:
    # Not from `bodo.toml` again: a file that was broken meanwhile must not keep a worker from coming back.
    return open_app(load_settings(os.environ, None))


def _check_address(host: str, port: int) -> None:
    # The workers listen with SO_REUSEPORT, which would silently share the port with another server.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except (socket.gaierror, UnicodeError) as error:
        raise BodoError(f"모르는 주소입니다: --host {host}", "127.0.0.1이나 0.0.0.0처럼 적으세요.") from error
    except PermissionError as error:
        raise BodoError(
            f"포트 {port}을(를) 열 권한이 없습니다.", "1024 이상의 포트를 고르세요: bodo serve --port 8000"
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BodoError(
                f"포트 {port}을(를) 다른 프로그램이 쓰고 있습니다.",
                f"그 프로그램을 멈추거나 다른 포트를 고르세요: bodo serve --port {port % 65535 + 1}",
            ) from error
        raise BodoError(
            f"{host}:{port}에서 기다릴 수 없습니다: {error.strerror}", "이 기계의 주소인지 확인하세요."
        ) from error


def _announce(server: MPServer, host: str, port: int, ready: Callable[[], None]) -> None:
    # Only once every worker is forked may this thread hold locks that a fork would copy.
    while len(server.wrks) < server.workers or not _is_listening(host, port):
        time.sleep(_POLL_SECONDS)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{port} 에서 검색할 수 있습니다 (멈추려면 Ctrl-C)")
    ready()


def _is_listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_SECONDS):
            return True
    except OSError:
        return False
