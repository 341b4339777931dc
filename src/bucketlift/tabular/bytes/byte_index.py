"""The bytes of a block as an array of numbers, and the positions of one byte in it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Positions: TypeAlias = npt.NDArray[np.intp]
Flags: TypeAlias = npt.NDArray[np.bool_]

NO_POSITIONS: Positions = np.empty(0, np.intp)


def byte_array_of(raw: bytes) -> ByteArray:
    return np.frombuffer(raw, np.uint8)


def positions_of(byte_array: ByteArray, mark: bytes) -> Positions:
    """The positions of the byte ``mark``, in ascending order."""
    return np.flatnonzero(byte_array == mark[0])
