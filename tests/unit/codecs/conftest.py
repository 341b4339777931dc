"""Unpacking, and what must hold of it whatever it comes to."""

from __future__ import annotations

import pytest

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Bounds, Unpacked


@pytest.fixture
def notes() -> list[str]:
    """What was told of files that came out."""
    return []


@pytest.fixture
def unpack(tmp_path, notes):
    """The plain bytes of each part, or why there are none; and that nothing is left beside the object."""

    def unpack(content, packing=Packing(), bounds=Bounds(), max_bytes=None):  # noqa: B008 - they are frozen
        raw = tmp_path / "object"
        raw.write_bytes(content)
        allowance = Allowance.of(len(content), bounds, max_bytes=max_bytes, check_cancelled=lambda: None)
        with unpacked(raw, packing, allowance) as found:
            plain = found if isinstance(found, Hold) else [part.read_bytes() for part in found.parts]
            notes.extend(found.notes if isinstance(found, Unpacked) else ())
        assert [path.name for path in tmp_path.iterdir()] == ["object"]
        assert raw.read_bytes() == content
        return plain

    return unpack
