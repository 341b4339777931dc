"""Connecting an account: in the panel at the side of a page, or on a page of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.sharing import AccountDraft, Begun
from bucketlift.model.user import Right
from bucketlift.service.accounts import connecting, own_stores, sharing
from bucketlift.stores.regions import regions
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, NotAllowed, Posted, Visit

router = APIRouter()
Yes = Annotated[str, Query()]


@router.get("/accounts/new")
def ask(request: Request, visit: Editing, shared: Yes = "") -> Response:
    """Where there is no panel; the external id is made by what follows, for looking makes nothing."""
    return render(request, "accounts/new.html", shared=shared, endpoints=visit.app.allowed_endpoints)


@router.post("/accounts/begun")
def begin(request: Request, visit: Editing, choose: Yes = "", shared: Yes = "") -> Response:
    """``choose``: the panel stands beside a list that is to get the new account."""
    if shared:
        _require_administrator(visit, request)
    begun = connecting.begin(visit.app, visit.user, for_others=bool(shared))
    if is_part(request):
        return _form(request, visit, begun, choose=choose)
    return go(request, f"/accounts/begun/{begun.id}")


@router.get("/accounts/begun/{begun}")
def go_on(request: Request, visit: Editing, begun: str) -> Response:
    return _form(request, visit, _find(visit, begun), choose="", template="accounts/begun.html")


@router.post("/accounts/begun/{begun}/told")
def tell(request: Request, visit: Editing, begun: str, form: Posted) -> Response:
    """While somebody types: the policies for what was said so far."""
    known = visit.app.ledger.sharings.tell(_find(visit, begun), _told(form))
    return render(
        request,
        "accounts/policies_part.html",
        begun=known,
        instructions=connecting.instructions(visit.app, known),
    )


@router.post("/accounts/begun/{begun}/connect")
def connect(request: Request, visit: Editing, begun: str, form: Posted, choose: Yes = "") -> Response:
    known = visit.app.ledger.sharings.tell(_find(visit, begun), _told(form))
    template = "accounts/connect.html" if is_part(request) else "accounts/begun.html"
    try:
        connected = connecting.connect(visit.app, known)
    except RequestWrong as error:
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
    """An S3-compatible store. What was typed comes back with an error, its keys never."""
    told = {name: str(form.get(name, "")).strip() for name in ("title", "endpoint", "region", "shared")}
    keys = (str(form.get("access_key", "")).strip(), str(form.get("secret_key", "")).strip())
    shared = told.pop("shared")
    if shared:
        _require_administrator(visit, request)
    try:
        name = own_stores.add(visit.app, visit.user, **told, keys=keys, for_others=bool(shared))
    except RequestWrong as error:
        return render(
            request,
            "accounts/new.html",
            status=422,
            shared=shared,
            endpoints=visit.app.allowed_endpoints,
            store=told,
            problem=error,
        )
    return go(request, f"/accounts/{name}")


def _find(visit: Visit, begun: str) -> Begun:
    return visit.app.ledger.sharings.begun(begun, maker=visit.user.id)


def _form(
    request: Request,
    visit: Visit,
    begun: Begun,
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


def _told(form: FormData) -> AccountDraft:
    said = {name: str(form.get(name, "")).strip() for name in AccountDraft.__dataclass_fields__}
    told = AccountDraft(**said)
    region = told.region if told.region in regions() else AccountDraft().region
    return replace(told, region=region, after_import=told.after_import or AccountDraft().after_import)


def _require_administrator(visit: Visit, request: Request) -> None:
    if not visit.user.may(Right.ADMINISTER):
        raise NotAllowed("Shared accounts are an administrator's", to=request.url.path)
