"""The process that reads files: one JSON line asks, one JSON line answers, until its input ends.

It is started by `isolation` as `python -m indexer.sources.sandbox.worker`. Whatever a file does to it costs
that file only.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from indexer.processes import die_with_parent
from indexer.sources.content_error import ContentError
from indexer.sources.parsing import read_release, read_sections


def main() -> None:
    """Answer until the input ends. The arguments are the limit of memory in bytes, that of a file's processor
    time in seconds, and the parent's pid.
    """
    limit, cpu_limit_s, parent = map(int, sys.argv[1:])
    die_with_parent(parent)
    # macOS knows the limit and may not let it be set; time is limited there all the same.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Libraries print; what they print must not get among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        _limit_cpu(cpu_limit_s)
        answers.write(json.dumps(_answer(json.loads(line)), ensure_ascii=False) + "\n")
        answers.flush()


def _limit_cpu(more_s: int) -> None:
    """Have this process killed when it works for so much longer."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + more_s, most))


def _answer(request: dict[str, str]) -> dict[str, Any]:
    path = Path(request["path"])
    try:
        path.open("rb").close()
    except OSError as error:
        return {"os_error": error.strerror or str(error)}
    try:
        if "attachment" in request:
            sections = read_sections(path, request["attachment"])
            return {"sections": [section.to_dict() for section in sections]}
        return {"reading": read_release(path, request["source_path"]).to_dict()}
    except ContentError as error:
        return {"content_error": [error.message, error.hint, error.line]}
    except MemoryError:
        return {"crash": "memory"}
    except RecursionError:
        return {"crash": "depth"}
    except Exception as error:
        return {"crash": f"{type(error).__name__}: {error}"[:200]}


if __name__ == "__main__":
    main()
