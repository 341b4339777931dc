"""Templates to answers. Every value is escaped; what a template needs everywhere is here."""

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
    """A page, or the part of one that htmx asked for."""
    session = getattr(request.state, "session", None)
    common = {"session": session, "user": session.user if session else None, "Right": Right}
    return _templates.TemplateResponse(request, template, common | context, status_code=status)


def is_part(request: Request) -> bool:
    """Whether htmx asks, which puts the answer into the page that is there."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


def go(request: Request, address: str) -> Response:
    """To another page of ours, after something was done."""
    if is_part(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


@cache
def asset(name: str) -> str:
    """The address of a file of ours; it changes with the content, so browsers may keep it for ever."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def icon(name: str, *, label: str = "") -> Markup:
    """An outline icon of Tabler; without a label it is decoration."""
    drawn = (ICONS / f"{name}.svg").read_text()
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(drawn.replace("<svg", f"<svg {told}", 1))  # noqa: S704 - a file of the package


def when(time: datetime | None, *, never: str = "never", seconds: bool = False) -> Markup | str:
    """A moment: in UTC without scripts, else in the reader's zone; either way the zone is shown."""
    if time is None:
        return never
    moment = time.astimezone(UTC)
    return Markup('<time datetime="{}"{}>{}</time>').format(
        moment.isoformat(timespec="seconds"),
        Markup(" data-seconds") if seconds else "",
        f"{moment:%Y-%m-%d %H:%M:%S} UTC" if seconds else f"{moment:%Y-%m-%d %H:%M} UTC",
    )


def count(number: int, one: str, many: str | None = None) -> str:
    """``count(1, "file")``: 1 file; ``count(4112, "file")``: 4,112 files."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(octets: int | None) -> str:
    """Bytes for people, in powers of 1,000."""
    if octets is None:
        return ""
    amount, unit = float(octets), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:,.1f} {unit}"


def attention_badge(request: Request) -> Markup | None:
    """How many files wait for a person, for the menu."""
    app: App = request.app.state.installation
    waiting = app.ledger.counts.attention()
    return (
        Markup('<span class="badge bg-yellow text-yellow-fg ms-2">{}</span>').format(waiting)
        if waiting
        else None
    )


environment.globals |= {
    "attention_badge": attention_badge,
    "asset": asset,
    "icon": icon,
    "when": when,
    "count": count,
    "size": size,
}
