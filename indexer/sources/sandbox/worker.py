"""The process that parses files: it answers each line of JSON with one line of JSON until its input ends.

`sandbox.parser` starts it as `python -m indexer.sources.sandbox.worker`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from indexer.processes import die_with_parent
from indexer.sources.parsing import parse_attachment, parse_file
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.limits import limit_cpu, limit_process, take_output

_LONGEST_CRASH_CHARS = 200


def main() -> None:
    """Answer until the input ends.

    The arguments are the limit of memory in bytes, the limit of processor time for one file in seconds, and
    the pid of the parent.
    """
    memory_limit_bytes, cpu_limit_s, parent_pid = map(int, sys.argv[1:])
    die_with_parent(parent_pid)
    limit_process(memory_limit_bytes)
    answers = take_output()
    for line in sys.stdin:
        limit_cpu(cpu_limit_s)
        answers.write(json.dumps(_answer(json.loads(line)), ensure_ascii=False) + "\n")
        answers.flush()


def _answer(request: dict[str, str]) -> dict[str, Any]:
    path = Path(request["path"])
    try:
        path.open("rb").close()
    except OSError as error:
        return {"os_error": error.strerror or str(error)}
    try:
        if "attachment" in request:
            sections = parse_attachment(path, request["attachment"])
            return {"sections": [section.to_dict() for section in sections]}
        return {"parsed": parse_file(path, request["source_path"], request["charset"]).to_dict()}
    except ContentError as error:
        return {"content_error": [error.message, error.hint, error.line]}
    except MemoryError:
        return {"crash": "memory"}
    except RecursionError:
        return {"crash": "depth"}
    except Exception as error:
        return {"crash": f"{type(error).__name__}: {error}"[:_LONGEST_CRASH_CHARS]}


if __name__ == "__main__":
    main()
