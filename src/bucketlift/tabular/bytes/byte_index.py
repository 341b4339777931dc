"""A block's bytes as an array of numbers, and the positions of a byte in it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Octets: TypeAlias = npt.NDArray[np.uint8]
Places: TypeAlias = npt.NDArray[np.intp]
Flags: TypeAlias = npt.NDArray[np.bool_]

NOWHERE: Places = np.empty(0, np.intp)


def octets_of(raw: bytes) -> Octets:
    return np.frombuffer(raw, np.uint8)


def places_of(octets: Octets, mark: bytes) -> Places:
    """The positions of a byte, in ascending order."""
    return np.flatnonzero(octets == mark[0])
