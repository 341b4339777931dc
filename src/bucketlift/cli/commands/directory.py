"""The `directory` commands: contacts, employees, mailing lists, transactions, responses and records."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.commands import directory_data
from bucketlift.cli.directories import (
    After,
    Form,
    Format,
    InList,
    Limit,
    Output,
    Search,
    To,
    Yes,
    confirm,
    opened_directory,
    print_deleted,
    write_parts,
)
from bucketlift.model.source import location

group = typer.Typer(help="Show, export and delete what a directory stores.")
group.add_typer(directory_data.responses, name="responses", no_args_is_help=True)
group.add_typer(directory_data.records, name="records", no_args_is_help=True)
_NAME = "The ContactID of a contact, or the UniqueIdentifier of an employee."
PersonName = Annotated[str, typer.Argument(help=_NAME)]
PersonNames = Annotated[list[str], typer.Argument(help=_NAME)]


def _add_people(kind: str, one: str, columns: tuple[str, ...]) -> None:
    """Add the commands for one kind of people: contacts or employees."""
    commands = typer.Typer(help=f"Show, export and delete {kind}.")
    group.add_typer(commands, name=kind, no_args_is_help=True)

    def list_(
        to: To, search: Search = "", in_list: InList = None, after: After = 0, limit: Limit = 1000
    ) -> None:
        from bucketlift.service.directory import people

        with opened_directory(to) as (_, directory):
            found = directory.people(kind, search=search, in_list=in_list, after=after, limit=limit + 1)
        shown = [people.document(each) for each in found[:limit]]
        following = str(found[limit - 1].id) if len(found) > limit else None
        if output.is_json():
            output.document({kind: shown, "next": following})
            return
        output.table(
            list(columns),
            [[each.get(name) for name in columns] for each in shown],
            empty=f"No {kind}.",
            whole=columns[:1],
        )
        if following:
            output.text(f"There are more: --after {following}")

    def show(name: PersonName, to: To) -> None:
        from bucketlift.service.directory import people

        with opened_directory(to) as (app, directory):
            shown = people.shown(app, people.found(directory, kind, name))
        if output.is_json():
            output.document(shown)
        else:
            _print_person(shown, one)

    def export(to: To, in_list: InList = None, form: Format = Form.CSV, to_file: Output = None) -> None:
        from bucketlift.service.directory import people

        with opened_directory(to) as (_, directory):
            found = directory.each(kind, in_list=in_list)
            if form is Form.CSV:
                parts = people.as_csv(people.export_fields(directory, kind), found)
            else:
                parts = people.as_json_lines(people.document(each) for each in found)
            write_parts(parts, to_file)

    def delete(
        names: PersonNames,
        to: To,
        yes: Yes = False,
    ) -> None:
        from bucketlift.service.directory import people

        with opened_directory(to) as (_, directory):
            known = [people.found(directory, kind, name) for name in dict.fromkeys(names)]
            confirm(f"Delete {len(known):,} {kind} with their history? The counts of loads stay.", yes=yes)
            gone = directory.delete(kind, names)
        print_deleted(kind, gone)

    more = ", with mailing lists and transactions" if kind == "contacts" else ""
    shown = f"Show one {one}, and where each value comes from{more}."
    commands.command("list", help=f"List {kind}.")(list_)
    commands.command("show", help=shown)(show)
    commands.command("export", help=f"Write all {kind} to a file.")(export)
    commands.command(
        "delete", help=f"Delete {kind}, their values and their history, for example if a person requests it."
    )(delete)


_add_people(
    "contacts", "contact", ("ContactID", "ExternalReference", "FirstName", "LastName", "Email", "Phone")
)
_add_people("employees", "employee", ("UniqueIdentifier", "FirstName", "LastName", "Email"))

lists = typer.Typer(help="Show, export and delete mailing lists.")
group.add_typer(lists, name="lists", no_args_is_help=True)


@lists.command("list")
def list_lists(to: To) -> None:
    """List mailing lists."""
    with opened_directory(to) as (_, directory):
        shown = [{"name": each.name, "contacts": each.contacts} for each in directory.lists()]
    if output.is_json():
        output.document({"lists": shown})
        return
    output.table(
        ["name", "contacts"], [[each["name"], each["contacts"]] for each in shown], empty="No mailing list."
    )


@lists.command("show")
def show_list(name: str, to: To, after: After = 0, limit: Limit = 1000) -> None:
    """Show a mailing list and its contacts."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        people.require_list(directory, name)
        found = directory.people("contacts", in_list=name, after=after, limit=limit + 1)
    shown = [people.document(each) for each in found[:limit]]
    following = str(found[limit - 1].id) if len(found) > limit else None
    if output.is_json():
        output.document({"name": name, "contacts": shown, "next": following})
        return
    columns = ["ContactID", "FirstName", "LastName", "Email"]
    output.table(columns, [[each.get(column) for column in columns] for each in shown], empty="No contacts.")
    if following:
        output.text(f"There are more: --after {following}")


