"""Keeps the pauses of Python's garbage collector out of answers.

An open index is a few hundred thousand objects that live as long as it does. Each full collection looks at
all of them, which takes as long as some ten answers. They are put aside once, soon after an index was opened;
from then on only what answers leave behind is looked at.
"""

from __future__ import annotations

import gc
import threading

# By then the answers that waited for the index are given.
_DELAY_SECONDS = 2.0


def put_aside_soon() -> None:
    """Collect what is left of an index that was let go, and put aside what lives, a little later."""
    timer = threading.Timer(_DELAY_SECONDS, put_aside)
    timer.daemon = True
    timer.start()


def put_aside() -> None:
    """Collect, and put aside what lives; what was put aside before is looked at once more."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
