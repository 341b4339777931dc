"""The pages on which users sign in by password or link and sign out, and on which the first administrator is
created.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import BucketliftError
from bucketlift.service.core.app import App
from bucketlift.service.people import people, sessions
from bucketlift.service.people.passwords import PasswordWrong
from bucketlift.service.people.people import NameWrong
from bucketlift.web import cookies
from bucketlift.web.render import go, render
from bucketlift.web.visit import Here, Seeing, cookie_name

router = APIRouter()

Text = Annotated[str, Form()]


@router.get("/sign-in")
def ask(request: Request, app: Here, next: str = "/") -> Response:  # noqa: A002 - the name of the query parameter
    if not people.is_set_up(app):
        return go(request, "/set-up")
    return _form(request, "signing_in/sign_in.html", next=cookies.safe_redirect(next), name="", error=None)


@router.post("/sign-in")
def sign_in(
    request: Request,
    app: Here,
    form: Text = "",
    name: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002 - the name of the query parameter
) -> Response:
    cookies.check_form(request, form)
    onward = cookies.safe_redirect(next)
    try:
        token = sessions.sign_in(app, name, password, cookies.address(request), cookies.browser(request))
    except sessions.TooManyTries as error:
        answer = _form(request, "signing_in/sign_in.html", 429, next=onward, name=name, error=error)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    except sessions.SignInWrong as error:
        return _form(request, "signing_in/sign_in.html", 422, next=onward, name=name, error=error)
    return _start_session(request, app, token, onward)


@router.post("/sign-out")
def sign_out(request: Request, visit: Seeing) -> Response:
    sessions.sign_out(visit.app, visit.session)
    answer = go(request, "/sign-in")
    cookies.forget_session(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/sign-in/link")
def show_link(request: Request, app: Here, token: str = "") -> Response:
    """Show a button with which the user signs in. Only a click on it uses the one-time link, so that link
    scanners of mail programs do not use the link.
    """
    try:
        link = sessions.invited(app, token)
    except sessions.LinkOver:
        if _is_signed_in(request, app):
            return go(request, "/")  # such as a second click on the link that signed this browser in
        raise
    return _form(request, "signing_in/link.html", token=token, link=link, error=None)


@router.post("/sign-in/link")
def use_link(request: Request, app: Here, form: Text = "", token: Text = "", password: Text = "") -> Response:
    cookies.check_form(request, form)
    link = sessions.invited(app, token)
    try:
        session = sessions.accept(app, token, password, cookies.address(request), cookies.browser(request))
    except PasswordWrong as error:
        return _form(request, "signing_in/link.html", 422, token=token, link=link, error=error)
    return _start_session(request, app, session, "/")


@router.get("/set-up")
def ask_set_up(request: Request, app: Here, token: str = "") -> Response:
    if people.is_set_up(app):
        return go(request, "/sign-in")
    return _set_up_form(request, token=token, name="", error=None)


@router.post("/set-up")
def set_up(
    request: Request, app: Here, form: Text = "", token: Text = "", name: Text = "", password: Text = ""
) -> Response:
    cookies.check_form(request, form)
    if people.is_set_up(app):
        return go(request, "/sign-in")
    try:
        user = people.set_up(app, token, name, password)
    except BucketliftError as error:
        return _set_up_form(request, 422, token=token, name=name, error=error)
    session = sessions.begin(app, user, cookies.address(request), cookies.browser(request))
    return _start_session(request, app, session, "/")


def _is_signed_in(request: Request, app: App) -> bool:
    token = request.cookies.get(cookie_name(request))
    return token is not None and sessions.find(app, token) is not None


def _start_session(request: Request, app: App, token: str, onward: str) -> Response:
    """End an earlier session of this browser, and set the cookie of the new session."""
    sessions.replace(app, request.cookies.get(cookie_name(request)))
    answer = go(request, onward)
    cookies.keep_session(request, answer, token)
    return answer


def _set_up_form(
    request: Request, status: int = 200, *, token: str, name: str, error: BucketliftError | None
) -> Response:
    return _form(
        request,
        "signing_in/set_up.html",
        status,
        token=token,
        name=name,
        name_problem=error if isinstance(error, NameWrong) else None,
        password_problem=error if isinstance(error, PasswordWrong) else None,
        error=None if isinstance(error, NameWrong | PasswordWrong) else error,
    )


def _form(request: Request, template: str, status: int = 200, **context: object) -> Response:
    form = cookies.form_token(request)
    answer = render(request, template, status=status, form=form, **context)
    cookies.keep_form_token(request, answer, form)
    return answer
