"""The form for the stored fields of an HTTP event, and a sample request."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from bucketlift.model.trigger import Proof

EMPTY = 2
"""Number of empty rows that are added to the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str = ""
    path: str = ""
    only_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    rows: tuple[Row, ...]

    @staticmethod
    def of(event: Mapping[str, Any]) -> EventForm:
        wanted = event.get("only_if", {})
        kept = [
            Row(name=name, path=path, only_if=wanted.get(name, ""))
            for name, path in event.get("fields", {}).items()
        ]
        return EventForm(rows=(*kept, *[Row()] * EMPTY))

    @staticmethod
    def posted(form: FormData) -> EventForm:
        columns = ([str(each).strip() for each in form.getlist(name)] for name in ("name", "path", "only_if"))
        rows = [Row(name=name, path=path, only_if=word) for name, path, word in zip(*columns, strict=False)]
        kept = [row for row in rows if row != Row()]
        return EventForm(rows=(*kept, *[Row()] * EMPTY))

    def fields(self) -> dict[str, str]:
        return {row.name: row.path for row in self.rows if row != Row()}

    def only_if(self) -> dict[str, str]:
        return {row.name: row.only_if for row in self.rows if row.only_if}


def sample(url: str, proof: Proof, secret: str | None, form: EventForm) -> str:
    """A sample request as a shell command. If the secret is known, the command contains it."""
    body = shlex.quote(json.dumps(_document(form)))
    key = secret or "THE-SECRET"
    if proof is Proof.TOKEN:
        return (
            f"curl -X POST {url} \\\n  -H 'Authorization: Bearer {key}' \\\n"
            f"  -H 'Content-Type: application/json' \\\n  -d {body}"
        )
    return (
        f"body={body}\ntime=$(date +%s)\n"
        f"signature=$(printf '%s.%s' \"$time\" \"$body\" | openssl dgst -sha256 -hmac '{key}' -r | cut -d' ' -f1)\n"
        f'curl -X POST {url} \\\n  -H "Bucketlift-Timestamp: $time" \\\n'
        '  -H "Bucketlift-Signature: sha256=$signature" \\\n'
        "  -H 'Content-Type: application/json' \\\n  -d \"$body\""
    )


def _document(form: EventForm) -> dict[str, Any]:
    """A sample body of the request, in which every simple path has a value."""
    document: dict[str, Any] = {}
    for row in form.rows:
        steps = row.path.removeprefix("$.").split(".")
        if not row.path.startswith("$.") or not all(step.isidentifier() for step in steps):
            continue
        inside = document
        for step in steps[:-1]:
            inside = inside.setdefault(step, {}) if isinstance(inside.get(step, {}), dict) else {}
        inside[steps[-1]] = row.only_if or "..."
    return document
