"""The demo's cloud: an embedded S3 server, its buckets, and a role with the minimal permissions."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bucketlift.demo.deliveries import deliveries
from bucketlift.demo.project import ACCOUNT, ARCHIVE, BUCKET, ROLE
from bucketlift.errors import NeedsPerson, RequestWrong
from bucketlift.model.account import AwsRole
from bucketlift.rules.iam import permission_policy
from bucketlift.service.core.app import App

if TYPE_CHECKING:
    from bucketlift.testing.s3server import S3Server

EXTRA = "bucketlift[demo]"


@contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """Run the S3 server with the stored objects, and use its credentials in this process.

    Raises:
        RequestWrong: the demo's libraries are not installed, or another demo uses the home.
        NeedsPerson: the server cannot listen on loopback.
    """
    try:
        from bucketlift.testing.s3server import S3Server  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise RequestWrong(
            "The demo's S3 server needs a library that is not installed",
            to=error.name or "",
            hint=f"Install the extra: pip install '{EXTRA}'",
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        try:
            server = S3Server(state=folder / "s3.sqlite")
        except OSError as error:
            raise NeedsPerson(
                f"The demo's S3 server cannot listen ({error.strerror})",
                to="127.0.0.1",
                hint="Allow programs to listen on loopback.",
            ) from error
        with server, _operator(server.environment):
            yield server


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RequestWrong(
                "Another demo is running in this home",
                to=str(file.parent.parent),
                hint="Stop the other demo with Ctrl-C, or use another home: bucketlift demo --home DIR",
            ) from None
        yield


@contextmanager
def _operator(environment: Mapping[str, str]) -> Iterator[None]:
    """Use only this server's credentials, and ignore the AWS settings of the environment."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("AWS_")]:
        del os.environ[name]
    no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    no_proxy = ",".join(filter(None, [before.get("NO_PROXY") or before.get("no_proxy"), "127.0.0.1"]))
    os.environ.update(no_files | {"NO_PROXY": no_proxy, "no_proxy": no_proxy} | dict(environment))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def deliver(server: S3Server) -> int:
    """Put every file of the demo into the bucket. Returns the number of files."""
    server.make_bucket(BUCKET)
    server.make_bucket(ARCHIVE)
    for delivery in deliveries():
        server.put(BUCKET, delivery.key, delivery.body)
    return len(deliveries())


def grant(server: S3Server, app: App) -> None:
    """Create the role: it trusts the account's external ID, and has only the permissions that the workflows need."""
    settings = app.ledger.catalog.account(ACCOUNT).settings
    if not isinstance(settings, AwsRole):
        raise RequestWrong(
            "This home has another account with the demo's name",
            to=ACCOUNT,
            hint="Use another home: bucketlift demo --home DIR",
        )
    statements: list[Mapping[str, Any]] = []
    for workflow in app.ledger.catalog.all():
        for task in workflow.extracts:
            if task.account == ACCOUNT:
                policy = permission_policy(task.selection, task.after_import, str(settings.store))
                statements.extend(json.loads(policy)["Statement"])
    server.make_role(ROLE, settings.external_id, statements)
