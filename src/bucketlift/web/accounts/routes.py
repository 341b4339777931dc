"""The list of accounts, and the page of one account."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import FileAccount, S3Compatible
from bucketlift.model.finding import Finding
from bucketlift.service.accounts import accounts, doctor, own_files, own_stores, policies, sharing
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.service.accounts.sharing import SharedAccount
from bucketlift.service.people import people
from bucketlift.web.accounts import places
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Administering, Editing, Posted, Seeing, Visit

router = APIRouter(prefix="/accounts")
Text = Annotated[str, Form()]
Word = Annotated[str, Query()]
Policies = tuple[dict[str, Any] | None, BucketliftError | None]
"""Policies to show, or why they cannot be shown."""


@router.get("")
def all_of_them(request: Request, visit: Seeing) -> Response:
    found = sharing.visible(visit.app, visit.user)
    return render(request, "accounts/list.html", found=found, people=_people(visit))


@router.get("/{account}")
def show(
    request: Request,
    visit: Seeing,
    account: str,
    bucket: Word = "",
    prefix: Word = "",
    after_import: Word = "delete",
    archive: Word = "",
) -> Response:
    found = sharing.find(visit.app, visit.user, account)
    use = _request(bucket, prefix, after_import, archive)
    return _shown(request, visit, found, use, policies=_policies(visit, found, use))


@router.post("/{account}/doctor")
def examine(
    request: Request,
    visit: Editing,
    account: str,
    bucket: Text = "",
    prefix: Text = "",
    after_import: Text = "delete",
    archive: Text = "",
) -> Response:
    found = sharing.require_usable(visit.app, visit.user, account)
    problem: RequestWrong | None = None
    findings: tuple[Finding, ...] = ()
    try:
        findings = doctor.examine(
            visit.app, found.name, _request(bucket, prefix, after_import, archive)
        ).findings
    except RequestWrong as error:
        problem = error
    of_s3 = found.account.settings.kind not in ("folder", "sftp")
    return render(request, "accounts/findings.html", findings=findings, problem=problem, of_s3=of_s3)


@router.post("/{account}/acknowledge")
def acknowledge(request: Request, visit: Administering, account: str, reason: Text = "") -> Response:
    accounts.acknowledge(visit.app, account, by=visit.user.name, reason=reason)
    return go(request, f"/accounts/{account}")


@router.post("/{account}/store")
def change_store(request: Request, visit: Editing, account: str, form: Posted) -> Response:
    found = sharing.require_usable(visit.app, visit.user, account)
    sharing.require_changeable(visit.user, found)
    access_key, secret_key, endpoint, region, another = (
        str(form.get(name, "")).strip()
        for name in ("access_key", "secret_key", "endpoint", "region", "another_place")
    )
    try:
        own_stores.change(
            visit.app,
            found.name,
            endpoint=endpoint,
            region=region,
            keys=(access_key, secret_key) if access_key or secret_key else None,
            is_another=bool(another),
        )
    except BucketliftError as error:
        use = _request("", "", "delete", "")
        return _shown(request, visit, found, use, status=422, store_problem=error)
    return go(request, f"/accounts/{account}", "The account is saved.")


@router.post("/{account}/place")
def change_place(request: Request, visit: Editing, account: str, form: Posted) -> Response:
    """Change the folder or the server of an account. An input for a secret that is left empty keeps it."""
    found = sharing.require_usable(visit.app, visit.user, account)
    sharing.require_changeable(visit.user, found)
    inputs = places.inputs_of(form)
    key, problem = None, None
    try:
        if form.get("do") != places.FETCH:
            known = own_files.settings_of(visit.app, found.name)
            own_files.change(
                visit.app,
                found.name,
                places.settings_of(inputs, known),
                is_another=bool(inputs.get("another_place")),
            )
            return go(request, f"/accounts/{account}", "The account is saved.")
        key = places.fetched(visit, inputs)
    except BucketliftError as error:
        problem = error
        if is_part(request):
            return places.problem_part(request, problem)
    shown = places.context(visit, inputs, problem, key)
    use = _request("", "", "delete", "")
    return _shown(request, visit, found, use, status=422 if problem else 200, place=shown)


@router.post("/{account}/delete")
def delete(request: Request, visit: Editing, account: str) -> Response:
    sharing.remove(visit.app, visit.user, account)
    return go(request, "/accounts", f"{account} is deleted.")


def _shown(
    request: Request,
    visit: Visit,
    found: SharedAccount,
    use: AccountUse,
    *,
    status: int = 200,
    policies: Policies = (None, None),
    store_problem: BucketliftError | None = None,
    place: dict[str, Any] | None = None,
) -> Response:
    settings = found.account.settings
    of_files = isinstance(settings, FileAccount)
    opened = place is not None
    if of_files and place is None:
        place = places.context(visit, places.inputs_for(visit, found), None, None)
    return render(
        request,
        "accounts/show.html",
        status=status,
        found=found,
        settings=settings,
        use=use,
        policies=policies[0],
        policy_problem=policies[1],
        store_problem=store_problem,
        people=_people(visit),
        using=sharing.users_of(visit.app, found.name),
        endpoints=visit.app.allowed_endpoints if isinstance(settings, S3Compatible) else (),
        changeable=sharing.changeable(visit.user, found),
        of_files=of_files,
        opened=opened,
        **(place or {}),
    )


def _policies(visit: Visit, found: SharedAccount, use: AccountUse) -> Policies:
    """The policies as JSON texts to copy; None for an S3-compatible store."""
    settings = found.account.settings
    if use.bucket is None or isinstance(settings, S3Compatible | FileAccount):
        return None, None
    try:
        found_policies = policies.policies(visit.app, found.name, use)
    except BucketliftError as error:
        return None, error
    texts: dict[str, Any] = {
        "permissions": [json.dumps(each, indent=2) for each in found_policies["permissions"]]
    }
    return texts | (
        {"trust": json.dumps(found_policies["trust"], indent=2)} if "trust" in found_policies else {}
    ), None


def _request(bucket: str, prefix: str, after_import: str, archive: str) -> AccountUse:
    return AccountUse(
        bucket=bucket.strip() or None,
        prefix=prefix.strip(),
        after_import=after_import,
        archive=archive.strip() or None if after_import == "move" else None,
    )


def _people(visit: Visit) -> dict[str, str]:
    """The names of users by their IDs, to show the owner of an account."""
    return {each.id: each.name for each in people.list_people(visit.app)}
