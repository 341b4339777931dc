"""A sender with a real gpg, and the keys of both sides."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.pgp import Keyring, Opener, Signer
from bucketlift.codecs.pgp_keys import read_key
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Bounds
from gpg import ABSENT, Sender


@pytest.fixture(scope="session")
def sender() -> Iterator[Sender]:
    """Has a key ``hr`` whose private part we know too, and ``sam`` and ``eve`` to sign with."""
    if ABSENT:
        pytest.skip("gpg is not installed")
    with tempfile.TemporaryDirectory(prefix="s-") as home:
        made = Sender(home=Path(home))
        for name in ("hr", "sam", "eve"):
            made.make_key(name)
        yield made
        made.stop()


@pytest.fixture(scope="session")
def opener(sender, tmp_path_factory) -> Opener:
    return an_opener(sender, "hr", tmp_path_factory.mktemp("k"))


def an_opener(sender: Sender, name: str, folder: Path, **more: bool) -> Opener:
    key = read_key(folder, sender.private(name))
    assert key.private is not None
    return Opener(name=name, fingerprint=key.fingerprint, private=key.private, **more)


def a_signer(sender: Sender, name: str, folder: Path) -> Signer:
    key = read_key(folder, sender.public(name))
    return Signer(name=name, fingerprint=key.fingerprint, public=key.public)


@pytest.fixture
def notes() -> list[str]:
    """What was told of files that came out."""
    return []


@pytest.fixture
def opened(opener, tmp_path, notes):
    """The plain bytes, or why there are none; and that nothing is left beside the object."""

    def opened(content, keyring=None, *, bounds=Bounds(), required=True):  # noqa: B008 - it is frozen
        raw = tmp_path / "object"
        raw.write_bytes(content)
        packing = Packing(keyring=lambda: keyring or Keyring(openers=(opener,)), required=required)
        allowance = Allowance.of(len(content), bounds, max_bytes=None, check_cancelled=lambda: None)
        with unpacked(raw, packing, allowance) as found:
            notes[:] = () if isinstance(found, Hold) else found.notes
            plain = found if isinstance(found, Hold) else b"".join(part.read_bytes() for part in found.parts)
        assert [path.name for path in tmp_path.iterdir()] == ["object"]
        return plain

    return opened
