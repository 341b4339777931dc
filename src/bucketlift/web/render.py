"""Renders templates. Every value is escaped. The functions that all templates use are registered here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bucketlift.model.user import Right
from bucketlift.service.core.app import App
from bucketlift.service.directory import people
from bucketlift.service.files import attention
from bucketlift.service.workflows import health
from bucketlift.web import said
from bucketlift.web.findings import check_action, check_name, summary, worst_first
from bucketlift.web.form_keys import new_form_key
from bucketlift.web.headings import heading

STATIC = Path(str(files("bucketlift.web") / "static"))
ICONS = STATIC / "vendor" / "icons"

environment = Environment(
    loader=PackageLoader("bucketlift.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates = Jinja2Templates(env=environment)


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a page, or the part of a page that htmx requested."""
    session = getattr(request.state, "session", None)
    done = None if is_part(request) else said.of(request)
    common = {
        "session": session,
        "user": session.user if session else None,
        "Right": Right,
        "last_action": done,
    }
    answer = _templates.TemplateResponse(request, template, common | context, status_code=status)
    if done is not None:
        said.forget(request, answer)
    return answer


def is_part(request: Request) -> bool:
    """Whether htmx made the request, to replace a part of the current page."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


def go(request: Request, address: str, done: str = "", *, undo: str = "") -> Response:
    """Redirect to another page, which shows what was done. ``undo`` is the address that undoes it."""
    answer: Response = RedirectResponse(address, status_code=303)
    if is_part(request):
        answer = Response(status_code=204, headers={"HX-Redirect": address})
    if done:
        said.keep(request, answer, said.Done(what=done, undo=undo))
    return answer


@cache
def asset(name: str) -> str:
    """The URL of a static file. It changes with the content, so browsers may cache it forever."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def icon(name: str, *, label: str = "") -> Markup:
    """An outline icon of Tabler. An icon without a label is hidden from screen readers."""
    drawn = (ICONS / f"{name}.svg").read_text()
    accessibility = (
        Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    )
    return Markup(drawn.replace("<svg", f"<svg {accessibility}", 1))  # noqa: S704 - a file of the package


def when(
    time: datetime | None, *, never: str = "never", seconds: bool = False, exact: bool = False
) -> Markup | str:
    """A time with its zone. It is in UTC if the browser runs no scripts, otherwise in the reader's own zone, and
    relative to now (``5 minutes ago``) within a day of now, unless ``exact`` or ``seconds``.
    """
    if time is None:
        return never
    moment = time.astimezone(UTC)
    return Markup('<time datetime="{}"{}>{}</time>').format(
        moment.isoformat(timespec="seconds"),
        Markup(" data-seconds") if seconds else "" if exact else Markup(" data-near"),
        f"{moment:%Y-%m-%d %H:%M:%S} UTC" if seconds else f"{moment:%Y-%m-%d %H:%M} UTC",
    )


def count(number: int, one: str, many: str | None = None) -> str:
    """The number and its noun: ``1 file``, ``4,112 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int | None) -> str:
    """A number of bytes, in units of 1,000: ``1.5 MB``."""
    if number is None:
        return ""
    amount, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:,.1f} {unit}"


def attention_badge(request: Request) -> Markup | None:
    """The number of files and other issues that need attention, for the menu."""
    app: App = request.app.state.installation
    waiting = attention.count(app) + health.count(app)
    return (
        Markup('<span class="badge bg-yellow text-yellow-fg ms-2">{}</span>').format(waiting)
        if waiting
        else None
    )


def has_directory(request: Request) -> bool:
    """Whether the menu has a link to a directory of people."""
    app: App = request.app.state.installation
    return bool(people.directories(app))


environment.globals |= {
    "new_form_key": new_form_key,
    "has_directory": has_directory,
    "attention_badge": attention_badge,
    "asset": asset,
    "icon": icon,
    "when": when,
    "count": count,
    "size": size,
    "heading": heading,
    "check_action": check_action,
    "check_name": check_name,
    "findings_summary": summary,
    "worst_first": worst_first,
}
