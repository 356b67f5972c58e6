"""The limits that a worker sets for itself.

macOS has them but may refuse to set them; the parent limits the time all the same.
"""

from __future__ import annotations

import contextlib
import os
import resource
from typing import IO


def limit_process(memory_bytes: int) -> None:
    """Give this process so much address space at most, and no core files."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: int) -> None:
    """Allow this process `seconds` more of processor time; then the system kills it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit_s = int(usage.ru_utime + usage.ru_stime) + seconds
    _, hard_limit_s = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, hard_limit_s))


def take_output() -> IO[str]:
    """The standard output for answers; what libraries print goes nowhere.

    A file name or text may hold a lone surrogate, which UTF-8 has no bytes for.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers
