"""Which accounts a user can see and use, and with whom they are shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.model.account import Account, AwsKeys, Deputy, FileAccount, S3Prefix
from bucketlift.model.finding import Health
from bucketlift.model.sharing import UNSHARED, Examined, Sharing
from bucketlift.model.user import Right, User
from bucketlift.schema.shape import to_mapping
from bucketlift.service.accounts import accounts
from bucketlift.service.accounts.doctor import BAD
from bucketlift.service.core.app import App
from bucketlift.service.people import people
from bucketlift.service.secrets.secrets import forget_typed

Who = Literal["nobody", "everyone", "chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAccount:
    """An account as one user sees it."""

    account: Account
    sharing: Sharing
    usable: bool
    own: bool
    examined: Examined | None
    deputy: Deputy | None

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def title(self) -> str:
        return self.sharing.title or self.account.name

    @property
    def deprecated(self) -> bool:
        return isinstance(self.account.settings, AwsKeys)

    @property
    def open_to_deputies(self) -> bool:
        return self.deputy is not None and self.deputy.is_open and self.deputy.acknowledged is None

    @property
    def health(self) -> Health | None:
        """The worst finding of the last check; None if the account was never checked."""
        if self.examined is None:
            return None
        found = {each.health for each in self.examined.findings}
        for worse in (*sorted(BAD), Health.UNKNOWN, Health.WARNING):
            if worse in found:
                return worse
        return Health.OK


def visible(app: App, user: User) -> tuple[SharedAccount, ...]:
    """The accounts that the user can see: own accounts first, then shared ones."""
    known = app.ledger.catalog.accounts()
    sharings, examined, deputies = (
        app.ledger.sharings.all(),
        app.ledger.sharings.examined(),
        app.ledger.catalog.deputies(),
    )
    found = (
        SharedAccount(
            account=account,
            sharing=(sharing := sharings.get(name, UNSHARED)),
            usable=sharing.usable_by(user),
            own=sharing.owner == user.id,
            examined=examined.get(name),
            deputy=deputies.get(name),
        )
        for name, account in known.items()
        if sharings.get(name, UNSHARED).visible_to(user)
    )
    return tuple(sorted(found, key=lambda each: (not each.own, each.title.casefold())))


def usable(app: App, user: User) -> tuple[SharedAccount, ...]:
    """The accounts that the user can use."""
    return tuple(each for each in visible(app, user) if each.usable)


def with_buckets(app: App, user: User) -> tuple[SharedAccount, ...]:
    """The accounts with buckets that the user can use."""
    return tuple(each for each in usable(app, user) if not isinstance(each.account.settings, FileAccount))


def find(app: App, user: User, name: str) -> SharedAccount:
    """An account that the user can see.

    Raises:
        NotFound: the account does not exist, or the user cannot see it. The error does not show which.
    """
    return _named(visible(app, user), name)


def require_usable(app: App, user: User, name: str) -> SharedAccount:
    """An account that the user can use.

    Raises:
        NotFound: the account does not exist, or the user cannot use it.
    """
    return _named(usable(app, user), name)


def _named(known: Iterable[SharedAccount], name: str) -> SharedAccount:
    for each in known:
        if each.name == name:
            return each
    raise NotFound(
        "There is no such account that you can use", to=name, hint="Choose an account from the list."
    )


def share(app: App, name: str, who: Who, *, chosen: frozenset[str] = frozenset()) -> None:
    """Set which users can use an account, in addition to administrators. Unknown user IDs are ignored.

    A user in ``chosen`` with whom the account is not shared yet gets it, also if ``who`` is still ``nobody``.

    Raises:
        NotFound: there is no such account.
        RequestWrong: the account is personal, or no user is selected.
    """
    app.ledger.catalog.account(name)
    if app.ledger.sharings.of(name).owner is not None:
        hint = "Connect a separate account to share it: it has its own role and external ID."
        raise RequestWrong("A personal account cannot be shared", to=name, hint=hint)
    users = chosen & {each.id for each in people.list_people(app)}
    if who == "nobody" and users - app.ledger.sharings.of(name).users:
        who = "chosen"
    if who == "chosen" and not users:
        hint = "Select the users who may use the account, or choose administrators only."
        raise RequestWrong("No user is selected", to=name, hint=hint)
    app.ledger.sharings.share(
        name, everyone=who == "everyone", users=users if who == "chosen" else frozenset()
    )


def users_of(app: App, name: str) -> list[str]:
    """Titles of the workflows that use an account, also those that use it only in unpublished changes, and the destinations
    that use it.

    A published workflow that this version of Bucketlift cannot read is left out.
    """
    drafts = (draft.document for draft in app.ledger.drafts.all() if draft.document)
    documents = (
        (str(document.get("title", "")), [task.get("extract") or {} for task in document.get("tasks") or ()])
        for document in drafts
    )
    drafted = [
        title for title, extracts in documents if any(each.get("account") == name for each in extracts)
    ]
    published = [
        flow.title
        for flow in app.ledger.catalog.readable()
        if any(task.account == name for task in flow.extracts)
    ]
    known = app.ledger.catalog.destinations().values()
    places = [
        f"destination {each.name}"
        for each in known
        if isinstance(each.settings, S3Prefix) and each.settings.account == name
    ]
    return sorted({*drafted, *published, *places})


def changeable(user: User, found: SharedAccount) -> bool:
    """Whether the user can change or delete the account. Users can change their own accounts, administrators
    can change shared ones.
    """
    mine = found.own or (found.sharing.owner is None and user.may(Right.ADMINISTER))
    return mine and found.account.project is None


def require_changeable(user: User, found: SharedAccount) -> None:
    """Check that the user can change an account.

    Raises:
        RequestWrong: a workflow file or another user owns the account.
    """
    if found.account.project is not None:
        hint = (
            "Change the account in that file and apply the file. To remove the account, apply with --prune."
        )
        raise RequestWrong(
            f"The workflow file of project {found.account.project} owns this account",
            to=found.title,
            hint=hint,
        )
    if not changeable(user, found):
        hint = "The owner can change the account, or an administrator if the account is shared."
        raise RequestWrong("You cannot change this account", to=found.title, hint=hint)


def remove(app: App, user: User, name: str) -> None:
    """Remove an account that no workflow uses, and the secrets that were typed for it on the page.

    Raises:
        NotFound: the account does not exist, or the user cannot see it.
        RequestWrong: a workflow uses the account, or the user cannot change it.
    """
    found = require_usable(app, user, name)
    require_changeable(user, found)
    remove_unused(app, name)


def remove_unused(app: App, name: str) -> None:
    """Remove an account without a check of a user's rights, for the command line.

    Raises:
        NotFound: the account does not exist.
        RequestWrong: a workflow file owns the account, or a workflow or a destination uses it.
        NeedsPerson: this version of Bucketlift cannot read a workflow.
    """
    account = app.ledger.catalog.account(name)
    if account.project is not None:
        raise RequestWrong(
            f"The workflow file of project {account.project} owns this account",
            to=name,
            hint="Remove the account from that file, and apply the file with --prune.",
        )
    app.ledger.catalog.all()  # A workflow that cannot be read may use it.
    using = users_of(app, name)
    if using:
        raise RequestWrong(
            f"The account is used by {', '.join(using)}",
            to=app.ledger.sharings.of(name).title or name,
            hint="Choose another account there first.",
        )
    app.ledger.sharings.remove(name, now=app.now())
    forget_typed(app, name, to_mapping(account.settings), kept={})


def warnings(found: SharedAccount) -> list[str]:
    """The warnings that are shown with the account."""
    return accounts.warnings(found.account, found.deputy)
