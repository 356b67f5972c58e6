"""What processes hold in memory, without the pages of files."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

_PERIOD_S = 0.5


def private_mb(pid: int) -> int:
    """What a process holds that is no page of a file, in megabytes; 0 where it is gone.

    Not "Private_Dirty": that counts the pages of a mapped file that are not yet on the disk, however many
    could be let go.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    kib = sum(int(line.split()[1]) for line in lines if line.startswith(("Anonymous:", "Swap:")))
    return kib * 1024 // 1_000_000


def watch(process: subprocess.Popen[bytes]) -> int:
    """The most that a process and all that it starts hold together until it ends, in megabytes, seen twice a
    second.
    """
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(private_mb, _family(process.pid))))
        time.sleep(_PERIOD_S)
    return most


def _family(pid: int) -> list[int]:
    """A process and all that it has started."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(child))]
