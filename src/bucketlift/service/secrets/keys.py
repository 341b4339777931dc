"""PGP keys by name: made here or brought along, shown without their private part, and who needs them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bucketlift.codecs.pgp_keys import Algorithm, KeyMaterial, create, read_key
from bucketlift.errors import RequestWrong
from bucketlift.model.pgp import KeyKind, PgpKey
from bucketlift.model.workflow import Workflow
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def make(app: App, name: str, *, email: str | None, expires: str | None, algorithm: Algorithm) -> PgpKey:
    """Make a key to which senders encrypt.

    Raises:
        RequestWrong: there is a key of this name, or what was said of it is wrong.
        NeedsPerson: gpg is not installed.
    """
    _require_name(name)
    if name in app.ledger.keys.all():
        raise RequestWrong(
            "There is a PGP key of this name", to=name, hint="Choose another: tasks take several keys."
        )
    with _folder(app) as folder:
        made = create(folder, name=name, email=email, expires=expires, algorithm=algorithm)
    return _keep(app, name, made)


def bring(app: App, name: str, content: bytes, *, passphrase: str = "") -> PgpKey:
    """Take a private key of ours, or a sender's public key; the same key again brings its new dates.

    Raises:
        RequestWrong: the file holds no usable key, or the name stands for another key.
        NeedsPerson: gpg is not installed.
    """
    _require_name(name)
    with _folder(app) as folder:
        found = read_key(folder, content, passphrase=passphrase)
    kind, known = _kind(found), app.ledger.keys.all().get(name)
    if known is not None and (known.fingerprint, known.kind) != (found.fingerprint, kind):
        raise RequestWrong(
            f"The name stands for another key (fingerprint {known.fingerprint}, {known.kind.value})",
            to=name,
            hint="Choose another name: tasks take several keys.",
        )
    if known is None:
        _require_usable(name, found, kind)
    return _keep(app, name, found)


def users(app: App) -> dict[str, list[str]]:
    """The tasks that name each key, changes not yet in use included: a key that is forgotten never comes back."""
    named: dict[str, dict[str, None]] = {}
    for name, task in (*_published(app), *_drafted(app)):
        named.setdefault(name, {})[task] = None
    return {name: list(tasks) for name, tasks in named.items()}


def _published(app: App) -> Iterator[tuple[str, str]]:
    for flow in app.ledger.catalog.all():
        for task in flow.extracts:
            for name in () if task.pgp is None else (*task.pgp.keys, *task.pgp.signers):
                yield name, f"{flow.key} / {task.id}"


def _drafted(app: App) -> Iterator[tuple[str, str]]:
    for draft in app.ledger.drafts.all():
        for task in (draft.document or {}).get("tasks", ()):
            pgp = task.get("extract", {}).get("pgp", {})
            for name in (*pgp.get("keys", ()), *pgp.get("signers", ())):
                yield name, f"{draft.key} / {task['id']}"


def shown(app: App, key: PgpKey, using: dict[str, list[str]]) -> dict[str, Any]:
    """A key without its private part."""
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
    """Forget a key and its private part for good.

    Raises:
        NotFound: there is none of this name.
        RequestWrong: a task names it.
    """
    app.ledger.keys.get(name)
    using = users(app).get(name)
    if using:
        raise RequestWrong(
            f"The key is still named by {', '.join(using)}",
            to=name,
            hint="Take it out of `pgp` there first. What was encrypted for it cannot be read without it.",
        )
    app.ledger.keys.remove(name)
    app.vault.forget_private_key(name)


def expiring(app: App, flows: Iterable[Workflow]) -> list[str]:
    """A note for each key of these workflows that is expired, or soon will be."""
    tasks = [task.pgp for flow in flows for task in flow.extracts if task.pgp is not None]
    named = {name for pgp in tasks for name in (*pgp.keys, *pgp.signers)}
    known = app.ledger.keys.all() if named else {}
    warnings = [known[name].warning(app.now()) for name in sorted(named) if name in known]
    return [warning for warning in warnings if warning is not None]


def _keep(app: App, name: str, found: KeyMaterial) -> PgpKey:
    """The private part first: a name in the list always has its key."""
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
            "Not a name for a key", to=name, hint="Letters, digits, dots, dashes and underscores: hr-2026."
        )


def _require_usable(name: str, found: KeyMaterial, kind: KeyKind) -> None:
    if found.revoked:
        raise RequestWrong("The key is revoked", to=name, hint="Ask for a key that is in use.")
    if kind is KeyKind.DECRYPT and not found.opens:
        raise RequestWrong(
            "Files cannot be encrypted for this key", to=name, hint="Bring one that has a part for that."
        )
    if kind is KeyKind.SIGNER and not found.signs:
        raise RequestWrong(
            "This key cannot sign", to=name, hint="Ask the sender for the key that signs the files."
        )


@contextmanager
def _folder(app: App) -> Iterator[Path]:
    """A place for gpg that nobody else reads, in the home: a private key may pass through it."""
    with tempfile.TemporaryDirectory(prefix="keys-", dir=app.home) as folder:
        yield Path(folder)
