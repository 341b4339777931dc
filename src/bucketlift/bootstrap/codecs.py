"""Opens packed files (PGP, compression, zip) with the keys that their tasks name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.ledger.secrets.keys import Keys
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Unpacked
from bucketlift.model.pgp import Pgp
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import Clock
from bucketlift.settings import Settings
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.codecs.pgp import Keyring


class Codecs:
    """Opens packed files with the keys that their tasks name."""

    def __init__(self, keys: Keys, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._keys = keys
        self._vault = vault
        self._bounds = settings.bounds()
        self._clock = clock

    def unpacked(
        self, raw: Path, task: ExtractTask, *, accepted: frozenset[str], check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Unpacked | Hold]:
        from bucketlift.codecs.allowance import Allowance
        from bucketlift.codecs.mail_text import RecordForm
        from bucketlift.codecs.unpack import Packing, unpacked

        pgp, limit = task.pgp, None if HeldReason.TOO_BIG in accepted else task.max_bytes
        packing = Packing(
            keyring=None if pgp is None else lambda: self._keyring(pgp, accepted),
            required=pgp is not None and pgp.required,
            form=RecordForm.of(task.contract),
            compression=task.compression,
            entries=task.zip,
            archive=task.archive,
        )
        allowance = Allowance.of(
            raw.stat().st_size, self._bounds, max_bytes=limit, check_cancelled=check_cancelled
        )
        return unpacked(raw, packing, allowance)

    def looks_packed(self, head: bytes, task: ExtractTask) -> bool:
        from bucketlift.codecs.unpack import looks_packed

        return looks_packed(head, task.compression)

    def warnings(self, task: ExtractTask) -> tuple[str, ...]:
        if task.pgp is None:
            return ()
        known = self._keys.all()
        named = [known[name] for name in (*task.pgp.keys, *task.pgp.signers) if name in known]
        return tuple(warning for key in named if (warning := key.warning(self._clock.now())))

    def _keyring(self, pgp: Pgp, accepted: frozenset[str]) -> Keyring:
        from bucketlift.codecs.pgp import Keyring, Opener, Signer

        openers, signers = map(self._keys.get, pgp.keys), map(self._keys.get, pgp.signers)
        now = self._clock.now()
        return Keyring(
            openers=tuple(
                Opener(
                    name=key.name,
                    fingerprint=key.fingerprint,
                    private=self._vault.private_key(key.name),
                    expired=key.expired(now) and HeldReason.KEY_EXPIRED not in accepted,
                )
                for key in openers
            ),
            signers=tuple(
                Signer(name=key.name, fingerprint=key.fingerprint, public=key.public) for key in signers
            ),
            require_signature=pgp.require_signature,
            signed_accepted=pgp.signed_accepted,
            passphrase=None
            if pgp.symmetric is None
            else self._vault.reveal(pgp.symmetric).removesuffix("\n").removesuffix("\r"),
        )
