"""Adds, shows, tests and removes destinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
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
from bucketlift.rules.chain import LOADS
from bucketlift.rules.delivery.promises import described
from bucketlift.service.core.app import App
from bucketlift.service.core.fleet import refuse_unreachable, require_places
from bucketlift.vault import Changes

SCHEMES = ("postgresql", "postgres")


def add(app: App, destination: Destination, *, url: str | None = None) -> Destination:
    """Add a destination. A ``url`` is stored in the vault, and the destination refers to it.

    Raises:
        RequestWrong: the name is taken, or the destination is not valid; the vault is unchanged.
    """
    refuse_unreachable(app, [destination])
    secrets: dict[str, str] = {}
    if url is not None:
        destination, secrets = _naming_secret(destination, url)
    now = app.now()

    def seal(shelf: Changes) -> None:
        for name, value in secrets.items():
            app.vault.put_on(shelf, name, value, now=now)

    app.ledger.catalog.add(destination, seal=seal, now=now)
    return destination


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
    """
    destination = app.ledger.catalog.destination(name)
    if destination.project is not None:
        raise RequestWrong(
            f"The workflow file of project {destination.project} owns this destination",
            to=name,
            hint="Remove the destination from that file, and apply the file with --prune.",
        )
    using = users(app, name)
    if using:
        raise RequestWrong(
            "Workflows load into this destination",
            to=name,
            hint=f"Change these workflows first: {', '.join(using)}.",
        )
    app.ledger.catalog.save(removed=Removed(destinations=(name,)), now=app.now())


def users(app: App, name: str) -> tuple[str, ...]:
    """Keys of the workflows that load into a destination, also those that load into it only in unpublished
    changes.
    """
    published = [
        flow.key for flow in app.ledger.catalog.all() if any(load.destination == name for load in flow.loads)
    ]
    drafted = [
        draft.key
        for draft in app.ledger.drafts.all()
        if any(
            task.get(kind, {}).get("to") == name
            for task in (draft.document or {}).get("tasks", ())
            for kind in LOADS
        )
    ]
    return tuple(dict.fromkeys((*published, *drafted)))


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
