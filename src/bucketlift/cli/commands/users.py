"""The `users` commands: people who can sign in to the page."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.model.user import Role, User
    from bucketlift.service.core.app import App

group = typer.Typer(help="Manage people who sign in to the page.")

ADDRESS = "http://127.0.0.1:8484"
"""The address at which `serve` listens by default."""

RoleWord = Annotated[str, typer.Option(help="The role: viewer, operator, editor or administrator.")]


@group.command("list")
def list_() -> None:
    """List all users, including disabled ones."""
    from bucketlift.service.people import people

    with installation() as app:
        found = [people.shown(each) for each in people.list_people(app)]
    if output.is_json():
        output.document({"users": found})
        return
    output.table(
        ["name", "role", "state", "signed in"],
        [
            [
                each["name"],
                each["role"],
                "disabled" if each["disabled_at"] else "active" if each["signed_in_at"] else "invited",
                output.moment(each["signed_in_at"]),
            ]
            for each in found
        ],
        empty="No user yet. `bucketlift serve` prints a link to create the first administrator.",
    )


@group.command()
def add(name: str, role: RoleWord = "editor") -> None:
    """Add a user, and print a one-time link to choose a password."""
    from bucketlift.service.people import people

    with _opened() as app:
        user = people.add(app, name, _role(role), by=people.BY_COMMAND)
        link = _link(app, user)
    _print(
        user,
        f"{user.name} is added. Send this link to the user; it works once, within 3 days:\n  {link}",
        link,
    )


@group.command()
def role(name: str, role: Annotated[str, typer.Argument()]) -> None:
    """Change a user's role to viewer, operator, editor or administrator."""
    from bucketlift.service.people import people

    with _opened() as app:
        user = people.named(app, name)
        people.change_role(app, user, _role(role), by=people.BY_COMMAND)
        user = people.named(app, name)
    _print(user, f"{user.name} is now {user.role}, and must sign in again.")


@group.command()
def disable(name: str) -> None:
    """Sign a user out everywhere, and prevent new sign-ins."""
    from bucketlift.service.people import people

    with _opened() as app:
        people.disable(app, people.named(app, name), by=people.BY_COMMAND)
        user = people.named(app, name)
    _print(user, f"{user.name} is disabled.")


@group.command()
def enable(name: str) -> None:
    """Let a disabled user sign in again."""
    from bucketlift.service.people import people

    with _opened() as app:
        people.enable(app, people.named(app, name), by=people.BY_COMMAND)
        user = people.named(app, name)
    _print(user, f"{user.name} can sign in again.")


@group.command()
def link(name: str) -> None:
    """Print a one-time link to choose a new password; earlier links become invalid."""
    from bucketlift.service.people import people

    with _opened() as app:
        user = people.named(app, name)
        made = _link(app, user)
    _print(user, f"Send this link to {user.name}; it works once, within 3 days:\n  {made}", made)


def _opened() -> AbstractContextManager[App]:
    from bucketlift.logs import log

    log.to_stderr(as_json=output.logs_json())
    return installation()


def _role(word: str) -> Role:
    from bucketlift.errors import RequestWrong
    from bucketlift.model.user import Role

    if word not in set(Role):
        known = ", ".join(each.value for each in Role)
        raise RequestWrong("The role does not exist", to=word, hint=f"Use one of {known}.")
    return Role(word)


def _link(app: App, user: User) -> str:
    from bucketlift.errors import RequestWrong
    from bucketlift.service.people import sessions

    if user.disabled_at is not None:
        hint = f"Enable the user first: bucketlift users enable {user.name}"
        raise RequestWrong("This user is disabled", to=user.name, hint=hint)
    return f"{app.public_url or ADDRESS}/sign-in/link?token={sessions.invite(app, user)}"


def _print(user: User, words: str, link: str | None = None) -> None:
    from bucketlift.service.people import people

    if output.is_json():
        output.document({"user": people.shown(user)} | ({} if link is None else {"link": link}))
        return
    output.text(words)
