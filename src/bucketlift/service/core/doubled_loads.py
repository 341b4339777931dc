"""Finds applied workflows whose loads write the same rows twice. Such workflows can no longer be saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from bucketlift.errors import BucketliftError
from bucketlift.model.account import SecretRef
from bucketlift.model.source import StoreId
from bucketlift.model.workflow import Workflow
from bucketlift.rules.doubles.doubled_loads import DoubledLoads, doubled_loads
from bucketlift.rules.doubles.same_place import Lookup
from bucketlift.service.core.app import App


def applied_doubles(app: App) -> Iterator[tuple[Workflow, DoubledLoads]]:
    """Yield each enabled workflow that has doubled loads, with its first pair of them."""
    destinations = {name: each.settings for name, each in app.ledger.catalog.destinations().items()}
    accounts = app.ledger.catalog.accounts()
    lookup = Lookup(
        store_of=lambda name: accounts[name].settings.store if name in accounts else StoreId(name),
        real_path=os.path.realpath,
        url_of=partial(readable_url, app),
    )
    for workflow in app.ledger.catalog.readable():
        double = next(doubled_loads(workflow, destinations, lookup), None)
        if workflow.enabled and double is not None:
            yield workflow, double


def readable_url(app: App, secret: SecretRef) -> str | None:
    """The URL of a database; None if this process cannot read the secret."""
    try:
        return app.vault.reveal(secret)
    except BucketliftError:
        return None
