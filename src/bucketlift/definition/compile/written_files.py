"""Checks the destinations and loads that write files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.account import DestinationSettings, FileAccount, S3Prefix
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.workflow import Workflow
from bucketlift.rules.objects.loops import find_object_loops


def check_prefixes(destinations: Mapping[str, DestinationSettings], compilation: Compilation) -> None:
    """Check that the accounts exist through which files are written to buckets."""
    for name, settings in destinations.items():
        if isinstance(settings, S3Prefix):
            path = ("destinations", name, "account")
            compilation.check_installed(settings.account, compilation.accounts.keys(), path, "account")
            if isinstance(compilation.accounts.get(settings.account), FileAccount):
                hint = "Name an account of S3, or use a destination of kind sftp or folder."
                compilation.add_problem(f"account `{settings.account}` has no buckets", path, hint)


def check_recipients(target: ObjectsTarget, path: Path, compilation: Compilation) -> None:
    """Check that the keys exist that files are encrypted for."""
    for position, name in enumerate(target.recipients):
        place = (*path, "pgp", "recipients", position)
        compilation.check_installed(name, compilation.keys.keys(), place, "PGP key")


def check_object_loops(
    workflows: Sequence[Workflow], others: Sequence[Workflow], compilation: Compilation
) -> None:
    """Refuse loads whose files their own extract would read again."""
    for each in workflows:
        beside = [other for other in (*others, *workflows) if other.key != each.key]
        for loop in find_object_loops(each, beside, compilation.destinations, compilation.store_of):
            compilation.add_problem(loop.what, compilation.task_path(each.key, loop.load), loop.hint)
