"""How an error of a command reads for one who watches: what failed is tried again by itself."""

from __future__ import annotations

import re

from indexer.errors import BodoError

# The last sentence of many hints, and what is true instead.
_RUN_AGAIN = "다시 실행하세요."
_GOES_ON = "저절로 다시 해 봅니다."


def as_retried(error: BodoError) -> BodoError:
    """The error, with a hint that does not ask to run the command again."""
    sentences = re.split(r"(?<=\.)\s+", error.hint) if error.hint else []
    kept = [sentence for sentence in sentences if not sentence.endswith(_RUN_AGAIN)]
    return BodoError(error.message, " ".join([*kept, _GOES_ON]))
