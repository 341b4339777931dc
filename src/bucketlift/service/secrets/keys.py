"""Creates, imports, shows and deletes PGP keys."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bucketlift.codecs.pgp_keys import Algorithm, KeyMaterial, create, read_key
from bucketlift.errors import RequestWrong
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.pgp import KeyKind, PgpKey
from bucketlift.model.workflow import Workflow
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def create_key(
    app: App, name: str, *, email: str | None, expires: str | None, algorithm: Algorithm
) -> PgpKey:
    """Create a key with which senders encrypt files for us.

    Raises:
        RequestWrong: the name is taken, or a value is not valid.
        NeedsPerson: gpg is not installed.
    """
    _require_name(name)
    if name in app.ledger.keys.all():
        raise RequestWrong(
            "There is already a PGP key with this name",
            to=name,
            hint="Choose another name: tasks can use several keys.",
        )
    with _folder(app) as folder:
        made = create(folder, name=name, email=email, expires=expires, algorithm=algorithm)
    return _keep(app, name, made)


def import_key(app: App, name: str, content: bytes, *, passphrase: str = "") -> PgpKey:
    """Import a private key of ours, or a sender's public key. If the name has the same key already, its dates
    are updated.

    Raises:
        RequestWrong: the file has no usable key, or another key has this name.
        NeedsPerson: gpg is not installed.
    """
    _require_name(name)
    with _folder(app) as folder:
        found = read_key(folder, content, passphrase=passphrase)
    kind, known = _kind(found), app.ledger.keys.all().get(name)
    if known is not None and (known.fingerprint, known.kind) != (found.fingerprint, kind):
        raise RequestWrong(
            f"Another key has this name (fingerprint {known.fingerprint}, {known.kind.value})",
            to=name,
            hint="Choose another name: tasks can use several keys.",
        )
    if known is None:
        _require_usable(name, found, kind)
    return _keep(app, name, found)


def users(app: App) -> dict[str, list[str]]:
    """For each key, the tasks that use it. Tasks in unpublished changes are included, because a deleted key
    cannot be restored.
    """
    named: dict[str, dict[str, None]] = {}
    for name, task in (*_published(app), *_drafted(app)):
        named.setdefault(name, {})[task] = None
    return {name: list(tasks) for name, tasks in named.items()}


def _published(app: App) -> Iterator[tuple[str, str]]:
    for flow in app.ledger.catalog.all():
        for task in flow.extracts:
            for name in () if task.pgp is None else (*task.pgp.keys, *task.pgp.signers):
                yield name, f"{flow.key} / {task.id}"
        for load in flow.loads:
            for name in load.target.recipients if isinstance(load.target, ObjectsTarget) else ():
                yield name, f"{flow.key} / {load.id}"


def _drafted(app: App) -> Iterator[tuple[str, str]]:
    for draft in app.ledger.drafts.all():
        for task in (draft.document or {}).get("tasks", ()):
            pgp = task.get("extract", {}).get("pgp", {})
            output = task.get("load_objects", {}).get("pgp", {})
            for name in (*pgp.get("keys", ()), *pgp.get("signers", ()), *output.get("recipients", ())):
                yield name, f"{draft.key} / {task['id']}"


def shown(app: App, key: PgpKey, using: dict[str, list[str]]) -> dict[str, Any]:
    """A key as JSON values for output, without its private part."""
    return {
        "name": key.name,
        "kind": key.kind.value,
        "fingerprint": key.fingerprint,
        "user_id": key.user_id,
        "made_at": time_text(key.made_at),
        "expires_at": time_text(key.expires_at),
        "warning": key.warning(app.now()),
        "used_by": using.get(key.name, []),
    }


def delete(app: App, name: str) -> None:
    """Delete a key and its private part permanently.

    Raises:
        NotFound: there is no such key.
        RequestWrong: a task uses the key.
    """
    app.ledger.keys.get(name)
    using = users(app).get(name)
    if using:
        raise RequestWrong(
            f"The key is still used by {', '.join(using)}",
            to=name,
            hint="Remove the key from `pgp` there first. Files encrypted for this key cannot be read without it.",
        )
    app.ledger.keys.remove(name)
    app.vault.forget_private_key(name)


def expiring(app: App, workflows: Iterable[Workflow]) -> list[str]:
    """A note for each key of these workflows that has expired or expires soon."""
    flows = tuple(workflows)
    targets = [load.target for flow in flows for load in flow.loads]
    tasks = [task.pgp for flow in flows for task in flow.extracts if task.pgp is not None]
    named = {name for pgp in tasks for name in (*pgp.keys, *pgp.signers)}
    named |= {name for each in targets if isinstance(each, ObjectsTarget) for name in each.recipients}
    known = app.ledger.keys.all() if named else {}
    warnings = [known[name].warning(app.now()) for name in sorted(named) if name in known]
    return [warning for warning in warnings if warning is not None]


def _keep(app: App, name: str, found: KeyMaterial) -> PgpKey:
    """Store a key. The private part is stored first, so that every listed key has its private part."""
    key = PgpKey(
        name=name,
        kind=_kind(found),
        fingerprint=found.fingerprint,
        user_id=found.user_id,
        public=found.public,
        made_at=app.now(),
        expires_at=found.expires_at,
    )
    if found.private is not None:
        app.vault.put_private_key(name, found.private, now=app.now())
    app.ledger.keys.put(key)
    return key


def _kind(found: KeyMaterial) -> KeyKind:
    return KeyKind.SIGNER if found.private is None else KeyKind.DECRYPT


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise RequestWrong(
            "The name is not valid",
            to=name,
            hint="Use letters, digits, dots, dashes and underscores, for example hr-2026.",
        )


def _require_usable(name: str, found: KeyMaterial, kind: KeyKind) -> None:
    if found.revoked:
        raise RequestWrong("The key is revoked", to=name, hint="Ask for a valid key.")
    if kind is KeyKind.DECRYPT and not found.opens:
        raise RequestWrong(
            "Files cannot be encrypted for this key", to=name, hint="Import a key with an encryption subkey."
        )
    if kind is KeyKind.SIGNER and not (found.signs or found.opens):
        raise RequestWrong(
            "This key can neither sign nor encrypt",
            to=name,
            hint="Ask the sender for the key that signs the files, or the recipient for the key to encrypt for.",
        )


@contextmanager
def _folder(app: App) -> Iterator[Path]:
    """A private temporary folder for gpg in the home, because a private key may be written to it."""
    with tempfile.TemporaryDirectory(prefix="keys-", dir=app.home) as folder:
        yield Path(folder)
