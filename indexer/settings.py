"""What a person may set: where things are, with which analyzer and engine, within which limits.

An option of a command wins over the environment, the environment over `bodo.toml`, the file over the defaults
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`memory_mb` is what all processes together may use while they build an index, in MiB; `deadline_s` how
    long a server searches before it answers with what it has, in seconds.
    """

    corpus: Path = Path("corpus")
    index: Path = Path("index")
    analyzer: str = "mecab"
    engine: str = "whoosh"
    memory_mb: int = 1_024
    # What people take for an answer at once ends here (Nielsen, Response Times, 1993); Datasette's limit too.
    deadline_s: float = 1.0


DEFAULTS = Settings()
