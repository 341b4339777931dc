"""The pages of destinations, on which users list, add, change, test and remove them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import Destination
from bucketlift.model.finding import Finding
from bucketlift.rules.delivery.promises import described
from bucketlift.schema.shape import to_mapping
from bucketlift.service.accounts import host_keys, sharing
from bucketlift.service.core.allowed import NotAllowedByOperator
from bucketlift.service.destinations import destinations, own_destinations
from bucketlift.service.destinations.own_destinations import DestinationInput
from bucketlift.stores.host_keys import HostKey
from bucketlift.web.destinations import form as forms
from bucketlift.web.destinations.form import Inputs
from bucketlift.web.destinations.kinds import GROUPS, KINDS, DestinationKind, entries
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Running, Seeing, Visit

router = APIRouter(prefix="/destinations")
HOME = "/destinations"
UNCHECKED = 422
FETCH = "host-key"
"""The value of the button that fetches a server's key."""
Word = Annotated[str, Query()]


@router.get("")
def show_all(request: Request, visit: Seeing) -> Response:
    uses = destinations.users(visit.app)
    return render(
        request,
        "destinations/list.html",
        described=described,
        destinations=[
            (each, destinations.place(each), uses.get(name, ()))
            for name, each in visit.app.ledger.catalog.destinations().items()
        ],
        kinds=KINDS,
        editable=forms.is_editable,
    )


@router.get("/new")
def choose(
    request: Request,
    visit: Editing,
    kind: Word = "",
    fits: Annotated[str, Query(alias="for")] = "",
    panel: Word = "",
) -> Response:
    """Show the kinds of destinations, or the form of one kind. ``for``: a kind that the page of a load fits; others of
    its group are shown first.
    """
    if kind:
        page = _FormPage(visit=visit, kind=_kind(kind), inputs={}, panel=panel)
        return page.answer(request)
    return render(
        request,
        "destinations/choice.html" if is_part(request) else "destinations/new.html",
        groups={name: [each for each in KINDS.values() if each.group == name] for name in GROUPS},
        first=KINDS[fits].group if fits in KINDS else "",
        panel=panel,
        kind=None,
        waiting={
            each.key
            for each in KINDS.values()
            if each.setting and not entries(each.setting, visit.app.allowed)
        },
    )


@router.post("/added")
def add(request: Request, visit: Editing, posted: Posted) -> Response:
    """Add a destination. Shows the findings of its test, or the problem with the input."""
    inputs = forms.inputs_of(posted)
    page = _FormPage(
        visit=visit, kind=_kind(inputs.get("kind", "")), inputs=inputs, panel=inputs.get("panel", "")
    )
    if posted.get("do") == FETCH:
        return page.with_host_key(request)
    try:
        given = page.given(inputs.get("name", ""), known=None)
        found = own_destinations.add(visit.app, visit.user, given)
    except BucketliftError as error:
        return page.answer(request, problem=error)
    return page.done(request, given.name.strip(), found, "added")


@router.post("/host-key")
def fetch_key(request: Request, visit: Editing, posted: Posted) -> Response:
    """Fetch the key of an SFTP server and show its fingerprint."""
    inputs = forms.inputs_of(posted)
    return _FormPage(visit=visit, kind=KINDS["sftp"], inputs=inputs).host_key_part(request)


@router.get("/{name}/edit")
def edit(request: Request, visit: Editing, name: str) -> Response:
    known = visit.app.ledger.catalog.destination(name)
    _require_editable(known)
    page = _FormPage(visit=visit, kind=_kind(known.settings.kind), inputs=forms.inputs_for(known), name=name)
    return page.answer(request)


@router.post("/{name}/edit")
def change(request: Request, visit: Editing, name: str, posted: Posted) -> Response:
    known = visit.app.ledger.catalog.destination(name)
    _require_editable(known)
    inputs = forms.inputs_of(posted)
    page = _FormPage(visit=visit, kind=_kind(known.settings.kind), inputs=inputs, name=name)
    if posted.get("do") == FETCH:
        return page.with_host_key(request)
    try:
        given = page.given(name, known=to_mapping(known.settings))
        found = own_destinations.change(visit.app, visit.user, given)
    except BucketliftError as error:
        return page.answer(request, problem=error)
    return page.done(request, name, found, "changed")


