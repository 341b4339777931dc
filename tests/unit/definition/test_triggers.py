"""Triggers in the workflow file: what they say, and what a person reads who wrote one wrongly."""

from __future__ import annotations

from datetime import date, time

import pytest

from bucketlift.definition.compile.definition import Installed
from bucketlift.definition.export import export
from bucketlift.model.account import VaultSecret
from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import (
    AfterWorkflow,
    CronSchedule,
    EventField,
    Every,
    HttpEvent,
    OnEvent,
    OnFinish,
    OnSchedule,
    PlainSchedule,
    Proof,
    Weekday,
)
from builders import a_workflow

HERE = '{schedule: {cron: "0 2 * * *", timezone: America/Denver}}'
SCHEDULE = "workflows.nightly.triggers[0].schedule"
OTHER = """\
  other:
    triggers: [{after: {workflow: nightly}}]
    tasks:
      - id: files
        extract: {kind: s3, account: acme, bucket: other, sample: employees.csv, after_import: keep}
      - id: people
        load: {from: files, to: warehouse, table: others}
"""


def triggers_of(compiled, *written):
    return compiled((HERE, ", ".join(written))).workflows[0].triggers


@pytest.mark.parametrize(
    ("written", "schedule"),
    [
        ('{cron: "0 2 * * *"}', CronSchedule(cron="0 2 * * *", timezone="UTC")),
        ('{cron: " */5  8-18 * * MON-FRI "}', CronSchedule(cron="*/5 8-18 * * MON-FRI")),
        (
            '{cron: "0 2 * * *", timezone: Europe/Berlin, start: 2026-01-01, end: 2026-12-31, skip: [2026-12-25]}',
            CronSchedule(
                cron="0 2 * * *",
                timezone="Europe/Berlin",
                start=date(2026, 1, 1),
                end=date(2026, 12, 31),
                skip=(date(2026, 12, 25),),
            ),
        ),
        (
            "{every: day, at: [06:00, 6:00, 18:30]}",
            PlainSchedule(every=Every.DAY, at=(time(6), time(18, 30))),
        ),
        ("{every: 15m}", PlainSchedule(every=Every.MINUTES_15)),
        ("{every: 4h}", PlainSchedule(every=Every.HOURS_4)),
        ('{every: weekday, at: "06:00"}', PlainSchedule(every=Every.WEEKDAY, at=(time(6),))),
        (
            "{every: week, on: monday, at: 06:00}",
            PlainSchedule(every=Every.WEEK, on=(Weekday.MONDAY,), at=(time(6),)),
        ),
        (
            "{every: month, on: [1, 15, last], at: 06:00}",
            PlainSchedule(every=Every.MONTH, on=(1, 15, "last"), at=(time(6),)),
        ),
    ],
)
def test_a_schedule_is_cron_or_plain_words(compiled, written, schedule):
    assert triggers_of(compiled, f"{{schedule: {written}}}") == (OnSchedule(schedule=schedule),)


def test_a_workflow_can_begin_after_another_of_the_file_and_both_are_written_out_again(compiled):
    definition = compiled(
        ("    triggers: [{after: {workflow: nightly}}]", '    triggers: [{after: {workflow: nightly, "when": [failed]}}]'),
        text=_with_other(),
    )  # fmt: skip

    after = OnFinish(after=AfterWorkflow(workflow="nightly", when=(RunState.FAILED,)))
    assert definition.workflows[1].triggers == (after,)
    assert compiled(text=export(definition, lambda *_: "employees.csv")) == definition


def test_a_workflow_of_the_installation_can_be_followed(compiled):
    installed = Installed(accounts={}, destinations={}, workflows=(a_workflow(key="there", project="it"),))

    definition = compiled((HERE, "{after: {workflow: there}}"), installed=installed)

    assert definition.workflows[0].triggers == (OnFinish(after=AfterWorkflow(workflow="there")),)


def test_a_workflow_that_is_nowhere_is_noted_offline_and_refused_by_apply(compiled, problems):
    change = (HERE, "{after: {workflow: nigtly}}")
    installed = Installed(accounts={}, destinations={})

    assert compiled(change).notes == (
        "workflow `nigtly` is not in hr.yaml; `apply` looks it up in the installation",
    )
    assert problems(change, installed=installed) == [
        (
            "there is no workflow `nigtly`: hr.yaml line 15"
            " (workflows.nightly.triggers[0].after.workflow). Did you mean `nightly`?"
        )
    ]


def test_workflows_that_begin_after_each_other_are_refused_once(problems):
    assert problems((HERE, "{after: {workflow: other}}"), text=_with_other()) == [
        (
            "these workflows start each other in a circle: nightly after other after nightly: hr.yaml line 15"
            " (workflows.nightly.triggers[0].after.workflow). The workflow would start itself again and again."
        )
    ]


