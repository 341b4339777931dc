"""The page of the signed-in user: the password and the signed-in browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.people import people, sessions
from bucketlift.service.people.passwords import PasswordWrong
from bucketlift.web import cookies
from bucketlift.web.browsers import browser_name
from bucketlift.web.render import go, render
from bucketlift.web.visit import Seeing, Visit

router = APIRouter()

Text = Annotated[str, Form()]


@router.get("/me")
def show(request: Request, visit: Seeing) -> Response:
    return _show(request, visit)


@router.get("/me/session")
def session(visit: Seeing) -> Response:  # noqa: ARG001 - checks the session
    """Answer whether the user is still signed in, for a page that is about to send a form."""
    return Response(status_code=204)


@router.post("/me/password")
def change_password(request: Request, visit: Seeing, old: Text = "", new: Text = "") -> Response:
    came_from = cookies.address(request), cookies.browser(request)
    try:
        token = sessions.change_password(visit.app, visit.session, old, new, *came_from)
    except PasswordWrong as error:
        return _show(request, visit, new_problem=error)
    except (sessions.SignInWrong, sessions.TooManyTries) as error:
        return _show(request, visit, old_problem=error)
    answer = go(request, "/me?changed=1")
    cookies.keep_session(request, answer, token)
    return answer


@router.post("/me/sign-out-others")
def sign_out_others(request: Request, visit: Seeing) -> Response:
    sessions.sign_out_everywhere(visit.app, visit.user, but=visit.session)
    return go(request, "/me")


def _show(
    request: Request,
    visit: Visit,
    old_problem: RequestWrong | None = None,
    new_problem: RequestWrong | None = None,
) -> Response:
    found = sessions.browsers(visit.app, visit.user)
    return render(
        request,
        "me/me.html",
        status=422 if old_problem or new_problem else 200,
        browsers=[(each, browser_name(each.name), each.id == visit.session.id) for each in found],
        has_password=people.has_password(visit.app, visit.user),
        changed="changed" in request.query_params,
        old_problem=old_problem,
        new_problem=new_problem,
    )