@router.post("/{name}/doctor")
def examine(request: Request, visit: Running, name: str) -> Response:
    found = destinations.examine(visit.app, name)
    return render(request, "destinations/findings.html", findings=found, passed=destinations.passed(found))


@router.post("/{name}/delete")
def remove(request: Request, visit: Editing, name: str) -> Response:
    own_destinations.remove(visit.app, name)
    return go(request, HOME, f"{name} is removed.")


@dataclass(frozen=True, kw_only=True)
class _FormPage:
    """The form of one destination. ``name`` is the name of an existing one."""

    visit: Visit
    kind: DestinationKind
    inputs: Inputs
    name: str = ""
    panel: str = ""

    def given(self, name: str, *, known: dict[str, Any] | None) -> DestinationInput:
        settings = forms.settings_of(self.kind.key, self.inputs, known)
        return DestinationInput(name=name, kind=self.kind.key, settings=settings)

    def answer(
        self,
        request: Request,
        *,
        problem: BucketliftError | None = None,
        host_key: HostKey | None = None,
    ) -> Response:
        """Show the form. For htmx, a problem is shown alone, so that the page keeps everything that was typed."""
        status = UNCHECKED if problem else 200
        if problem is not None and is_part(request):
            shown = render(request, "destinations/problem.html", status=status, **_problem(problem))
            shown.headers.update({"HX-Retarget": "#new-problem", "HX-Reswap": "innerHTML"})
            return shown
        template = "form" if is_part(request) else "edit" if self.name else "new"
        return render(
            request, f"destinations/{template}.html", status=status, **self._context(host_key, problem)
        )

    def with_host_key(self, request: Request) -> Response:
        """Show the form with the server's key, for browsers without scripts."""
        try:
            return self.answer(request, host_key=self._fetched())
        except BucketliftError as error:
            return self.answer(request, problem=error)

    def host_key_part(self, request: Request) -> Response:
        """Show only the part of the form with the server's key."""
        found, problem = None, None
        try:
            found = self._fetched()
        except BucketliftError as error:
            problem = error
        return render(
            request,
            "destinations/host_key.html",
            status=UNCHECKED if problem else 200,
            **self._context(found, problem),
        )

    def done(self, request: Request, name: str, found: tuple[Finding, ...], verb: str) -> Response:
        return render(
            request,
            "destinations/added.html" if is_part(request) else "destinations/done.html",
            name=name,
            findings=found,
            verb=verb,
            panel=self.panel,
        )

    def _fetched(self) -> HostKey:
        host, port = forms.server_of(self.inputs)
        return host_keys.fetch(self.visit.app, host, port)

    def _context(self, host_key: HostKey | None, problem: BucketliftError | None) -> dict[str, Any]:
        app = self.visit.app
        inputs = forms.shown_inputs(self.inputs)
        if host_key is not None:
            inputs |= {"host_key": host_key.text, "fetched": "yes"}
        return {
            "kind": self.kind,
            "inputs": inputs,
            "name": self.name,
            "panel": self.panel,
            "fetched": host_key,
            "fetch_from": "/destinations/host-key",
            "allowed": entries(self.kind.setting, app.allowed),
            "databases": app.allowed.databases,
            "platforms": app.allowed.platforms,
            "accounts": sharing.with_buckets(app, self.visit.user),
            **_problem(problem),
        }


def _problem(problem: BucketliftError | None) -> dict[str, Any]:
    setting = problem.setting if isinstance(problem, NotAllowedByOperator) else ""
    return {"problem": problem, "setting": setting}


def _kind(key: str) -> DestinationKind:
    if key not in KINDS:
        raise RequestWrong("Unknown type of destination", to=key)
    return KINDS[key]


def _require_editable(known: Destination) -> None:
    destinations.require_changeable(known)
    if not forms.is_editable(known):
        raise RequestWrong(
            "This destination is a file of the installation: it has no settings on the page",
            to=known.name,
            hint="",
        )
