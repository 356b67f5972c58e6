"""The types of NumPy arrays, each named once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]
Mask = NDArray[np.bool_]
ByteArray = NDArray[np.uint8]
UInt32Array = NDArray[np.uint32]
UInt64Array = NDArray[np.uint64]
Int64Array = NDArray[np.int64]
FloatArray = NDArray[np.float32]
# Stored in 32 bits where those suffice.
StoredInts = NDArray[np.int64] | NDArray[np.uint32]
