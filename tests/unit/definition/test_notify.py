"""Notices in the file: what they become, and what a person reads who wrote them wrongly."""

from __future__ import annotations

from datetime import time

import pytest

from bucketlift.ledger.db.json_codec import dump, load_workflow
from bucketlift.model.account import EnvSecret, FileSecret
from bucketlift.model.notice import Mailbox, Notify, Occasion, Webhook
from bucketlift.model.trigger import Every, PlainSchedule
from bucketlift.model.workflow import Workflow
from builders import a_workflow

REST = "Name where the secret is stored: {env: NAME}, {file: PATH} or {secret: NAME}."


def saying(notify: str) -> tuple[str, str]:
    return ("    enabled: true\n", f"    notify: [{notify}]\n")


def test_addresses_a_signed_webhook_and_an_expected_time_are_read(compiled, folder):
    definition = compiled(
        saying(
            "{when: [held, failed, held], email: [hr@example.com, it@example.com]},"
            " {when: [succeeded], webhook: {env: HOOK}, signing: {file: hook.key}},"
            ' {when: [silent], expected: {every: weekday, at: "08:00", timezone: Europe/Berlin}, email: hr@example.com}'
        )
    )

    (workflow,) = definition.workflows
    assert workflow.notify == (
        Notify(when=(Occasion.HELD, Occasion.FAILED), email=("hr@example.com", "it@example.com")),
        Notify(
            when=(Occasion.SUCCEEDED,),
            webhook=EnvSecret(env="HOOK"),
            signing=FileSecret(file=str(folder / "hook.key")),
        ),
        Notify(
            when=(Occasion.SILENT,),
            email=("hr@example.com",),
            expected=PlainSchedule(every=Every.WEEKDAY, at=(time(8),), timezone="Europe/Berlin"),
        ),
    )
    assert [channel for entry in workflow.notify[:2] for channel in entry.channels] == [
        Mailbox(email="hr@example.com"),
        Mailbox(email="it@example.com"),
        Webhook(webhook=EnvSecret(env="HOOK"), signing=FileSecret(file=str(folder / "hook.key"))),
    ]


@pytest.mark.parametrize(
    ("notify", "text"),
    [
        (
            "{when: [failure], email: hr@example.com}",
            (
                "`when[0]` cannot be `failure`: hr.yaml line 14 (workflows.nightly.notify[0].when[0])."
                " Did you mean `failed`?"
            ),
        ),
        (
            "{when: [], email: hr@example.com}",
            (
                "`when` is empty: hr.yaml line 14 (workflows.nightly.notify[0].when)."
                " Write a value. If the key has a default, you can leave the key out."
            ),
        ),
        (
            "{when: [failed], email: hr.example.com}",
            (
                "not an e-mail address: hr.yaml line 14 (workflows.nightly.notify[0].email)."
                " Write an address such as hr@example.com. Write a domain with non-ASCII letters in its ASCII form (xn--...)."
            ),
        ),
        (
            '{when: [failed], email: [hr@example.com, "x@example.com\\nBcc: y@example.com"]}',
            (
                "not an e-mail address: hr.yaml line 14 (workflows.nightly.notify[0].email[1])."
                " Write an address such as hr@example.com. Write a domain with non-ASCII letters in its ASCII form (xn--...)."
            ),
        ),
        (
            "{when: [failed], webhook: 'https://hook.example/canary'}",
            f"a secret must not be written in the file itself: hr.yaml line 14 (workflows.nightly.notify[0].webhook). {REST}",
        ),
        (
            "{when: [failed], webhook: {env: HOOK}, signing: canary}",
            f"a secret must not be written in the file itself: hr.yaml line 14 (workflows.nightly.notify[0].signing). {REST}",
        ),
        (
            "{when: [failed], webhook: {env: HOOK}, email: hr@example.com}",
            (
                "a notice has exactly one of `email`, `webhook`, `slack` and `teams`: hr.yaml line 14 (workflows.nightly.notify[0])."
                " Set one of them."
            ),
        ),
        (
            "{when: [failed], signing: {env: KEY}, email: hr@example.com}",
            (
                "`signing` can only be used with `webhook`: hr.yaml line 14 (workflows.nightly.notify[0])."
                " Remove `signing`, or set `webhook`."
            ),
        ),
        (
            "{when: [failed, silent], email: hr@example.com}",
            (
                "`silent` needs `expected`: hr.yaml line 14 (workflows.nightly.notify[0])."
                ' Write when: [silent] with expected: {every: weekday, at: "08:00"}.'
            ),
        ),
        (
            "{when: [failed], email: hr@example.com, expected: {cron: 0 8 * * *}}",
            (
                "`expected` can only be used with `silent` or `late`: hr.yaml line 14 (workflows.nightly.notify[0])."
                ' Write when: [silent] with expected: {every: weekday, at: "08:00"}.'
            ),
        ),
        (
            "{when: [silent], email: hr@example.com, expected: {every: day}}",
            (
                "`at` is missing: hr.yaml line 14 (workflows.nightly.notify[0].expected)."
                ' Set the times: at: ["06:00", "18:30"].'
            ),
        ),
    ],
)
def test_a_wrong_notice_is_told_with_its_line(problems, notify, text):
    assert problems(saying(notify)) == [text]


@pytest.mark.parametrize(
    "address",
    [
        "a@",
        "@b",
        "a b@c.d",
        "a@b@c",
        "a@b..c",
        "ä@example.com",
        "a@exämple.com",
        "<a@b.c>",
        "a@b.c, d@e.f",
        "a" * 65 + "@b.c",
    ],
)
def test_what_is_no_single_address_is_refused(problems, address):
    told = problems(saying(f'{{when: [failed], email: "{address}"}}'))

    assert [each.partition(":")[0] for each in told] == ["not an e-mail address"]


def test_what_the_first_version_stored_still_loads():
    stored = dump(Workflow, a_workflow()) | {
        "notify": [
            {"when": ["failed", "held"], "email": "hr@example.com"},
            {"when": ["failed"], "webhook": {"env": "HOOK"}},
            {"when": ["whenever", "succeeded"], "email": "it@example.com"},
            {"when": ["silent", "rained"], "email": "hr@example.com"},
        ]
    }

    assert load_workflow(stored).notify == (
        Notify(when=(Occasion.FAILED, Occasion.HELD), email=("hr@example.com",)),
        Notify(when=(Occasion.FAILED,), webhook=EnvSecret(env="HOOK")),
        Notify(when=(Occasion.SUCCEEDED,), email=("it@example.com",)),
    )


def test_what_is_stored_loads_as_the_same():
    notify = (
        Notify(when=(Occasion.HELD,), webhook=EnvSecret(env="HOOK"), signing=FileSecret(file="/k")),
        Notify(
            when=(Occasion.SILENT,),
            email=("hr@example.com",),
            expected=PlainSchedule(every=Every.MONTH, on=("last",), at=(time(8, 30),)),
        ),
    )
    workflow = a_workflow(notify=notify)

    assert load_workflow(dump(Workflow, workflow)) == workflow
