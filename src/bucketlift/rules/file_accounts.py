"""Finds files that belong to two accounts, because each account would load and delete the file
independently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from pathlib import PurePosixPath

from bucketlift.model.account import AccountSettings, FileAccount, FolderAccount, SftpAccount


def shared_folders(
    accounts: Mapping[str, AccountSettings], own: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each account in ``own`` whose folder is inside the folder of another account, or contains that
    folder: its name, what is wrong, and what to do.
    """
    known = {name: each for name, each in accounts.items() if isinstance(each, FileAccount)}
    for one, two in combinations(sorted(known, key=lambda name: name in own), 2):
        problem = _problem(one, known[one], known[two]) if two in own else None
        if problem is not None:
            yield two, *problem


def _problem(name: str, one: FileAccount, two: FileAccount) -> tuple[str, str] | None:
    if not _are_on_one_machine(one, two):
        if one.store != two.store:
            return None
        return (
            f"it counts as the same store as account `{name}`, but is a folder of another worker",
            "Give one of them a name of its own: store: NAME.",
        )
    paths = PurePosixPath(one.path or "."), PurePosixPath(two.path or ".")
    is_inside = paths[0].is_relative_to(paths[1]) or paths[1].is_relative_to(paths[0])
    if not is_inside or one.store == two.store:
        return None
    return (
        f"its folder has files of account `{name}`, and both would load them",
        f"Use `{name}` or this account for both, and write the inner folder as the prefix of its tasks.",
    )


def _are_on_one_machine(one: FileAccount, two: FileAccount) -> bool:
    """Whether both folders may be on the same machine. A local folder that names no worker is on every
    machine.
    """
    if isinstance(one, FolderAccount) and isinstance(two, FolderAccount):
        return None in (one.worker, two.worker) or one.worker == two.worker
    if isinstance(one, SftpAccount) and isinstance(two, SftpAccount):
        return (one.host.lower(), one.port, one.user) == (two.host.lower(), two.port, two.user)
    return False
