"""Checks the destinations and loads that write files."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.account import DestinationSettings, FileAccount, S3Prefix
from bucketlift.model.objects.target import ObjectsTarget


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
