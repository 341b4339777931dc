"""Whatever a project says, its file says again: over generated projects."""

import re
import tempfile
from dataclasses import replace
from datetime import UTC, date, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bucketlift.definition.compile.definition import Definition, compile_definition
from bucketlift.definition.export import export, sample_header
from bucketlift.definition.parse import parse
from bucketlift.model.account import (
    Account,
    AwsAmbient,
    AwsKeys,
    AwsRole,
    Destination,
    DuckdbDestination,
    EnvSecret,
    FileSecret,
    PostgresqlDestination,
    S3Compatible,
    SqliteDestination,
    VaultSecret,
)
from bucketlift.model.contract import Contract, Dialect, Field, FileType, LineEnd, Negative, Policies, Policy
from bucketlift.model.load import Column, Lineage, Target, WriteMode
from bucketlift.model.notice import Notify, Occasion
from bucketlift.model.packing import Compression
from bucketlift.model.pgp import Pgp
from bucketlift.model.source import OnCollision, Restore, RestoreTier, Selection
from bucketlift.model.trigger import (
    CronSchedule,
    EventField,
    Every,
    HttpEvent,
    OnEvent,
    OnSchedule,
    PlainSchedule,
    Proof,
    Weekday,
)
from bucketlift.model.types import TypeName
from bucketlift.model.workflow import (
    AllOf,
    AnyOf,
    Comparison,
    ConditionTask,
    Delete,
    ExtractTask,
    Keep,
    LoadTask,
    Measure,
    Move,
    Order,
    RejectLimit,
    Rename,
    Repeats,
    StartAll,
    StartAt,
    StartNow,
    Workflow,
)
from budgets import examples

