"""Checks whether the hosted platform takes the fields of a load."""

from __future__ import annotations

from bucketlift.errors import RequestWrong
from bucketlift.model.account import QualtricsDestination
from bucketlift.model.directory.data_targets import RecordsTarget
from bucketlift.model.directory.platform import PHONE, UNSUBSCRIBED
from bucketlift.model.directory.targets import IDENTIFYING, ContactsTarget, EmployeesTarget
from bucketlift.model.load import Target
from bucketlift.model.types import TypeName
from bucketlift.rules.directory.list_names import has_dated_list
from bucketlift.yaml_text import hint


def check_for_platform(target: Target, settings: QualtricsDestination) -> None:
    """Refuse a load that the platform cannot take, before anything is sent.

    Raises:
        RequestWrong: the first problem.
    """
    if isinstance(target, ContactsTarget):
        _check_contacts(target, settings)
    elif isinstance(target, EmployeesTarget):
        _check_employees(target)
    elif isinstance(target, RecordsTarget) and not target.columns:
        raise RequestWrong("No field is loaded", key="map", hint="Map at least one field.")


def check_for_directory(target: Target) -> None:
    """Refuse settings that only the platform has, and missing ones that only a directory needs.

    Raises:
        RequestWrong: the first problem.
    """
    if isinstance(target, ContactsTarget) and target.merge is None:
        raise RequestWrong("`merge` is missing", hint=_merge_hint(target))
    if isinstance(target, EmployeesTarget) and (target.directory or target.project):
        key = "directory" if target.directory else "project"
        raise RequestWrong(
            f"`{key}` is for the hosted platform, and the destination is a directory", hint=f"Remove `{key}`."
        )


def _merge_hint(target: ContactsTarget) -> str:
    filled = [column.name for column in target.columns]
    names = [name for name in IDENTIFYING if name in filled] or filled[:1] or list(IDENTIFYING)
    rules = hint({"merge": [[name] for name in names]})
    return f"Name the fields that identify a contact, such as `{rules}`; `merge: []` makes every row a new contact."


def _check_contacts(target: ContactsTarget, settings: QualtricsDestination) -> None:
    if settings.directory is None:
        raise RequestWrong(
            "The destination names no directory for contacts",
            hint="Write `directory: POOL_...` in the destination: the ID of the platform's directory.",
        )
    if target.merge is not None:
        raise RequestWrong(
            "The hosted platform merges contacts by the rules of its own directory",
            hint="Remove `merge`, and set the rules there.",
        )
    if target.list is None:
        raise RequestWrong(
            "The hosted platform imports contacts into a mailing list, and none is named",
            hint="Write its name or its ID: `list: All staff` or `list: CG_...`.",
        )
    if has_dated_list(target):
        raise RequestWrong(
            "A mailing list of the hosted platform must exist, so its name cannot contain `{date}`",
            hint="Write the name or the ID of a list: `list: All staff` or `list: CG_...`.",
        )
    if target.flag_invalid:
        raise RequestWrong(
            "`flag_invalid` is for directories of Bucketlift",
            hint="Remove it: the platform checks addresses itself.",
        )
    _check_fields(target)
    _check_transaction_fields(target)


def _check_fields(target: ContactsTarget) -> None:
    for column in target.columns:
        if column.name == PHONE:
            raise RequestWrong(
                "The import of the hosted platform takes no phone number",
                hint=f"Map it to an embedded field, for example `{hint({'map': {column.field: ['PhoneNumber']}})}`, "
                "or leave it out.",
            )
        if column.name == UNSUBSCRIBED and column.type.name is not TypeName.BOOLEAN:
            raise RequestWrong(
                f"`{UNSUBSCRIBED}` is true or false, and its source field `{column.field}` is {column.type.name.value}",
                hint=f"Give `{column.field}` the type boolean in the extract or in a transform.",
            )


def _check_transaction_fields(target: ContactsTarget) -> None:
    if target.transactions is None:
        return
    in_transaction = {target.transactions.date, *target.transactions.fields}
    for column in target.columns:
        if column.name in in_transaction:
            raise RequestWrong(
                f"`{column.name}` is a field of the transaction and of the contact, and the hosted platform allows "
                "only one of both",
                hint=f"Leave it out of the contact: `{hint({'map': {column.field: []}})}`.",
            )


def _check_employees(target: EmployeesTarget) -> None:
    if (target.directory is None) == (target.project is None):
        raise RequestWrong(
            "The hosted platform imports employees into an employee directory or into a project",
            hint="Write the ID of one of them: `directory: ID` or `project: ID`.",
        )
