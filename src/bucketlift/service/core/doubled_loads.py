"""Finds applied workflows whose loads write the same rows twice. Such workflows can no longer be saved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from weakref import WeakKeyDictionary

from bucketlift.errors import BucketliftError
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.account import Account, Destination, SecretRef
from bucketlift.model.source import StoreId
from bucketlift.model.workflow import Workflow
from bucketlift.rules.doubles.doubled_loads import DoubledLoads, doubled_loads
from bucketlift.rules.doubles.same_place import Lookup
from bucketlift.service.core.app import App

KEPT = timedelta(minutes=1)
"""How long a result is used again. Links and secrets, of which the catalog knows no change, may change meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Definitions:
    """The content of the catalog. Unchanged workflows are the same objects, so comparing is fast."""

    workflows: tuple[Workflow, ...]
    destinations: Mapping[str, Destination]
    accounts: Mapping[str, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    at: datetime
    of: _Definitions
    doubles: tuple[tuple[Workflow, DoubledLoads], ...]


_found: WeakKeyDictionary[Catalog, _Found] = WeakKeyDictionary()
"""The last result for each catalog, because every page shows the number of issues in its menu."""


def applied_doubles(app: App) -> tuple[tuple[Workflow, DoubledLoads], ...]:
    """Each enabled workflow that has doubled loads, with its first pair of them."""
    catalog, now = app.ledger.catalog, app.now()
    current = _Definitions(
        workflows=catalog.readable(), destinations=catalog.destinations(), accounts=catalog.accounts()
    )
    known = _found.get(catalog)
    if known is None or known.of != current or not known.at <= now < known.at + KEPT:
        known = _Found(at=now, of=current, doubles=tuple(_doubles(app, current)))
        _found[catalog] = known
    return known.doubles


def _doubles(app: App, given: _Definitions) -> Iterator[tuple[Workflow, DoubledLoads]]:
    destinations = {name: each.settings for name, each in given.destinations.items()}
    accounts = given.accounts
    lookup = Lookup(
        store_of=lambda name: accounts[name].settings.store if name in accounts else StoreId(name),
        real_path=os.path.realpath,
        url_of=partial(readable_url, app),
    )
    for workflow in given.workflows:
        double = next(doubled_loads(workflow, destinations, lookup), None) if workflow.enabled else None
        if double is not None:
            yield workflow, double


def readable_url(app: App, secret: SecretRef) -> str | None:
    """The URL of a database; None if this process cannot read the secret."""
    try:
        return app.vault.reveal(secret)
    except BucketliftError:
        return None
