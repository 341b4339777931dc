"""The page on which administrators manage users."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.model.user import Role, User
from bucketlift.service.people import people, sessions
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering

router = APIRouter()

Text = Annotated[str, Form()]

ROLES = {
    Role.VIEWER: "can view workflows, runs and files, but not the contents of files.",
    Role.OPERATOR: "can also view file contents, run workflows and decide about files that need attention.",
    Role.EDITOR: "can also create and change workflows, own accounts, destinations and keys.",
    Role.ADMINISTRATOR: "can also add people and shared accounts.",
}


@router.get("/people")
def list_people(request: Request, visit: Administering) -> Response:
    return render(request, "people/list.html", people=people.list_people(visit.app))


@router.get("/people/add")
def ask(request: Request, visit: Administering) -> Response:  # noqa: ARG001 - checks the right
    return _form(request, name="", role=Role.EDITOR, error=None)


@router.post("/people/add")
def add(request: Request, visit: Administering, name: Text = "", role: Text = Role.EDITOR) -> Response:
    role_entered = _role(role)
    try:
        person = people.add(visit.app, name, role_entered, by=visit.user.name)
    except RequestWrong as error:
        return _form(request, 422, name=name, role=role_entered, error=error)
    return _link(request, visit, person)


@router.get("/people/{person}")
def show(request: Request, visit: Administering, person: str) -> Response:
    return _show(request, visit, people.get(visit.app, person))


@router.post("/people/{person}/role")
def change_role(request: Request, visit: Administering, person: str, role: Text = "") -> Response:
    known = people.get(visit.app, person)
    try:
        people.change_role(visit.app, known, _role(role), by=visit.user.name)
    except RequestWrong as error:
        return _show(request, visit, known, error)
    return go(request, "/people", "The role is changed.")


@router.post("/people/{person}/link")
def link(request: Request, visit: Administering, person: str) -> Response:
    return _link(request, visit, people.get(visit.app, person))


@router.post("/people/{person}/sign-out")
def sign_out(request: Request, visit: Administering, person: str) -> Response:
    sessions.sign_out_everywhere(visit.app, people.get(visit.app, person))
    return go(request, f"/people/{person}", "The person is signed out everywhere.")


@router.post("/people/{person}/disable")
def disable(request: Request, visit: Administering, person: str) -> Response:
    known = people.get(visit.app, person)
    try:
        people.disable(visit.app, known, by=visit.user.name)
    except RequestWrong as error:
        return _show(request, visit, known, error)
    return go(request, "/people", "The person is disabled.")


@router.post("/people/{person}/enable")
def enable(request: Request, visit: Administering, person: str) -> Response:
    people.enable(visit.app, people.get(visit.app, person), by=visit.user.name)
    return go(request, f"/people/{person}", "The person is enabled.")


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError:
        raise RequestWrong(
            "Unknown role", to=word, hint=f"Use one of {', '.join(each.value for each in Role)}."
        ) from None


def _form(
    request: Request, status: int = 200, *, name: str, role: Role, error: RequestWrong | None
) -> Response:
    return render(request, "people/add.html", status=status, name=name, chosen=role, roles=ROLES, error=error)


def _show(
    request: Request, visit: Administering, person: User, error: RequestWrong | None = None
) -> Response:
    return render(
        request,
        "people/person.html",
        status=200 if error is None else 422,
        person=person,
        roles=ROLES,
        browsers=sessions.browsers(visit.app, person),
        has_password=people.has_password(visit.app, person),
        error=error,
    )


def _link(request: Request, visit: Administering, person: User) -> Response:
    """Show a new sign-in link. Only this answer shows the link."""
    if person.disabled_at is not None:
        raise RequestWrong("This user is disabled", to=person.name, hint="Enable the user first.")
    token = sessions.invite(visit.app, person)
    base = visit.app.public_url or str(request.base_url).rstrip("/")
    return render(
        request,
        "people/link.html",
        person=person,
        link=f"{base}/sign-in/link?token={token}",
        days=sessions.LINK_LASTS.days,
    )
