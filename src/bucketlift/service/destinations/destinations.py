"""Adds, shows, tests and removes destinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.workflows.catalog import Removed
from bucketlift.model.account import (
    Destination,
    DirectoryDestination,
    HttpDestination,
    PostgresqlDestination,
    QualtricsDestination,
    S3Prefix,
    SftpServer,
    VaultSecret,
)
from bucketlift.model.finding import Finding, Health
from bucketlift.model.source import StoreId
from bucketlift.rules.chain import LOADS
from bucketlift.rules.delivery.promises import described, unsafe_loads
from bucketlift.rules.objects.loops import find_object_loops
from bucketlift.service.core.app import App
from bucketlift.service.core.fleet import refuse_unreachable, require_places
from bucketlift.vault import Changes

SCHEMES = ("postgresql", "postgres")
NO_SECRETS: Mapping[str, str] = MappingProxyType({})


def add(app: App, destination: Destination, *, secrets: Mapping[str, str] = NO_SECRETS) -> Destination:
    """Add a destination. ``secrets`` are stored in the vault under the names to which it refers.

    Raises:
        RequestWrong: the name is taken, or the destination is not valid; the vault is unchanged.
    """
    refuse_unreachable(app, [destination])
    _require_urls(destination, secrets)
    app.ledger.catalog.add(destination, seal=sealing(app, secrets), now=app.now())
    return destination


def change(app: App, destination: Destination, *, secrets: Mapping[str, str] = NO_SECRETS) -> Destination:
    """Change the settings of a destination. ``secrets`` are stored as for ``add``.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: a workflow file owns it, or a workflow that loads into it could not use it any more.
    """
    require_changeable(app.ledger.catalog.destination(destination.name))
    refuse_unreachable(app, [destination])
    _require_urls(destination, secrets)
    require_fit(app, destination)
    app.ledger.catalog.change(destination, seal=sealing(app, secrets), now=app.now())
    return destination


def sealing(
    app: App, secrets: Mapping[str, str], *, forget: Collection[str] = ()
) -> Callable[[Changes], None]:
    """A function that stores secrets in the vault, and deletes others, as part of a larger change."""

    def seal(shelf: Changes) -> None:
        for name, value in secrets.items():
            app.vault.put_on(shelf, name, value, now=app.now())
        for name in forget:
            shelf.remove(name)

    return seal


def require_changeable(known: Destination) -> None:
    """Check that no workflow file owns a destination.

    Raises:
        RequestWrong: a workflow file owns it.
    """
    if known.project is not None:
        raise RequestWrong(
            f"The workflow file of project {known.project} owns this destination",
            to=known.name,
            hint="Change it in that file, and apply the file.",
        )


def require_fit(app: App, changed: Destination) -> None:
    """Check that the published workflows that load into a destination still may after a change.

    Raises:
        RequestWrong: a workflow would read its own files again, or could repeat rows.
    """
    known = {name: each.settings for name, each in app.ledger.catalog.destinations().items()}
    known[changed.name] = changed.settings
    flows = app.ledger.catalog.readable()

    def store_of(account: str) -> StoreId:
        return app.connections.store_id(account) or StoreId("")

    for flow in flows:
        if not any(load.destination == changed.name for load in flow.loads):
            continue
        others = [each for each in flows if each.key != flow.key]
        problems = [(each.what, each.hint) for each in find_object_loops(flow, others, known, store_of)]
        problems += [(each.what, each.hint) for each in unsafe_loads(flow, known)]
        for what, hint in problems:
            raise RequestWrong(
                f"The workflow {flow.title} could not use the changed destination: {what}",
                to=changed.name,
                hint=hint,
            )


def _require_urls(destination: Destination, secrets: Mapping[str, str]) -> None:
    settings = destination.settings
    url = getattr(settings, "url", None)
    if isinstance(url, VaultSecret) and url.secret in secrets:
        require_postgresql(secrets[url.secret], to=destination.name)


def sealed(app: App, destination: Destination, url: str) -> Destination:
    """Store the URL in the vault. Returns the destination with a reference to it.

    Raises:
        RequestWrong: this is not the URL of a PostgreSQL database.
    """
    named, secrets = _naming_secret(destination, url)
    for name, value in secrets.items():
        app.vault.put(name, value, now=app.now())
    return named


def _naming_secret(destination: Destination, url: str) -> tuple[Destination, dict[str, str]]:
    """Replace the URL by a reference to a secret. Returns the destination, and the secret to store under that
    name.
    """
    require_postgresql(url, to=destination.name)
    settings = destination.settings
    if not isinstance(settings, PostgresqlDestination | DirectoryDestination):
        return destination, {}
    reference = VaultSecret(secret=f"{destination.name}-url")
    return replace(destination, settings=replace(settings, url=reference)), {reference.secret: url}


def require_postgresql(url: str, *, to: str) -> None:
    """Check that a text is the URL of a PostgreSQL database. The error does not contain the text, because it
    may contain a password.

    Raises:
        RequestWrong: the text is not the URL of a PostgreSQL database.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # The URL has brackets that contain no IPv6 address.
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not parts.path.strip("/"):
        raise RequestWrong(
            "This is not the URL of a PostgreSQL database",
            to=to,
            hint="Write postgresql://USER:PASSWORD@HOST:5432/DATABASE.",
        )


