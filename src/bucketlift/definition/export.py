"""Model values back to the text of a workflow file. Secrets appear as references only, external ids never."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal, assert_never

from bucketlift.definition.compile import Definition
from bucketlift.definition.contracts import exported_dialect, exported_policies, is_plain
from bucketlift.definition.destinations import destination_words
from bucketlift.definition.emit import emit
from bucketlift.definition.fields import exported_fields
from bucketlift.definition.notify import notify_form
from bucketlift.definition.triggers import trigger_form
from bucketlift.model.account import AccountSettings, AwsAmbient, AwsKeys, AwsRole, S3Compatible
from bucketlift.model.contract import Contract, Dialect, Policy
from bucketlift.model.load import Lineage, Target, WriteMode
from bucketlift.model.packing import Compression, ZipEntries
from bucketlift.model.pgp import Pgp
from bucketlift.model.source import Restore, RestoreTier
from bucketlift.model.workflow import (
    NO_REJECTS,
    AfterImport,
    AllOf,
    AnyOf,
    Comparison,
    ConditionTask,
    Delete,
    ExtractTask,
    Keep,
    LoadTask,
    Move,
    OnCollision,
    Order,
    RejectLimit,
    Rename,
    Start,
    StartAll,
    StartAt,
    StartNow,
    Task,
    Test,
    Workflow,
)
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.header.header_or_data import data_in_header
from bucketlift.tabular.header.other_quotes import other_quotes
from bucketlift.tabular.header.separators import other_separator

SampleOf = Callable[[str, ExtractTask], str | None]
"""The path, relative to the file, of the sample that stands for an extract of a workflow (by its key).

