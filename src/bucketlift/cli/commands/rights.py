"""The commands `accounts policy` and `accounts doctor`, which show the required permissions and test them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import findings, output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.service.accounts.required_permissions import AccountUse

WorkflowOption = Annotated[
    str | None, typer.Option("--workflow", help="The workflow whose tasks determine the permissions.")
]
BucketOption = Annotated[str | None, typer.Option("--bucket", help="The bucket with the files.")]
PrefixOption = Annotated[str, typer.Option("--prefix", help="The prefix of the files' keys.")]
ActionOption = Annotated[
    str, typer.Option("--after-import", help="What to do with loaded files: keep, delete, move or rename.")
]
ArchiveOption = Annotated[str | None, typer.Option("--archive", help="For move: the target bucket.")]
ArchivePrefixOption = Annotated[
    str,
    typer.Option(
        "--archive-prefix",
        help="For move: the prefix added to the key. For rename: the prefix added to the name.",
    ),
]


class For(StrEnum):
    ROLE = "role"
    USER = "user"


def add_to(group: typer.Typer) -> None:
    group.command("policy")(policy)
    group.command("doctor")(doctor)


def policy(
    name: str,
    workflow: WorkflowOption = None,
    bucket: BucketOption = None,
    prefix: PrefixOption = "",
    after_import: ActionOption = "keep",
    archive: ArchiveOption = None,
    archive_prefix: ArchivePrefixOption = "",
    grantee: Annotated[
        For | None,
        typer.Option(
            "--for",
            help="Print the policies of a role (with its trust policy), or of a user with access keys (deprecated).",
        ),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="The buckets are encrypted with KMS keys.")
    ] = False,
) -> None:
    """Print the trust policy and the minimal permission policies for a workflow or a bucket."""
    from bucketlift.service.accounts.policies import policies

    request = _request(workflow, bucket, prefix, after_import, archive, archive_prefix)
    for_user = None if grantee is None else grantee is For.USER
    with installation() as app:
        found = policies(app, name, request, for_user=for_user, encrypted=encrypted)
    output.document(found)


def doctor(
    name: str,
    workflow: WorkflowOption = None,
    bucket: BucketOption = None,
    prefix: PrefixOption = "",
    after_import: ActionOption = "keep",
    archive: ArchiveOption = None,
    archive_prefix: ArchivePrefixOption = "",
) -> None:
    """Test an account with real calls, and list missing permissions and preconditions that the store ignores.

    The exit code is 1 if something required is missing or ignored. Probe objects are named PREFIX.bucketlift/RANDOM
    and are deleted afterwards.
    """
    from bucketlift.service.accounts import doctor as service

    request = _request(workflow, bucket, prefix, after_import, archive, archive_prefix)
    with installation() as app:
        report = service.examine(app, name, request)
    if output.is_json():
        output.document(service.shown(report))
    else:
        findings.show(report.findings)
        counted = ", ".join(f"{count} {health}" for health, count in report.counts().items() if count)
        output.text(f"\n{name}: {counted}.")
    if not report.passed:
        raise typer.Exit(1)


def _request(
    workflow: str | None,
    bucket: str | None,
    prefix: str,
    after_import: str,
    archive: str | None,
    archive_prefix: str,
) -> AccountUse:
    from bucketlift.service.accounts.required_permissions import AccountUse

    return AccountUse(
        workflow=workflow,
        bucket=bucket,
        prefix=prefix,
        after_import=after_import,
        archive=archive,
        archive_prefix=archive_prefix,
    )
