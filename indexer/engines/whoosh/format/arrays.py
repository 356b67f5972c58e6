"""The types of the engine's NumPy arrays, each named once."""

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
# Releases of one segment by number: a segment has at most 65,536.
DocIds = NDArray[np.uint16]
# Term frequencies of a posting by zone, packed as `format.stats` says.
PackedStats = NDArray[np.uint16]
# Stored in 32 bits where those suffice, see `StreamWriter.finish`.
StoredInts = NDArray[np.int64] | NDArray[np.uint32]
