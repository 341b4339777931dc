"""The forms of folders and SFTP servers from which files are read."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import SftpAccount
from bucketlift.service.accounts import host_keys, own_files
from bucketlift.service.accounts.sharing import SharedAccount
from bucketlift.service.core.allowed import NotAllowedByOperator
from bucketlift.stores.host_keys import HostKey
from bucketlift.web.destinations.form import (
    Inputs,
    Settings,
    folder_settings,
    inputs_of,
    server_of,
    sftp_settings,
    shown_inputs,
    with_known,
)
from bucketlift.web.render import render
from bucketlift.web.visit import Visit

__all__ = [
    "FETCH",
    "context",
    "fetched",
    "host_key_part",
    "inputs_for",
    "inputs_of",
    "new_page",
    "problem_part",
    "settings_of",
]
FETCH = "host-key"
"""The value of the button that fetches a server's key."""
_READ = {"folder": folder_settings, "sftp": sftp_settings}


def settings_of(inputs: Inputs, known: Settings | None = None) -> Settings:
    """The settings of an account as in a workflow file. Settings in ``known`` without an input are kept.

    Raises:
        RequestWrong: an input is missing.
    """
    kind = _kind(inputs)
    read = _READ[kind](inputs, known or {})
    found = with_known(read | {"accept_weak_store": bool(inputs.get("accept_weak_store"))}, known or {})
    return {"kind": kind, **found}


def inputs_for(visit: Visit, found: SharedAccount) -> Inputs:
    """The inputs that show the settings of an account."""
    settings = own_files.settings_of(visit.app, found.name)
    shown = {key: str(value) for key, value in settings.items() if isinstance(value, str | int)}
    account = found.account.settings
    if isinstance(account, SftpAccount):
        shown |= {
            "host_key": "\n".join(account.host_key),
            "sign_in": "private_key" if account.password is None else "password",
        }
    return shown | {"accept_weak_store": "yes" if settings.get("accept_weak_store") else ""}


def fetched(visit: Visit, inputs: Inputs) -> HostKey:
    host, port = server_of(inputs)
    return host_keys.fetch(visit.app, host, port)


def host_key_part(request: Request, visit: Visit, inputs: Inputs) -> Response:
    """Show only the part of the form with the server's key."""
    found, problem = None, None
    try:
        found = fetched(visit, inputs)
    except BucketliftError as error:
        problem = error
    return render(
        request,
        "destinations/host_key.html",
        status=422 if problem else 200,
        **context(visit, inputs, problem, found),
    )


def problem_part(request: Request, problem: BucketliftError) -> Response:
    """Show only a problem, so that the page keeps everything that was typed."""
    shown = render(
        request, "destinations/problem.html", status=422, problem=problem, setting=_setting(problem)
    )
    shown.headers.update({"HX-Retarget": "#new-problem", "HX-Reswap": "innerHTML"})
    return shown


def new_page(
    request: Request,
    visit: Visit,
    inputs: Inputs,
    *,
    shared: str,
    problem: BucketliftError | None = None,
    host_key: HostKey | None = None,
) -> Response:
    """The page that adds a folder or an SFTP server."""
    return render(
        request,
        "accounts/new_place.html",
        status=422 if problem else 200,
        kind=_kind(inputs),
        shared=shared,
        **context(visit, inputs, problem, host_key),
    )


def context(
    visit: Visit, inputs: Inputs, problem: BucketliftError | None, host_key: HostKey | None
) -> dict[str, Any]:
    """What the forms of accounts of files need."""
    shown = shown_inputs(inputs)
    if host_key is not None:
        shown |= {"host_key": host_key.text, "fetched": "yes"}
    return {
        "inputs": shown,
        "fetched": host_key,
        "problem": problem,
        "setting": _setting(problem),
        "hosts": visit.app.allowed.hosts,
        "folders": visit.app.allowed.folders,
        "fetch_from": "/accounts/host-key",
    }


def _kind(inputs: Inputs) -> str:
    kind = inputs.get("kind", "")
    if kind not in _READ:
        raise RequestWrong("Unknown type of account", to=kind)
    return kind


def _setting(problem: BucketliftError | None) -> str:
    return problem.setting if isinstance(problem, NotAllowedByOperator) else ""
