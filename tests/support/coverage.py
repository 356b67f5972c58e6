"""Coverage of what runs in the worker that parses documents: it is killed, and would take its figures along."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress

import pytest

from indexer.sources.sandbox.parser import SHARED_PARSER, SandboxedParser

# A worker that does nothing more writes its figures in a tenth of this; one that hangs is killed after it.
_PATIENCE_S = 1.0


def let_workers_end_by_themselves(patch: pytest.MonkeyPatch) -> None:
    """Have `SandboxedParser.close` end its worker's input, and kill it only if it goes on after that."""
    kill = SandboxedParser.close

    def close(parser: SandboxedParser) -> None:
        process = parser._process
        if process is not None and process.stdin is not None and parser._parent_pid == os.getpid():
            with suppress(OSError, subprocess.TimeoutExpired):
                process.stdin.close()
                process.wait(_PATIENCE_S)
        kill(parser)

    patch.setattr(SandboxedParser, "close", close)


def end_shared_worker() -> None:
    """Close the parser that outlives all tests: its worker dies with this process."""
    SHARED_PARSER.close()