def without_secrets(url: str) -> str:
    """The URL reduced to scheme, host, port and database, which contain no secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def without_query(url: str) -> str:
    """The address of a receiver without the query, because the query may contain a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def remove(app: App, name: str) -> None:
    """Remove a destination. Its tables and their rows stay.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: a workflow file owns the destination, or a workflow loads into it.
        NeedsPerson: this version of Bucketlift cannot read a workflow.
    """
    destination = app.ledger.catalog.destination(name)
    if destination.project is not None:
        raise RequestWrong(
            f"The workflow file of project {destination.project} owns this destination",
            to=name,
            hint="Remove the destination from that file, and apply the file with --prune.",
        )
    app.ledger.catalog.all()  # A workflow that cannot be read may load into it.
    using = users(app).get(name)
    if using:
        raise RequestWrong(
            "Workflows load into this destination",
            to=name,
            hint=f"Change these workflows first: {', '.join(map(str, using))}.",
        )
    app.ledger.catalog.save(removed=Removed(destinations=(name,)), now=app.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowUse:
    """A workflow that loads into a destination."""

    key: str
    title: str
    only_draft: bool
    """Whether only the unpublished changes of the workflow load into it."""

    def __str__(self) -> str:
        name = self.key if self.title == self.key else f"{self.title} ({self.key})"
        return f"{name}, in unpublished changes" if self.only_draft else name


def users(app: App) -> dict[str, tuple[WorkflowUse, ...]]:
    """For each destination, the workflows that load into it, also those that load into it only in unpublished changes.

    A published workflow that this version of Bucketlift cannot read is left out.
    """
    found: dict[str, dict[str, WorkflowUse]] = {}
    for draft in app.ledger.drafts.all():
        document = draft.document or {}
        use = WorkflowUse(key=draft.key, title=str(document.get("title") or draft.key), only_draft=True)
        for task in document.get("tasks") or ():
            for kind in LOADS:
                if to := (task.get(kind) or {}).get("to"):
                    found.setdefault(to, {})[draft.key] = use
    for flow in app.ledger.catalog.readable():
        for load in flow.loads:
            use = WorkflowUse(key=flow.key, title=flow.title or flow.key, only_draft=False)
            found.setdefault(load.destination, {})[flow.key] = use
    return {name: tuple(uses.values()) for name, uses in found.items()}


def place(destination: Destination) -> str:
    """The location of a destination, without secrets."""
    settings = destination.settings
    if isinstance(settings, PostgresqlDestination):
        return f"schema {settings.schema}"
    if isinstance(settings, DirectoryDestination):
        return settings.path or f"schema {settings.schema}"
    if isinstance(settings, HttpDestination):
        return without_query(settings.url)
    if isinstance(settings, QualtricsDestination):
        return settings.address
    if isinstance(settings, S3Prefix):
        return f"s3://{settings.bucket}/{settings.prefix}"
    if isinstance(settings, SftpServer):
        return f"sftp://{settings.user}@{settings.host}:{settings.port}/{settings.path}"
    return settings.path


def shown(destination: Destination) -> dict[str, Any]:
    """A destination as JSON values for output; secrets appear only as references."""
    common = {
        "name": destination.name,
        "kind": destination.settings.kind,
        "project": destination.project,
        "promise": described(destination.settings),
    }
    stored = asdict(destination.settings)
    left_out = {"kind"}
    if isinstance(destination.settings, DirectoryDestination):
        left_out |= {"path", "worker"} if destination.settings.path is None else {"url", "schema"}
    return common | {word: value for word, value in stored.items() if word not in left_out}


def promises(app: App) -> dict[str, str]:
    """For each destination, by its name, a description of what happens if a load is repeated."""
    return {name: described(each.settings) for name, each in app.ledger.catalog.destinations().items()}


def examine(app: App, name: str) -> tuple[Finding, ...]:
    """Test a destination.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: only another worker can reach the destination.
    """
    require_places(app, [name])
    try:
        found = app.connections.delivery(name) or app.connections.loader(name)
    except BucketliftError as error:
        return (Finding(check="secret", health=Health.MISSING, what=error.what, hint=error.hint),)
    return found.examine()


def passed(findings: Sequence[Finding]) -> bool:
    """Whether all checks that a load needs have passed."""
    return all(finding.health in (Health.OK, Health.WARNING) for finding in findings)


def report(name: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The test result as JSON values, in the form that is used for accounts too."""
    counted = Counter(finding.health for finding in findings)
    return {
        "destination": name,
        "sound": passed(findings),
        "summary": {health.value: counted[health] for health in Health},
        "findings": [asdict(finding) for finding in findings],
    }
