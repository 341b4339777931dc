"""How a task's files are encrypted: from the file's shape to model values, with the keys that it names checked."""

from __future__ import annotations

from collections import Counter

from bucketlift.definition.accounts import secret_reference
from bucketlift.definition.compiling import Compiling
from bucketlift.definition.problems import Path
from bucketlift.definition.tasks import PgpShape
from bucketlift.model.pgp import KeyKind, Pgp


def pgp(shape: PgpShape, path: Path, compiling: Compiling) -> Pgp:
    _check(shape.keys, KeyKind.DECRYPT, (*path, "keys"), compiling)
    _check(shape.signers, KeyKind.SIGNER, (*path, "signers"), compiling)
    must_be_signed = bool(shape.signers) if shape.require_signature is None else shape.require_signature
    return Pgp(
        keys=tuple(shape.keys),
        signers=tuple(shape.signers),
        require_signature=must_be_signed,
        required=shape.required,
        signed_accepted=shape.signed == "accept",
        symmetric=None if shape.symmetric is None else secret_reference(shape.symmetric, compiling.folder),
    )


def _check(names: list[str], kind: KeyKind, path: Path, compiling: Compiling) -> None:
    known = {name for name, each in compiling.keys.items() if each is kind}
    for position, (name, count) in enumerate(Counter(names).items()):
        if count > 1:
            compiling.wrong(f"the key `{name}` is named twice", path, "Name it once.")
        compiling.installed(name, known, (*path, position), f"PGP key ({kind.value})")
