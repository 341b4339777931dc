"""Records of data projects."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hosted_platform.wire import Refused, Reply, Request

MAX_RECORDS = 50


@dataclass(kw_only=True)
class Project:
    unique: str | None
    types: dict[str, str]
    records: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class RecordImports:
    projects: dict[str, Project] = field(default_factory=dict)

    def answer(self, request: Request) -> Reply:
        _, *rest = request.parts
        match request.method, rest:
            case "POST", []:
                return Reply(result={"id": self._create(request.json())})
            case "POST", [name, "records"]:
                return Reply(result=self._add(self._project(name), request))
            case "PUT", [name, "records", key]:
                return Reply(result=self._update(self._project(name), key, request))
        raise Refused(404, "NF_0", "no such path")

    def _project(self, name: str) -> Project:
        if name not in self.projects:
            raise Refused(404, "IDP_0", "no such project")
        return self.projects[name]

    def _create(self, document: dict[str, Any]) -> str:
        if document.keys() - {"name", "uniqueField", "fields"} or not document.get("name"):
            raise Refused(400, "KEYS", "an unknown or missing key")
        types = {each["name"]: each["type"] for each in document["fields"]}
        if document.get("uniqueField") is not None and document["uniqueField"] not in types:
            raise Refused(400, "UNIQUE", "the unique field is no field")
        name = f"IDP_{len(self.projects) + 1}"
        self.projects[name] = Project(unique=document.get("uniqueField"), types=types)
        return name

    def _add(self, project: Project, request: Request) -> dict[str, Any]:
        records = json.loads(request.body, parse_float=Decimal)["records"]
        if not 0 < len(records) <= MAX_RECORDS:
            raise Refused(400, "COUNT", "between 1 and 50 records")
        known = {each.get(project.unique or "") for each in project.records} - {None}
        for record in records:
            _check(project, record)
            if project.unique and (record.get(project.unique) is None or record[project.unique] in known):
                raise Refused(400, "UNIQUE", "the key is missing or known")
        project.records += records
        return {}

    def _update(self, project: Project, key: str, request: Request) -> dict[str, Any]:
        record = json.loads(request.body, parse_float=Decimal)
        for known in project.records:
            if str(known.get(project.unique or "")) == key:
                _check(project, record)
                if request.query.get("nonDestructive") != "true":
                    known.clear()
                known.update(record)
                return {}
        raise Refused(404, "REC_0", "no such record")


def _check(project: Project, record: dict[str, Any]) -> None:
    if record.keys() - project.types.keys():
        raise Refused(400, "FIELD", "the project has no such field")
    for name, value in record.items():
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if value is None or is_number != (project.types[name] == "number"):
            raise Refused(400, "TYPE", f"the field {name} has another type")