def test_a_circle_through_another_project_is_refused_too(problems):
    back = OnFinish(after=AfterWorkflow(workflow="nightly"))
    installed = Installed(
        accounts={}, destinations={}, workflows=(a_workflow(key="there", project="it", triggers=(back,)),)
    )

    (told,) = problems((HERE, f"{HERE}, {{after: {{workflow: there}}}}"), installed=installed)

    assert told.startswith("these workflows start each other in a circle: nightly after there after nightly")
    assert "triggers[1].after.workflow" in told


FIVE = 'Write minute, hour, day, month and day of week: "0 2 * * *" is every day at 02:00.'


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (
            '{cron: "0 0 31 2 *"}',
            f"this never fires: hr.yaml line 15 ({SCHEDULE}.cron). None of these months has such a day.",
        ),
        (
            '{cron: "0 0 30,31 2 *"}',
            f"this never fires: hr.yaml line 15 ({SCHEDULE}.cron). None of these months has such a day.",
        ),
        (
            '{cron: "0 0 2 * * *"}',
            f"a cron expression has five fields: hr.yaml line 15 ({SCHEDULE}.cron). {FIVE}",
        ),
        ('{cron: "@daily"}', f"a cron expression has five fields: hr.yaml line 15 ({SCHEDULE}.cron). {FIVE}"),
        (
            '{cron: "0 24 * * *"}',
            f"not a cron expression (bad hour): hr.yaml line 15 ({SCHEDULE}.cron). {FIVE}",
        ),
        (
            '{cron: "0 0 32 2 *"}',
            f"not a cron expression (bad day-of-month): hr.yaml line 15 ({SCHEDULE}.cron). {FIVE}",
        ),
        ("{cron: 5}", f"`cron` must be text: hr.yaml line 15 ({SCHEDULE}.cron). Put the value in quotes."),
        (
            '{cron: "0 2 * * *", timezone: Europe/Berln}',
            f"there is no time zone `Europe/Berln`: hr.yaml line 15 ({SCHEDULE}.timezone). Did you mean `Europe/Berlin`?",
        ),
        (
            '{cron: "0 2 * * *", timezone: somewhere}',
            (
                f"there is no time zone `somewhere`: hr.yaml line 15 ({SCHEDULE}.timezone)."
                " Use a time zone name such as Europe/Berlin, or UTC."
            ),
        ),
        (
            '{cron: "0 2 * * *", end: 2026-02-30}',
            f"not a date: hr.yaml line 15 ({SCHEDULE}.end). Write year, month and day: 2026-12-25.",
        ),
        (
            '{cron: "0 2 * * *", skip: [2026-12-25, "25.12.2026"]}',
            f"not a date: hr.yaml line 15 ({SCHEDULE}.skip[1]). Write year, month and day: 2026-12-25.",
        ),
        (
            '{cron: "0 2 * * *", start: 2026-02-01, end: 2026-01-31}',
            f"the schedule ends before it starts: hr.yaml line 15 ({SCHEDULE}.end). Both days are included.",
        ),
        (
            '{cron: "0 2 * * *", start: 2026-12-25, end: 2026-12-25, skip: [2026-12-25]}',
            f"this schedule never fires: hr.yaml line 15 ({SCHEDULE}). Check its days, start, end and skipped dates.",
        ),
        (
            '{cron: "0 2 * * *", every: day, at: 06:00}',
            (
                f"a schedule has either `cron` or `every`: hr.yaml line 15 ({SCHEDULE})."
                " Write {cron: ...} or {every: day, at: ...}."
            ),
        ),
        (
            '{cron: "0 2 * * *", at: 06:00}',
            f"`at` cannot be used with `cron`: hr.yaml line 15 ({SCHEDULE}.at). The five fields of `cron` already define the times.",
        ),
        (
            "{timezone: UTC}",
            (
                f"a schedule has either `cron` or `every`: hr.yaml line 15 ({SCHEDULE})."
                " Write {cron: ...} or {every: day, at: ...}."
            ),
        ),
        (
            "{every: hour, at: 06:00}",
            (
                f"`every` cannot be `hour`: hr.yaml line 15 ({SCHEDULE}.every)."
                " It can be one of: day, month, week, weekday. For other times, use `cron`."
            ),
        ),
        (
            "{every: 7m}",
            (
                f"`every` cannot be `7m`: hr.yaml line 15 ({SCHEDULE}.every). Minutes divide an hour (1m to 30m), hours divide a day (1h to 12h)."
                " For other times, use `cron`."
            ),
        ),
        (
            "{every: 4h, at: 06:00}",
            (
                f"`at` cannot be used with `every: 4h`: hr.yaml line 15 ({SCHEDULE}.at)."
                " Minutes and hours are counted from midnight. For other times, use `cron`."
            ),
        ),
        (
            "{every: day}",
            f'`at` is missing: hr.yaml line 15 ({SCHEDULE}). Set the times: at: ["06:00", "18:30"].',
        ),
        (
            "{every: day, at: 24:00}",
            f"not a time of day: hr.yaml line 15 ({SCHEDULE}.at). Write hours and minutes from 00:00 to 23:59.",
        ),
        (
            "{every: day, at: [06:00, 600]}",
            f"not a time of day: hr.yaml line 15 ({SCHEDULE}.at[1]). Write hours and minutes from 00:00 to 23:59.",
        ),
        (
            "{every: weekday, on: monday, at: 06:00}",
            f"`on` cannot be used with `every: weekday`: hr.yaml line 15 ({SCHEDULE}.on). Use `on` only with week or month.",
        ),
        (
            "{every: week, at: 06:00}",
            f"`on` is missing: hr.yaml line 15 ({SCHEDULE}). Name days of the week, such as monday.",
        ),
        (
            "{every: week, on: tusday, at: 06:00}",
            f"there is no day `tusday`: hr.yaml line 15 ({SCHEDULE}.on). Did you mean `tuesday`?",
        ),
        (
            "{every: week, on: [monday, 3], at: 06:00}",
            f"these are not days of a week: hr.yaml line 15 ({SCHEDULE}.on). Name days of the week, such as monday.",
        ),
        (
            "{every: month, on: [1, friday], at: 06:00}",
            f"these are not days of a month: hr.yaml line 15 ({SCHEDULE}.on). Name days of the month: 1 to 31, or last.",
        ),
        (
            "{every: month, on: [0], at: 06:00}",
            (
                f"there is no day `0`: hr.yaml line 15 ({SCHEDULE}.on[0])."
                " Write days of the week (monday), or days of the month (1 to 31, last)."
            ),
        ),
        (
            "{crom: x}",
            f"unknown key `crom`: hr.yaml line 15 ({SCHEDULE}). Did you mean `cron`?",
        ),
    ],
)
def test_a_wrong_schedule_is_told_with_what_to_write(problems, written, text):
    assert problems((HERE, f"{{schedule: {written}}}")) == [text]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (
            "{after: {workflow: nightly}}",
            (
                "a workflow cannot start after itself: hr.yaml line 15"
                " (workflows.nightly.triggers[0].after.workflow). The workflow would start itself again and again."
            ),
        ),
        (
            "{after: {workflow: other, when: [suceeded]}}",
            (
                "`when[0]` cannot be `suceeded`: hr.yaml line 15"
                " (workflows.nightly.triggers[0].after.when[0]). Did you mean `succeeded`?"
            ),
        ),
        (
            "{after: {when: [failed]}}",
            "`workflow` is missing: hr.yaml line 15 (workflows.nightly.triggers[0].after). This key is required.",
        ),
        (
            '{schedule: {cron: "0 2 * * *"}, after: {workflow: other}}',
            (
                "a trigger is either `schedule`, `after` or `event`: hr.yaml line 15 (workflows.nightly.triggers[0])."
                " Write one list item for each."
            ),
        ),
        (
            "{scedule: {}}",
            "unknown key `scedule`: hr.yaml line 15 (workflows.nightly.triggers[0]). Did you mean `schedule`?",
        ),
    ],
)
def test_a_wrong_trigger_is_told_with_what_to_write(problems, written, text):
    assert problems((HERE, written)) == [text]


