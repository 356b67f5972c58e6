"""What a process holds that has answered queries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.commands import environment
from tests.benchmarks.markdown import table
from tests.benchmarks.memory import private_mb
from tests.benchmarks.part import Figures, Measured, Part

# The process imports what a service needs and nothing of the benchmark, and waits until it has been looked at.
_ANSWER = """
import json, sys
from pathlib import Path
from indexer.bootstrap import open_service
from indexer.search.request import SearchRequest
from indexer.settings import Settings
service = open_service(Settings(index=Path(sys.argv[1])))
for query in json.loads(sys.stdin.readline()):
    service.search(SearchRequest(q=query))
print(flush=True)
sys.stdin.readline()
"""


def measure(bench: Bench) -> Measured:
    """After all keyword queries."""
    command = [sys.executable, "-c", _ANSWER, str(bench.index)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(bench.keywords.timed) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        held = private_mb(process.pid)
    if process.returncode or not held:
        raise RuntimeError(f"the process that answers ended with status {process.returncode}")
    return Measured({"service_private_mb": held}, bench.open().info.documents, len(bench.keywords.timed))


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    held = f"{figures['service_private_mb']:,} MB"
    yield from table(("", ""), [("낱말 질의 뒤 서비스의 메모리(파일의 쪽을 뺌)", held)])


PART = Part("memory", "질의한 뒤 서비스의 메모리", measure, show)
