"""Which accounts a person sees and may use, and with whom they are shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.model.account import Account, AwsKeys, Deputy
from bucketlift.model.finding import Health
from bucketlift.model.sharing import NOBODYS, Examined, Sharing
from bucketlift.model.user import Right, User
from bucketlift.service.accounts import accounts
from bucketlift.service.accounts.doctor import BAD
from bucketlift.service.core.app import App
from bucketlift.service.people import people

Who = Literal["nobody", "everyone", "chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAccount:
    """An account as a person meets it."""

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
        """The worst of the doctor's last look; None where it never looked."""
        if self.examined is None:
            return None
        found = {each.health for each in self.examined.findings}
        for worse in (*sorted(BAD), Health.UNKNOWN, Health.WARNING):
            if worse in found:
                return worse
        return Health.OK


def visible(app: App, user: User) -> tuple[SharedAccount, ...]:
    """One's own first, then what is shared."""
    known = app.ledger.catalog.accounts()
    sharings, examined, deputies = (
        app.ledger.sharings.all(),
        app.ledger.sharings.examined(),
        app.ledger.catalog.deputies(),
    )
    found = (
        SharedAccount(
            account=account,
            sharing=(sharing := sharings.get(name, NOBODYS)),
            usable=sharing.usable_by(user),
            own=sharing.owner == user.id,
            examined=examined.get(name),
            deputy=deputies.get(name),
        )
        for name, account in known.items()
        if sharings.get(name, NOBODYS).visible_to(user)
    )
    return tuple(sorted(found, key=lambda each: (not each.own, each.title.casefold())))


def usable(app: App, user: User) -> tuple[SharedAccount, ...]:
    """Those that tasks of this person's workflows may name."""
    return tuple(each for each in visible(app, user) if each.usable)


def find(app: App, user: User, name: str) -> SharedAccount:
    """One that this person sees.

    Raises:
        NotFound: there is none, or it is not theirs to see; which of both is not told.
    """
    return _named(visible(app, user), name)


def require_usable(app: App, user: User, name: str) -> SharedAccount:
    """One that this person may read buckets with.

    Raises:
        NotFound: as ``find``.
    """
    return _named(usable(app, user), name)


def _named(known: Iterable[SharedAccount], name: str) -> SharedAccount:
    for each in known:
        if each.name == name:
            return each
    raise NotFound(
        "There is no account of this name that you may use", to=name, hint="Choose one of the list."
    )


def share(app: App, name: str, who: Who, *, chosen: frozenset[str] = frozenset()) -> None:
    """Say who may use an account beside administrators; of those chosen, who is nobody is left out.

    Raises:
        NotFound: there is no such account.
        RequestWrong: it is somebody's own, or nobody is chosen.
    """
    app.ledger.catalog.account(name)
    if app.ledger.sharings.of(name).owner is not None:
        hint = "Connect one to share: it has a role and an external id of its own."
        raise RequestWrong("This account is somebody's own, and stays so", to=name, hint=hint)
    users = chosen & {each.id for each in people.list_people(app)}
    if who == "chosen" and not users:
        hint = "Choose those who may use it, or leave it to administrators."
        raise RequestWrong("Nobody is chosen", to=name, hint=hint)
    app.ledger.sharings.share(
        name, everyone=who == "everyone", users=users if who == "chosen" else frozenset()
    )


def users_of(app: App, name: str) -> list[str]:
    """The titles of the workflows whose extracts name an account, changes not yet in use included."""
    drafts = (draft.document for draft in app.ledger.drafts.all() if draft.document)
    documents = (
        (str(document.get("title", "")), [task.get("extract") or {} for task in document.get("tasks", ())])
        for document in drafts
    )
    drafted = [
        title for title, extracts in documents if any(each.get("account") == name for each in extracts)
    ]
    published = [
        flow.title for flow in app.ledger.catalog.all() if any(task.account == name for task in flow.extracts)
    ]
    return sorted(set(drafted) | set(published))


def changeable(user: User, found: SharedAccount) -> bool:
    """Whether this person may change or delete it: their own, or as an administrator one that is nobody's."""
    mine = found.own or (found.sharing.owner is None and user.may(Right.ADMINISTER))
    return mine and found.account.project is None


def require_changeable(user: User, found: SharedAccount) -> None:
    """Refuse what is not ``changeable``, and say why.

    Raises:
        RequestWrong: a file owns it, or somebody else.
    """
    if found.account.project is not None:
        hint = "Change it in that file, and apply it (--prune removes what it no longer names)."
        raise RequestWrong(
            f"The workflow file of project {found.account.project} owns it", to=found.title, hint=hint
        )
    if not changeable(user, found):
        hint = "Its owner, or an administrator where it is shared, can change it."
        raise RequestWrong("This account is not yours to change", to=found.title, hint=hint)


def remove(app: App, user: User, name: str) -> None:
    """Forget an account that nothing uses.

    Raises:
        NotFound: as ``find``.
        RequestWrong: a workflow names it, or it is not this person's to change.
    """
    found = require_usable(app, user, name)
    require_changeable(user, found)
    using = users_of(app, name)
    if using:
        raise RequestWrong(
            f"The account is used by {', '.join(using)}",
            to=found.title,
            hint="Choose another account there first.",
        )
    app.ledger.sharings.remove(name, now=app.now())


def warnings(found: SharedAccount) -> list[str]:
    """What somebody should know wherever the account is shown."""
    return accounts.warnings(found.account, found.deputy)
