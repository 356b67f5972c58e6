"""Runs the web application over an index where each search waits for a file, and says that it does in another,
FILE.waiting: `python -m tests.web.blocked_server PORT INDEX FILE`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from flask import Flask

from web.serve import run_server

POLL_S = 0.02


def load_app() -> Flask:
    from indexer.analysis import Analyzer
    from indexer.engine import Stop, never
    from indexer.engines.whoosh import WhooshEngine
    from indexer.search.service import SearchService
    from web.app import create_app

    def wait() -> Stop:
        Path(sys.argv[3]).with_suffix(".waiting").touch()
        while not Path(sys.argv[3]).exists():
            time.sleep(POLL_S)
        return never

    analyzer = Analyzer()
    engine = WhooshEngine(Path(sys.argv[2]), analyzer)
    return create_app(SearchService(engine, analyzer, start_clock=wait))


if __name__ == "__main__":
    run_server(load_app, "127.0.0.1", int(sys.argv[1]), 1)