def _with_other() -> str:
    from unit.definition.conftest import HR  # noqa: PLC0415 - the file that every test here begins from

    return HR + OTHER


def test_an_event_is_what_its_file_says(compiled):
    (trigger,) = triggers_of(
        compiled, "{event: {signature: {secret: hook}, fields: {state: $.a.state}, only_if: {state: ready}}}"
    )

    assert trigger == OnEvent(
        event=HttpEvent(
            proof=Proof.SIGNATURE,
            secret=VaultSecret(secret="hook"),
            fields=(EventField(name="state", path="$.a.state"),),
            only_if=(("state", "ready"),),
        )
    )


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("{fields: {a: $.a}}", "an event has either `token` or `signature`"),
        ("{token: abc}", "a secret must not be written in the file itself"),
        ("{token: {secret: s}, fields: {a: order.id}}", "not a path of JSONPath"),
        ("{token: {secret: s}, fields: {a: '$..id'}}", "this path can find several values"),
        ("{token: {secret: s}, fields: {a: '$[?@.x]'}}", "this path can find several values"),
        ("{token: {secret: s}, only_if: {state: ready}}", "there is no field `state` of the event"),
    ],
)
def test_a_wrong_event_is_told(problems, written, what):
    (told,) = problems((HERE, f"{{event: {written}}}"))

    assert told.startswith(f"{what}: hr.yaml")
