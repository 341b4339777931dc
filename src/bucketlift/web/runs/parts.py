"""Collects the data for the parts of a run's page."""

from __future__ import annotations

from typing import Any

from bucketlift.service.core.app import App
from bucketlift.service.core.run_waits import waits_for
from bucketlift.service.runs import live


def context(app: App, run: str) -> dict[str, Any]:
    found = live.load(app, run)
    return {"live": found, "run": found.run, "now": app.now(), "waits": waits_for(app, found.run)}


def files(app: App, run: str, page: int = 1) -> dict[str, Any]:
    found = live.members(app, run, page=page)
    return {"files": found[: live.PAGE], "page": page, "more": len(found) > live.PAGE, "of": run}


def log(app: App, run: str, before: int | None = None) -> dict[str, Any]:
    found = live.log(app, run, before=before)
    lines = found[-live.LINES :]
    return {"lines": lines, "earlier": lines[0].id if len(found) > live.LINES else None, "of": run}
