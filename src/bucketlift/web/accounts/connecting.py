"""The pages that connect an account, in the side panel or separately."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from bucketlift.errors import BucketliftError
from bucketlift.model.sharing import AccountDraft, PendingAccount
from bucketlift.model.user import Right
from bucketlift.service.accounts import connecting, own_files, own_stores, sharing
from bucketlift.stores.regions import regions
from bucketlift.web.accounts import places
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, NotAllowed, Posted, Visit

router = APIRouter()
Yes = Annotated[str, Query()]


@router.get("/accounts/new")
def ask(request: Request, visit: Editing, shared: Yes = "", kind: Yes = "") -> Response:
    """Show the first step as a separate page, or the form of a folder or an SFTP server. The external ID is generated
    by the next step, because a GET must change nothing.
    """
    if kind:
        return places.new_page(request, visit, {"kind": kind}, shared=shared)
    return _new_page(request, visit, shared=shared)


@router.post("/accounts/begun")
def begin(request: Request, visit: Editing, choose: Yes = "", shared: Yes = "") -> Response:
    """Start to connect an account. With ``choose``, the new account is added to the list next to the panel."""
    if shared:
        _require_administrator(visit, request)
    begun = connecting.begin(visit.app, visit.user, for_others=bool(shared))
    if is_part(request):
        return _form(request, visit, begun, choose=choose)
    return go(request, f"/accounts/begun/{begun.id}")


@router.get("/accounts/begun/{begun}")
def resume(request: Request, visit: Editing, begun: str) -> Response:
    return _form(request, visit, _find(visit, begun), choose="", template="accounts/begun.html")


@router.post("/accounts/begun/{begun}/values")
def update(request: Request, visit: Editing, begun: str, form: Posted) -> Response:
    """Update the policies while the user types."""
    known = visit.app.ledger.sharings.save_draft(_find(visit, begun), _values_of(form))
    return render(
        request,
        "accounts/policies_part.html",
        begun=known,
        instructions=connecting.instructions(visit.app, known),
    )


@router.post("/accounts/begun/{begun}/connect")
def connect(request: Request, visit: Editing, begun: str, form: Posted, choose: Yes = "") -> Response:
    known = visit.app.ledger.sharings.save_draft(_find(visit, begun), _values_of(form))
    template = "accounts/connect.html" if is_part(request) else "accounts/begun.html"
    try:
        connected = connecting.connect(visit.app, known)
    except BucketliftError as error:
        return _form(request, visit, known, choose=choose, template=template, status=422, problem=error)
    if connected.account is None:
        return _form(request, visit, known, choose=choose, template=template, findings=connected.findings)
    if not is_part(request):
        return go(request, f"/accounts/{connected.account}")
    usable = sharing.usable(visit.app, visit.user)
    return render(
        request,
        "accounts/connected.html",
        found=sharing.find(visit.app, visit.user, connected.account),
        findings=connected.findings,
        choose=choose,
        own=[each for each in usable if each.own],
        shared=[each for each in usable if not each.own],
        chosen=connected.account,
    )


@router.post("/accounts/stores")
def add_store(request: Request, visit: Editing, form: Posted) -> Response:
    """Add an S3-compatible store. On an error, the form keeps what the user typed, except for the keys."""
    values = {name: str(form.get(name, "")).strip() for name in ("title", "endpoint", "region", "shared")}
    keys = (str(form.get("access_key", "")).strip(), str(form.get("secret_key", "")).strip())
    shared = values.pop("shared")
    if shared:
        _require_administrator(visit, request)
    try:
        name = own_stores.add(visit.app, visit.user, **values, keys=keys, for_others=bool(shared))
    except BucketliftError as error:
        return _new_page(request, visit, shared=shared, store=values, problem=error)
    return go(request, f"/accounts/{name}", "The account is added.")


@router.post("/accounts/places")
def add_place(request: Request, visit: Editing, form: Posted) -> Response:
    """Add a folder or an SFTP server. On an error, the form keeps what the user typed, except for secrets."""
    inputs = places.inputs_of(form)
    shared = inputs.get("shared", "")
    if shared:
        _require_administrator(visit, request)
    key = None
    try:
        if form.get("do") != places.FETCH:
            name = own_files.add(
                visit.app,
                visit.user,
                title=inputs.get("title", ""),
                settings=places.settings_of(inputs),
                for_others=bool(shared),
            )
            return go(request, f"/accounts/{name}", "The account is added.")
        key = places.fetched(visit, inputs)
    except BucketliftError as error:
        if is_part(request):
            return places.problem_part(request, error)
        return places.new_page(request, visit, inputs, shared=shared, problem=error)
    return places.new_page(request, visit, inputs, shared=shared, host_key=key)


@router.post("/accounts/host-key")
def fetch_key(request: Request, visit: Editing, form: Posted) -> Response:
    """Fetch the key of an SFTP server and show its fingerprint."""
    return places.host_key_part(request, visit, places.inputs_of(form))


def _new_page(
    request: Request,
    visit: Visit,
    *,
    shared: str,
    store: dict[str, str] | None = None,
    problem: BucketliftError | None = None,
) -> Response:
    return render(
        request,
        "accounts/new.html",
        status=422 if problem else 200,
        shared=shared,
        endpoints=visit.app.allowed_endpoints,
        hosts=visit.app.allowed.hosts,
        folders=visit.app.allowed.folders,
        store=store or {"title": "", "endpoint": "", "region": ""},
        problem=problem,
    )


def _find(visit: Visit, begun: str) -> PendingAccount:
    return visit.app.ledger.sharings.begun(begun, user=visit.user.id)


def _form(
    request: Request,
    visit: Visit,
    begun: PendingAccount,
    *,
    choose: str,
    template: str = "accounts/connect.html",
    status: int = 200,
    **context: Any,
) -> Response:
    nothing: dict[str, BucketliftError | tuple[()] | None] = {"problem": None, "findings": ()}
    return render(
        request,
        template,
        status=status,
        begun=begun,
        instructions=connecting.instructions(visit.app, begun),
        regions=regions(),
        choose=choose,
        **(nothing | context),
    )


def _values_of(form: FormData) -> AccountDraft:
    entered = {name: str(form.get(name, "")).strip() for name in AccountDraft.__dataclass_fields__}
    values = AccountDraft(**entered)
    region = values.region if values.region in regions() else AccountDraft().region
    return replace(values, region=region, after_import=values.after_import or AccountDraft().after_import)


def _require_administrator(visit: Visit, request: Request) -> None:
    if not visit.user.may(Right.ADMINISTER):
        raise NotAllowed("Only administrators can add shared accounts", to=request.url.path)