@lists.command("export")
def export_list(name: str, to: To, form: Format = Form.CSV, to_file: Output = None) -> None:
    """Write the contacts of a mailing list to a file."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        people.require_list(directory, name)
        found = directory.each("contacts", in_list=name)
        if form is Form.CSV:
            parts = people.as_csv(people.export_fields(directory, "contacts"), found)
        else:
            parts = people.as_json_lines(people.document(each) for each in found)
        write_parts(parts, to_file)


@lists.command("delete")
def delete_lists(names: list[str], to: To, yes: Yes = False) -> None:
    """Delete mailing lists. Their contacts stay in the directory."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        for name in names:
            people.require_list(directory, name)
        confirm(f"Delete {len(names):,} mailing lists? Their contacts stay.", yes=yes)
        gone = directory.delete_lists(names)
    print_deleted("lists", gone)


transactions = typer.Typer(help="Show, export and delete transactions.")
group.add_typer(transactions, name="transactions", no_args_is_help=True)


@transactions.command("list")
def list_transactions(to: To, after: After = 0, limit: Limit = 1000) -> None:
    """List transactions in the order in which they were loaded."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        found = directory.transactions(after=after, limit=limit + 1)
    shown = [people.transaction(each) for each in found[:limit]]
    following = str(found[limit - 1].id) if len(found) > limit else None
    if output.is_json():
        output.document({"transactions": shown, "next": following})
        return
    output.table(
        ["TransactionID", "ContactID", "date", "fields"],
        [[each["TransactionID"], each["ContactID"], each["date"], _pairs(each["fields"])] for each in shown],
        empty="No transactions.",
        whole=("TransactionID", "ContactID", "date"),
    )
    if following:
        output.text(f"There are more: --after {following}")


@transactions.command("show")
def show_transaction(
    number: Annotated[int, typer.Argument(help="The TransactionID.", min=1)], to: To
) -> None:
    """Show one transaction."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        shown = people.transaction(people.found_transaction(directory, number))
    if output.is_json():
        output.document(shown)
        return
    output.details(shown.items())


@transactions.command("export")
def export_transactions(to: To, to_file: Output = None) -> None:
    """Write all transactions to a file, as one JSON object per line."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        found = people.each_transaction(directory)
        write_parts(people.as_json_lines(people.transaction(each) for each in found), to_file)


@transactions.command("delete")
def delete_transactions(
    numbers: Annotated[list[int], typer.Argument(help="The TransactionID of each.")], to: To, yes: Yes = False
) -> None:
    """Delete transactions. Their contacts stay."""
    from bucketlift.service.directory import people

    with opened_directory(to) as (_, directory):
        for number in numbers:
            people.found_transaction(directory, number)
        confirm(f"Delete {len(numbers):,} transactions?", yes=yes)
        gone = directory.delete_transactions(numbers)
    print_deleted("transactions", gone)


def _print_person(shown: dict[str, Any], one: str) -> None:
    sources = shown["sources"]
    output.table(
        ["field", "value", "from", "line", "at"],
        [
            [name, value, _origin(sources.get(name)), _line(sources.get(name)), _moment(sources.get(name))]
            for name, value in shown[one].items()
        ],
        empty="",
        whole=("field",),
    )
    if shown["lists"]:
        output.text(f"Mailing lists: {output.safe(', '.join(shown['lists']))}")
    for each in shown["transactions"]:
        output.text(
            f"Transaction {each['TransactionID']}: {each['date']} {output.safe(_pairs(each['fields']))}"
        )


def _origin(source: dict[str, Any] | None) -> str:
    if source is None:
        return ""
    return location(source["bucket"], source["key"]) if "key" in source else f"load {source['load_id'][:16]}"


def _line(source: dict[str, Any] | None) -> object:
    return None if source is None else source["line"]


def _moment(source: dict[str, Any] | None) -> str | None:
    return None if source is None else output.moment(source["at"])


def _pairs(values: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())