CLASSES = st.sampled_from([None, "STANDARD", "STANDARD_IA", "GLACIER_IR"])
RESTORES = st.builds(Restore, days=st.integers(1, 365), tier=st.sampled_from(RestoreTier))
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
FOOTER = re.compile("[^\"'\\r\\n]+")
SLUG = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,8}\Z")
NAME = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,8}\Z")
FILE = st.sampled_from(["/data/a.duckdb", "/run/secrets/a b", "/päth/on"])
SECRETS = (
    st.builds(EnvSecret, env=TEXT) | st.builds(FileSecret, file=FILE) | st.builds(VaultSecret, secret=TEXT)
)
WORKERS = st.none() | TEXT
DESTINATIONS = (
    st.builds(DuckdbDestination, path=FILE, worker=WORKERS)
    | st.builds(SqliteDestination, path=FILE, worker=WORKERS)
    | st.builds(
        PostgresqlDestination,
        url=SECRETS,
        schema=TEXT,
        receipts=st.sampled_from([None, "audit.loads", "a b.ü"]),
        max_parallel=st.none() | st.integers(1, 9),
    )
)
ROLES = st.builds(
    AwsRole,
    role_arn=st.sampled_from(["arn:aws:iam::111122223333:role/a", "arn:aws-cn:iam::111122223333:role/b"]),
    region=TEXT,
    bucket_owner=st.none() | st.just("000011112222"),
)
STORES = st.builds(
    S3Compatible,
    endpoint_url=st.sampled_from(["http://127.0.0.1:9000", "https://store.example/s3"]),
    access_key=SECRETS,
    secret_key=SECRETS,
    region=TEXT,
    accept_weak_store=st.booleans(),
    store_name=st.none() | TEXT,
)
OWNERS = st.none() | st.just("000011112222")
AMBIENT = st.builds(AwsAmbient, region=TEXT, bucket_owner=OWNERS)
KEYS = st.builds(AwsKeys, access_key=SECRETS, secret_key=SECRETS, region=TEXT, bucket_owner=OWNERS)
POLICY = st.sampled_from([Policy.ACCEPT, Policy.IGNORE, Policy.HOLD])
LEAVING_OUT = st.sampled_from([Policy.HOLD, Policy.IGNORE])
POLICIES = st.builds(
    Policies,
    reordered=POLICY,
    respelled=POLICY,
    extra=POLICY,
    missing=st.sampled_from([Policy.HOLD, Policy.ACCEPT]),
    duplicate=LEAVING_OUT,
    blank=LEAVING_OUT,
    preamble=LEAVING_OUT,
    trailing=LEAVING_OUT,
    encoding=st.sampled_from([Policy.HOLD, Policy.ACCEPT]),
    empty=st.sampled_from([Policy.HOLD, Policy.IGNORE]),
)
SHARES = st.sampled_from([0.0, 0.5, 1.0, 12.25, 100.0])
LIMITS = (
    st.builds(RejectLimit, rows=st.integers(0, 10**6))
    | st.builds(RejectLimit, percent=SHARES)
    | st.builds(RejectLimit, rows=st.integers(0, 9), percent=SHARES)
)
STARTS = (
    st.just(StartAll()) | st.just(StartNow()) | st.builds(StartAt, time=st.datetimes(timezones=st.just(UTC)))
)
DATES = {
    "timezone": st.sampled_from(["UTC", "America/Denver", "Australia/Lord_Howe"]),
    "start": st.none() | st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    "end": st.none() | st.dates(date(2036, 1, 1), date(2040, 1, 1)),
    "skip": st.lists(st.dates(date(2027, 1, 1), date(2028, 1, 1)), max_size=2).map(tuple),
}
TIMES = st.lists(st.builds(time, st.integers(0, 23), st.integers(0, 59)), min_size=1, max_size=3, unique=True)
PLAIN = st.sampled_from(
    [
        {"every": Every.DAY},
        {"every": Every.WEEKDAY},
        {"every": Every.WEEK, "on": (Weekday.MONDAY, Weekday.SUNDAY)},
        {"every": Every.MONTH, "on": (1, 15, "last")},
    ]
)
EVENTS = st.builds(
    OnEvent,
    event=st.builds(
        HttpEvent,
        proof=st.sampled_from(Proof),
        secret=SECRETS,
        fields=st.just((EventField(name="state", path="$.order['a b'][0]"),)),
        only_if=st.sampled_from([(), (("state", "yes: no"),)]),
    ),
)
TRIGGERS = EVENTS | st.builds(
    OnSchedule,
    schedule=st.builds(CronSchedule, cron=st.sampled_from(["0 2 * * *", "*/15 8-18 * * MON-FRI"]), **DATES)
    | st.builds(
        lambda words, **others: PlainSchedule(**words, **others), PLAIN, at=TIMES.map(tuple), **DATES
    ),
)
NOTICES = st.sampled_from(
    [
        Notify(when=(Occasion.FAILED,), email=("hr@example.com",)),
        Notify(when=(Occasion.SUCCEEDED,), email=("a+b@example.com", "o'neil@mail.example")),
        Notify(when=(Occasion.HELD,), webhook=EnvSecret(env="HOOK")),
        Notify(
            when=(Occasion.FAILED, Occasion.SILENT),
            email=("hr@example.com",),
            expected=CronSchedule(cron="0 8 * * 1-5", timezone="Europe/Berlin"),
        ),
        Notify(when=(Occasion.HELD,), webhook=FileSecret(file="/hook"), signing=VaultSecret(secret="k")),
    ]
)


@st.composite
def actions(draw, bucket):
    collision = draw(st.sampled_from(OnCollision))
    return draw(
        st.sampled_from(
            [
                Keep(),
                Delete(),
                Move(
                    bucket=f"{bucket}-archive",
                    prefix=draw(ANY_TEXT),
                    on_collision=collision,
                    storage_class=draw(CLASSES),
                ),
                Rename(prefix=draw(TEXT), on_collision=collision, storage_class=draw(CLASSES)),
            ]
        )
    )


WORDS = st.lists(ANY_TEXT, max_size=2, unique=True).map(tuple)


