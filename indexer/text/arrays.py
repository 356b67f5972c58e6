"""The NumPy arrays of texts and tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
UInt8Array = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]
# The characters of a text, one entry each (see `code_points`).
CodePoints = NDArray[np.uint32]


def code_points(text: str) -> CodePoints:
    """The characters of a text as numbers. A lone surrogate is kept as it is."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