None: its fields are listed instead.
"""

_OPTIONAL: tuple[Any, ...] = (None, "", (), [], {})


def export(definition: Definition, sample_of: SampleOf) -> str:
    """The text of the file that compiles to this definition.

    The caller writes what ``sample_header`` gives to the paths that ``sample_of`` names.
    """
    document = {
        "version": 1,
        "project": definition.project,
        "accounts": {each.name: _account(each.settings) for each in definition.accounts},
        "destinations": {each.name: destination_words(each.settings) for each in definition.destinations},
        "workflows": {each.key: workflow_form(each, sample_of) for each in definition.workflows},
    }
    return emit(_without_defaults(document))


def sample_header(contract: Contract) -> str:
    """The header row that a contract was taken from, as a sample file of its own."""
    text = io.StringIO()
    dialect = contract.dialect
    quoting: Literal[0, 3] = csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL
    writer = csv.writer(
        text, delimiter=dialect.delimiter, quotechar=dialect.quote, quoting=quoting, lineterminator="\r\n"
    )
    writer.writerow(contract.names)
    return text.getvalue()


def _without_defaults(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in _OPTIONAL}


def _account(settings: AccountSettings) -> dict[str, Any]:
    match settings:
        case AwsRole():
            return _without_defaults(
                {
                    "kind": settings.kind,
                    "role_arn": settings.role_arn,
                    "region": settings.region,
                    "bucket_owner": settings.bucket_owner,
                }
            )
        case AwsAmbient() | AwsKeys():
            return _without_defaults({"kind": settings.kind, **asdict(settings)})
        case S3Compatible():
            return _without_defaults(
                {
                    "kind": settings.kind,
                    "endpoint_url": settings.endpoint_url,
                    "access_key": asdict(settings.access_key),
                    "secret_key": asdict(settings.secret_key),
                    "region": settings.region,
                    "accept_weak_store": settings.accept_weak_store,
                    "store": settings.store_name,
                }
            )
        case _:
            assert_never(settings)


def workflow_form(workflow: Workflow, sample_of: SampleOf) -> dict[str, Any]:
    """A workflow as its file says it."""
    shape = {
        "title": workflow.title,
        "enabled": workflow.enabled,
        "triggers": [trigger_form(each) for each in workflow.triggers],
        "notify": [notify_form(each) for each in workflow.notify],
    }
    tasks = [_task(task, workflow, sample_of) for task in workflow.tasks]
    return _without_defaults(shape) | {"tasks": tasks}


def _is_clear(contract: Contract) -> bool:
    """Whether its header row alone is taken for a sample again, without a question."""
    row = sample_header(contract).encode()
    if other_quotes(row, Marks.of(contract.dialect), contract.dialect, 0) is not None:
        return False
    if contract.dialect.header_given:
        return True
    return not data_in_header(contract.names, ()) and other_separator(row, contract.dialect, 0) is None


def _task(task: Task, workflow: Workflow, sample_of: SampleOf) -> dict[str, Any]:
    match task:
        case ExtractTask():
            plain = is_plain(task.contract.dialect) and _is_clear(task.contract)
            sample = sample_of(workflow.key, task) if plain else None
            return {"id": task.id, "extract": _extract(task, sample)}
        case ConditionTask():
            answers = _without_defaults({"then": task.then, "else": task.otherwise})
            test = _test(task.test)
            return {
                "id": task.id,
                "condition": (test if isinstance(test, dict) else {"all": [test]}) | answers,
            }
        case LoadTask():
            contract = next(each.contract for each in workflow.extracts if each.id == task.source)
            return {"id": task.id, "load": _load(task, contract)}
        case _:
            assert_never(task)


def _extract(task: ExtractTask, sample: str | None) -> dict[str, Any]:
    selection = task.selection
    return _without_defaults(
        {
            "kind": "s3",
            "account": task.account,
            "bucket": selection.bucket,
            "prefix": selection.prefix,
            "pattern": selection.pattern,
            "requester_pays": selection.requester_pays or None,
            "restore": None if selection.restore is None else _restore(selection.restore),
            "start": _start(task.start),
            "order": None if task.order is Order.KEY else task.order.value,
            "file_type": task.file_type.value,
            "sample": sample,
            "columns": list(task.contract.names) if sample is None else None,
            "fields": exported_fields(task.contract),
            "contract": exported_policies(task.contract.policies),
            "dialect": exported_dialect(task.contract.dialect, Dialect.of(task.file_type)),
            "max_rejected": None if task.max_rejected == NO_REJECTS else _limit(task.max_rejected),
            "max_bytes": task.max_bytes,
            "repeats": task.repeats.value if task.repeats else None,
            "pgp": None if task.pgp is None else _pgp(task.pgp),
            "compression": None if task.compression is Compression.AUTO else task.compression.value,
            "zip": None if task.zip is ZipEntries.ONE else task.zip.value,
            "archive": None
            if task.archive is None
            else {"entries": task.archive.entries, "ignore": list(task.archive.ignore)},
            "empty": "skip" if task.contract.policies.empty is Policy.IGNORE else None,
            "after_import": _after_import(task.after_import),
        }
    )


def _pgp(pgp: Pgp) -> dict[str, Any]:
    """``require_signature`` is the rule where there are signers."""
    usual = pgp.require_signature == bool(pgp.signers)
    return _without_defaults(
        {
            "keys": list(pgp.keys),
            "signers": list(pgp.signers),
            "require_signature": None if usual else pgp.require_signature,
            "required": None if pgp.required else False,
            "signed": "accept" if pgp.signed_accepted else None,
            "symmetric": None if pgp.symmetric is None else asdict(pgp.symmetric),
        }
    )


def _start(start: Start) -> str | None:
    match start:
        case StartAll():
            return None
        case StartNow():
            return "now"
        case StartAt(time=time):
            return time.isoformat()


def _limit(limit: RejectLimit) -> Any:
    if limit.percent is None:
        return limit.rows
    if limit.rows is None:
        return f"{limit.percent:.6f}".rstrip("0").rstrip(".") + "%"
    return {"rows": limit.rows, "percent": limit.percent}


def _after_import(action: AfterImport) -> str | dict[str, Any]:
    match action:
        case Keep():
            return "keep"
        case Delete(delay=delay):
            return {"action": "delete", "delay": _duration(delay)} if delay else "delete"
        case Move():
            return {"action": "move", "bucket": action.bucket} | _copying(action)
        case Rename():
            return {"action": "rename"} | _copying(action)


def _copying(action: Move | Rename) -> dict[str, Any]:
    suffix = action.on_collision is OnCollision.SUFFIX
    return _without_defaults(
        {
            "prefix": action.prefix,
            "on_collision": None if suffix else action.on_collision.value,
            "delay": _duration(action.delay) if action.delay else None,
            "storage_class": action.storage_class,
        }
    )


def _restore(restore: Restore) -> dict[str, Any]:
    usual = restore.tier is RestoreTier.STANDARD
    return _without_defaults({"days": restore.days, "tier": None if usual else restore.tier.value})


def _duration(delay: timedelta) -> str:
    for unit, step in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if not delay % step:
            return f"{delay // step}{unit}"
    return f"{delay // timedelta(minutes=1)}m"


def _test(test: Test) -> str | dict[str, Any]:
    match test:
        case Comparison():
            return f"{test.task}.{test.measure.value} {test.operator} {test.number}"
        case AllOf(tests=tests):
            return {"all": [_test(each) for each in tests]}
        case AnyOf(tests=tests):
            return {"any": [_test(each) for each in tests]}


def _load(task: LoadTask, contract: Contract) -> dict[str, Any]:
    target = task.target
    return _without_defaults(
        {
            "from": task.source,
            "to": task.destination,
            "table": target.table,
            "mode": None if target.mode is WriteMode.APPEND else target.mode.value,
            "key": list(target.key),
            "map": _map(target, contract),
            "lineage": None if target.lineage is Lineage.AUTO else target.lineage.value,
        }
    )


def _map(target: Target, contract: Contract) -> dict[str, list[str]]:
    columns = {
        name: [column.name for column in target.columns if column.field == name] for name in contract.names
    }
    return {name: each for name, each in columns.items() if each != [name]}