@st.composite
def fields(draw, name):
    kind = draw(st.sampled_from(TypeName))
    said = {"null_words": draw(WORDS)}
    if kind is TypeName.DECIMAL:
        said |= draw(
            st.sampled_from(
                [
                    {"scale": 0},
                    {"precision": 12, "scale": 2},
                    {
                        "scale": 2,
                        "decimal_point": ",",
                        "thousands": ".",
                        "negative": (Negative.PARENTHESES, Negative.TRAILING),
                        "strip": ("EUR", " "),
                    },
                ]
            )
        )
    elif kind is TypeName.DATE:
        said["format"] = draw(st.none() | st.sampled_from(["%d.%m.%y", "%Y%m%d: '%%'\t\""]))
    elif kind is TypeName.TIMESTAMP:
        said |= draw(st.sampled_from([{}, {"timezone": "UTC"}, {"format": "%Y-%m-%d %H:%M%z"}]))
    elif kind is TypeName.BOOLEAN:
        said = draw(st.sampled_from([{}, {"true_words": ("yes", "1"), "false_words": ("no",)}]))
    return Field(name=name, type=kind, **said)


@st.composite
def contracts(draw, file_type):
    dialect = Dialect(
        delimiter=draw(st.sampled_from([Dialect.of(file_type).delimiter, ";", "|"])),
        quote=draw(st.sampled_from(['"', "'", None])),
        escape=draw(st.sampled_from([None, "\\", "^"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-16", "cp1252", "iso8859-15", "gb18030"])),
        header=draw(st.booleans()),
        skip_lines=draw(st.integers(0, 3)),
        footer=tuple(draw(st.lists(TEXT.filter(str.strip).filter(FOOTER.fullmatch), max_size=2))),
        rows_below_header=draw(st.sampled_from([None, 0, 2])),
        line_end=draw(st.sampled_from(LineEnd)),
        null_quoted=draw(st.booleans()),
    )
    dialect = replace(
        dialect,
        header_given=dialect.header and draw(st.booleans()),
        footer_given=not dialect.footer and draw(st.booleans()),
        rows_below_header=dialect.rows_below_header if dialect.header else None,
    )
    letters = "abXY 12é" if dialect.quote is None else "abXY 12é,;|\t'\"\n"
    one = st.text(letters, min_size=1, max_size=6).filter(str.strip)
    names = draw(st.lists(one, min_size=1, max_size=4, unique_by=lambda name: name.strip().casefold()))
    typed = tuple(draw(fields(name)) for name in names)
    if len(names) == 1 and not dialect.header:
        dialect = replace(dialect, skip_lines=0)
    aliased = replace(typed[0], aliases=tuple(draw(st.lists(st.sampled_from(["A1", "B 1"]), max_size=2))))
    typed = (
        (aliased, *typed[1:]) if not {"a1", "b 1"} & {name.strip().casefold() for name in names} else typed
    )
    return Contract(fields=typed, dialect=dialect, policies=draw(POLICIES))


@st.composite
def extracts(draw, task_id, accounts, bucket):
    file_type = draw(st.sampled_from(FileType))
    return ExtractTask(
        id=task_id,
        account=draw(st.sampled_from(accounts)),
        selection=Selection(
            bucket=bucket,
            prefix=draw(ANY_TEXT),
            pattern=draw(st.none() | TEXT),
            requester_pays=draw(st.booleans()),
            restore=draw(st.none() | RESTORES),
        ),
        contract=draw(contracts(file_type)),
        after_import=draw(actions(bucket)),
        file_type=file_type,
        start=draw(STARTS),
        order=draw(st.sampled_from(Order)),
        max_rejected=draw(LIMITS),
        max_bytes=draw(st.none() | st.integers(1, 10**12)),
        repeats=draw(st.none() | st.sampled_from(Repeats)),
        pgp=draw(st.none() | encryptions()),
        compression=draw(st.sampled_from(Compression)),
    )


@st.composite
def encryptions(draw):
    keys, signers = (draw(st.lists(TEXT, unique=True, min_size=least)) for least in (1, 0))
    return Pgp(
        keys=tuple(keys),
        signers=tuple(signers),
        require_signature=bool(signers) and draw(st.booleans()),
        required=draw(st.booleans()),
    )


@st.composite
def questions(draw, extract_ids, depth=2):
    comparison = st.builds(
        Comparison,
        task=st.sampled_from(extract_ids),
        measure=st.sampled_from(Measure),
        operator=st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
        number=st.integers(0, 10**12),
    )
    inner = comparison | questions(extract_ids, depth - 1) if depth else comparison
    tests = tuple(draw(st.lists(inner, min_size=1, max_size=3)))
    return draw(st.sampled_from([AllOf(tests=tests), AnyOf(tests=tests)]))


@st.composite
def loads(draw, task_id, extract, destination):
    names = extract.contract.names
    types = {field.name: field.value_type for field in extract.contract.fields}
    columns = [Column(name="own_col", field=names[0], type=types[names[0]])]
    for position, name in enumerate(names):
        targets = draw(st.sampled_from([[], [name], [f"col_{position}"], [f"on_{position}", f"{position}"]]))
        taken = {column.name.casefold() for column in columns}
        # A field may itself be called as another one's column: two fields never go to one.
        columns += [
            Column(name=column, field=name, type=types[name])
            for column in targets
            if column.casefold() not in taken
        ]
    columns.sort(key=lambda column: names.index(column.field))
    mode = draw(st.sampled_from(WriteMode))
    target = Target(
        table=draw(TEXT),
        columns=tuple(columns),
        mode=mode,
        key=names[:1] if mode is WriteMode.UPSERT else (),
        lineage=draw(st.sampled_from(Lineage)),
    )
    return LoadTask(id=task_id, source=extract.id, destination=destination, target=target)


@st.composite
def workflows(draw, key, accounts, destination):
    first, second, ask, one, two = draw(st.lists(SLUG, min_size=5, max_size=5, unique=True))
    read = [draw(extracts(task_id, accounts, f"{key}-{task_id}x")) for task_id in (first, second)]
    branches = draw(st.sampled_from([((one,), ()), ((), (two,)), ((one, two), (two,))]))
    test = draw(questions([first, second]))
    condition = ConditionTask(id=ask, test=test, then=branches[0], otherwise=branches[1])
    loaded = [
        draw(loads(task_id, extract, destination)) for task_id, extract in zip((one, two), read, strict=True)
    ]
    return Workflow(
        key=key,
        title=draw(TEXT),
        project="hr",
        tasks=(*read, condition, *loaded),
        enabled=draw(st.booleans()),
        triggers=tuple(draw(st.lists(TRIGGERS, max_size=2))),
        notify=tuple(draw(st.lists(NOTICES, max_size=1))),
    )


@st.composite
def projects(draw):
    accounts = draw(st.dictionaries(NAME, ROLES | STORES | AMBIENT | KEYS, min_size=1, max_size=2))
    destination = draw(NAME)
    keys = draw(st.lists(SLUG, max_size=2, unique=True))
    return Definition(
        project="hr",
        accounts=tuple(Account(name=name, settings=each, project="hr") for name, each in accounts.items()),
        destinations=(Destination(name=destination, settings=draw(DESTINATIONS), project="hr"),),
        workflows=tuple(draw(workflows(key, sorted(accounts), destination)) for key in keys),
    )


def sample_of(workflow, task):
    return f"samples/{workflow}.{task.id}.csv"


def through_the_file(definition, folder):
    """Export a project, put the samples where its file names them, and compile it again."""
    (folder / "samples").mkdir()
    for workflow in definition.workflows:
        for task in workflow.extracts:
            header = sample_header(task.contract).encode()
            (folder / sample_of(workflow.key, task)).write_bytes(header)
    text = export(definition, sample_of)
    return compile_definition(parse(text.encode(), name="hr.yaml", folder=folder))


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(projects())
def test_whatever_a_project_says_its_file_says_again(definition):
    with tempfile.TemporaryDirectory() as folder:
        again = through_the_file(definition, Path(folder))

    assert replace(again, notes=()) == definition
