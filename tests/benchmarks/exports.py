"""How long an export takes to be read, and how much memory: each format in a process of its own.

    python -m tests.benchmarks.exports FOLDER [COUNT]

Writes exports of COUNT rows (1,000,000) into FOLDER, with bodies of some 500 characters, and reads each once.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.sandbox.rows import SHARED_ROW_READER
from tests.support.exports import write_csv, write_json, write_xlsx

NAMES = ("번호", "제목", "내용", "등록일", "담당부서", "기관명", "링크", "조회수")
WRITERS = {"json": write_json, "csv": write_csv, "xlsx": write_xlsx}


def rows(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        body = f"두루미시는 {number}번째 봄꽃길을 연다고 밝혔다.\n" * 18
        date = f"20{number % 24:02}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        address = f"https://example.org/{number}"
        yield (
            str(number),
            f"봄꽃길 {number}곳 열린다",
            body,
            date,
            "관광과",
            "두루미시",
            address,
            str(number % 97),
        )


def main() -> None:
    """Write, and read each format in a new process."""
    folder = Path(sys.argv[1])
    if folder.is_file():
        measure(folder)
        return
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    for suffix, write in WRITERS.items():
        path = folder / f"export.{suffix}"
        if not path.exists():
            write(path, NAMES, rows(count))
        subprocess.run([sys.executable, "-m", "tests.benchmarks.exports", str(path)], check=True)


def measure(path: Path) -> None:
    """Read the releases of a file and print what it took."""
    started = time.monotonic()
    releases = sum(isinstance(item, PressRelease) for item in read_file(CorpusFile(path, path.name)))
    took_s = time.monotonic() - started
    # Only a worker that has ended is counted.
    SHARED_ROW_READER.close()
    own, child = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    size_mb = path.stat().st_size // 1_000_000
    print(f"{path.suffix} {size_mb} MB: {releases:,} releases, {took_s:.0f} s, {own} MB, worker {child} MB")


if __name__ == "__main__":
    main()
