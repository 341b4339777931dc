"""A small world without S3: a folder of files, a home, a workflow file and a SQLite database."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands import Answered, command
from file_stores import FolderHand


@dataclass(frozen=True, kw_only=True)
class FileWorld:
    root: Path
    account: dict[str, Any]
    """The account ``drop``, as in a workflow file."""

    @property
    def drop(self) -> Path:
        return self.root / "drop"

    @property
    def environment(self) -> dict[str, str]:
        return {"BUCKETLIFT_HOME": str(self.root / "home"), "PATH": os.environ["PATH"]}

    def put(self, key: str, *rows: tuple[int, str]) -> None:
        body = "id,name\n" + "".join(f"{number},{name}\n" for number, name in rows)
        FolderHand(self.drop).put("", key, body.encode())

    def apply(self, after_import: Any, **more: Any) -> Answered:
        return self._apply({"columns": ["id", "name"], "prefix": "in/", "after_import": after_import, **more})

    def _apply(self, extract: dict[str, Any]) -> Answered:
        place = {"kind": self.account["kind"], "account": "drop"}
        tasks = [
            {"id": "files", "extract": place | extract},
            {"id": "people", "load": {"from": "files", "to": "db", "table": "people"}},
        ]
        document = {
            "version": 1,
            "project": "hr",
            "accounts": {"drop": self.account},
            "destinations": {"db": {"kind": "sqlite", "path": "people.sqlite"}},
            "workflows": {"w": {"tasks": tasks}},
        }
        (self.root / "project.yaml").write_text(json.dumps(document))
        return self.command("apply", "project.yaml", "--yes")

    def command(self, *arguments: str, stdin: str = "") -> Answered:
        return command(arguments, {**os.environ, **self.environment}, self.root, stdin=stdin)

    def run(self) -> tuple[int, list[tuple[Any, ...]]]:
        """The exit code, and key, state, rows and reason of each file."""
        answered = self.command("run", "w", "--json")
        files = answered.json["files"]
        return answered.code, [(each["key"], each["state"], each["rows"], each["reason"]) for each in files]

    def rows(self) -> list[tuple[Any, ...]]:
        if not (self.root / "people.sqlite").exists():
            return []
        with closing(sqlite3.connect(self.root / "people.sqlite")) as connection:
            return connection.execute("SELECT id, name FROM people ORDER BY id, name").fetchall()

    def files(self) -> list[str]:
        return sorted(FolderHand(self.drop).objects(""))

    def start_again(self, pristine: Path) -> None:
        """Put the home back to a copy, and remove all files and rows."""
        for folder in (self.root / "home", self.drop):
            shutil.rmtree(folder, ignore_errors=True)
        for rest in self.root.glob("people.sqlite*"):
            rest.unlink()
        shutil.copytree(pristine, self.root / "home")
        self.drop.mkdir()
