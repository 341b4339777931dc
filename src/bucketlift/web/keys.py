"""The page of PGP keys: our own keys for decryption, and senders' keys for signatures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.datastructures import UploadFile

from bucketlift.codecs.pgp_keys import LARGEST, Algorithm
from bucketlift.errors import NeedsPerson, RequestWrong
from bucketlift.service.secrets import keys
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Posted, Seeing, Visit

router = APIRouter(prefix="/keys")
Text = Annotated[str, Form()]
EXPIRES = {"2y": "after 2 years", "1y": "after 1 year", "5y": "after 5 years", "": "never"}


@router.get("")
def all_of_them(request: Request, visit: Seeing) -> Response:
    return _list(request, visit)


@router.post("/made")
def make(
    request: Request, visit: Editing, name: Text = "", email: Text = "", expires: Text = "2y", kind: Text = ""
) -> Response:
    algorithm: Algorithm = "ed25519" if kind == "ed25519" else "rsa4096"
    try:
        keys.create_key(
            visit.app, name.strip(), email=email.strip() or None, expires=expires or None, algorithm=algorithm
        )
    except NeedsPerson as error:
        return _list(request, visit, making=error, typed={"name": name, "email": email, "expires": expires})
    return go(request, f"/keys#key-{name.strip()}", "The key is created.")


@router.post("/brought")
@accepts_bytes(LARGEST + 100_000)
def bring(request: Request, visit: Editing, form: Posted) -> Response:
    """Import a private key of ours or a sender's public key. The file's content is not shown again."""
    name = str(form.get("brought_name", "")).strip()
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise RequestWrong("No file is selected", hint="Choose a file that contains one exported key.")
        content = file.file.read(LARGEST + 1)
        keys.import_key(visit.app, name, content, passphrase=str(form.get("passphrase", "")))
    except NeedsPerson as error:
        return _list(request, visit, bringing=error, typed={"brought_name": name})
    return go(request, f"/keys#key-{name}", "The key is imported.")


@router.get("/{key}/public")
def public(visit: Seeing, key: str) -> Response:
    """Download the public key, to give it to the sender. The key's name is safe in a header: it has only
    letters, digits, dots, dashes and underscores.
    """
    found = visit.app.ledger.keys.get(key)
    return Response(
        found.public,
        media_type="application/pgp-keys",
        headers={"Content-Disposition": f'attachment; filename="{found.name}.asc"'},
    )


@router.post("/{key}/delete")
def delete(request: Request, visit: Editing, key: str) -> Response:
    keys.delete(visit.app, key)
    return go(request, "/keys", f"{key} is deleted.")


def _list(
    request: Request,
    visit: Visit,
    *,
    making: NeedsPerson | None = None,
    bringing: NeedsPerson | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    using = keys.users(visit.app)
    now = visit.app.now()
    return render(
        request,
        "keys/list.html",
        status=422 if making or bringing else 200,
        found=[
            (each, each.warning(now), using.get(each.name, []))
            for each in visit.app.ledger.keys.all().values()
        ],
        now=now,
        making=making,
        bringing=bringing,
        typed={"name": "", "email": "", "expires": "2y", "brought_name": ""} | (typed or {}),
        lifetimes=EXPIRES,
    )
