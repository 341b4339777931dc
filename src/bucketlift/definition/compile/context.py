"""The state of a compilation: the names that a file may refer to, and the problems found so far."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import Path, Problem
from bucketlift.errors import RequestWrong
from bucketlift.model.account import AccountSettings, DestinationSettings
from bucketlift.model.pgp import KeyKind
from bucketlift.model.source import StoreId
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import Workflow
from bucketlift.rules.doubles.same_place import Lookup, UrlOf
from bucketlift.rules.nearest import nearest

Sources = Mapping[str, tuple[RowField, ...]]
"""The fields of the extract tasks and transforms that are compiled so far; none for a task whose fields are
not known.
"""


@dataclass(kw_only=True)
class Compilation:
    located: Located
    folder: FilePath
    accounts: Mapping[str, AccountSettings]
    """The accounts of the file and of the installation, by name."""
    destinations: Mapping[str, DestinationSettings]
    keys: Mapping[str, KeyKind]
    """The kinds of the installation's PGP keys, by name."""
    installation_known: bool
    """Whether the installation is known. If it is not, the file is checked alone, and a name that is not in
    the file is a note, not a problem.
    """
    url_of: UrlOf
    """Reads the URL of a database, to compare destinations."""
    applied: tuple[Workflow, ...] = ()
    """The workflows of the installation, as they were last applied."""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_problem(self, what: str, path: Path, hint: str = "", *, also: Path = ()) -> None:
        self.problems.append(replace(self.located.problem(what, path, hint), also=also))

    def add_error(self, error: RequestWrong, path: Path) -> None:
        """Add an error that another function raised, as a problem at this path of the file, or at the key
        below it that the error names.
        """
        what = f"{error.what}: {error.to}" if error.to else error.what
        self.add_problem(what, (*path, error.key) if error.key else path, error.hint)

    def check_known(self, word: str, names: Iterable[str], path: Path, noun: str) -> bool:
        """Whether a name exists. If not, add a problem that suggests the nearest name."""
        names = list(names)
        if word not in names:
            self.add_problem(f"there is no {noun} `{word}`", path, nearest(word, names))
        return word in names

    def check_installed(self, word: str, names: Collection[str], path: Path, noun: str) -> None:
        """Check a name that may be in the file or in the installation. If the installation is not known, add
        a note.
        """
        if word in names or self.installation_known:
            self.check_known(word, names, path, noun)
        else:
            self.notes.append(
                f"{noun} `{word}` is not in {self.located.name}; `apply` looks it up in the installation"
            )

    def source_fields(self, source: str, sources: Sources, path: Path, noun: str) -> tuple[RowField, ...]:
        """The fields of the rows of a task's source; none if the fields are not known."""
        kinds = f"extract task or transform before this {noun} named"
        self.check_known(source, sources, (*path, "from"), kinds)
        return sources.get(source, ())

    def store_of(self, account: str) -> StoreId:
        """The account's store. For an unknown account, the result is a placeholder store that only this
        account has.
        """
        settings = self.accounts.get(account)
        return StoreId(f"account {account}") if settings is None else settings.store

    @property
    def lookup(self) -> Lookup:
        return Lookup(store_of=self.store_of, real_path=os.path.realpath, url_of=self.url_of)

    def task_path(self, workflow: str, task_id: str) -> Path:
        tasks: Path = ("workflows", workflow, "tasks")
        ids = [task["id"] for task in self.located.at(tasks)]
        return (*tasks, ids.index(task_id))

    def applied_names(self, extract: Path) -> tuple[str, ...] | None:
        """The columns that the task at this path (``workflows, KEY, tasks, number, ...``) had when it was
        last applied.
        """
        key, task_id = extract[1], self.located.at(extract[:4])["id"]
        tasks = (task for flow in self.applied if flow.key == key for task in flow.extracts)
        return next((task.contract.names for task in tasks if task.id == task_id), None)

    def absolute(self, path: str) -> str:
        return os.path.normpath(self.folder / path)
