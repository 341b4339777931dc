"""Former names in a workflow file: what is asked, and what is refused with its line and a hint."""

from dataclasses import replace

import pytest

from bucketlift.definition.compile.definition import Installed
from bucketlift.definition.compile.renames import Renames
from bucketlift.rules.renames import Question

from .conftest import HR

KEEPING = ("after_import: delete", "after_import: keep")
RENAMED = ("  nightly:\n", "  weekly:\n")


def said(former, *, key="weekly"):
    return ("  nightly:\n", f"  {key}:\n    renamed_from: {former}\n")


def said_of_task(task, new, former):
    return (f"- id: {task}\n", f"- id: {new}\n        renamed_from: {former}\n")


@pytest.fixture
def installed(compiled):
    """An installation in which ``hr.yaml`` was applied, its files kept; more workflows come by name."""

    def with_workflows(*, removed=(), **more):
        definition = compiled(KEEPING)
        (nightly,) = definition.workflows
        flows = [] if nightly.key in removed else [nightly]
        flows += [replace(nightly, key=key, project=project) for key, project in more.items()]
        return Installed(
            accounts={each.name: each.settings for each in definition.accounts},
            destinations={each.name: each.settings for each in definition.destinations},
            workflows=tuple(flows),
            removed=(nightly,) if nightly.key in removed else (),
        )

    return with_workflows


@pytest.mark.parametrize("removed", [(), ("nightly",)])
def test_a_new_workflow_that_selects_the_files_of_one_that_is_gone_is_asked_about(
    compiled, installed, removed
):
    definition = compiled(KEEPING, RENAMED, installed=installed(removed=removed))

    assert definition.questions == (Question(workflow="weekly", like=("nightly",), line=13),)
    assert definition.questions[0].hint == (
        "If workflow `weekly` is `nightly` with a new name, add `renamed_from: nightly` to it: the history stays, and "
        "nothing is loaded again. If not, add `renamed_from: none`."
    )


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (("bucket: hr-drop", "bucket: hr-drop\n          prefix: in/"), True),
        (("bucket: hr-drop", "bucket: other"), False),
        (("account: acme", "account: lab"), False),
        (("table: employees", "table: others"), True),
    ],
)
def test_only_workflows_that_may_select_the_same_objects_are_asked_about(compiled, installed, change, asked):
    definition = compiled(KEEPING, RENAMED, change, installed=installed())

    assert bool(definition.questions) is asked


def test_the_former_workflow_that_fills_the_same_table_is_named_first(compiled, installed):
    known = installed(earlier="hr")
    other = replace(
        known.workflows[1],
        tasks=tuple(
            replace(task, target=replace(task.target, table="others")) if task.kind == "load" else task
            for task in known.workflows[1].tasks
        ),
    )

    definition = compiled(KEEPING, RENAMED, installed=replace(known, workflows=(other, known.workflows[0])))

    assert definition.questions[0].like == ("nightly", "earlier")


@pytest.mark.parametrize("former", ["nightly", "none"])
def test_what_the_file_answers_is_not_asked(compiled, installed, former):
    definition = compiled(KEEPING, said(former), installed=installed())

    renamed = {} if former == "none" else {"weekly": "nightly"}
    assert (definition.questions, definition.renames) == ((), Renames(workflows=renamed))


def test_a_person_may_answer_in_place_of_the_file(compiled, installed):
    answered = replace(installed(), answers={("weekly", ""): "nightly"})

    definition = compiled(KEEPING, RENAMED, installed=answered)

    assert (definition.questions, definition.renames.workflows) == ((), {"weekly": "nightly"})


def test_a_workflow_that_acts_is_renamed_without_being_in_its_own_way(compiled, installed):
    acting = replace(installed(), workflows=compiled().workflows)

    renamed = compiled(said("nightly"), installed=acting)
    asked = compiled(RENAMED, installed=acting)

    assert (renamed.renames.workflows, asked.questions[0].like) == ({"weekly": "nightly"}, ("nightly",))


def test_a_new_workflow_that_acts_must_wait_until_the_other_is_removed(problems, compiled, installed):
    acting = replace(installed(), workflows=compiled().workflows)

    (told,) = problems(said("none"), installed=acting)
    pruned = compiled(said("none"), installed=replace(acting, prune=True))

    assert told.startswith("`weekly` and `nightly` would act on the same files")
    assert pruned.renames.workflows == {}


@pytest.mark.parametrize("removed", [(), ("nightly",)])
def test_a_rename_that_was_made_earlier_is_quiet(compiled, installed, removed):
    known = installed(weekly="hr", removed=("nightly",))

    definition = compiled(
        KEEPING, said("nightly"), installed=replace(known, removed=known.removed if removed else ())
    )

    assert (definition.questions, definition.renames) == ((), Renames())


@pytest.mark.parametrize(
    ("former", "more", "told"),
    [
        (
            "nigthly",
            {},
            (
                "there is no workflow `nigthly`: hr.yaml line 14 (workflows.weekly.renamed_from). Did you mean `nightly`? "
                "Leave `renamed_from` out if `weekly` never had another name."
            ),
        ),
        (
            "other",
            {"other": "sales"},
            (
                "the workflow `other` belongs to project sales: hr.yaml line 14 (workflows.weekly.renamed_from). "
                "Leave `renamed_from` out, or write `renamed_from: none`."
            ),
        ),
        (
            "other",
            {"other": None},
            (
                "the workflow `other` is changed on the page: hr.yaml line 14 (workflows.weekly.renamed_from). "
                "Leave `renamed_from` out, or write `renamed_from: none`."
            ),
        ),
        (
            "weekly",
            {},
            (
                "`weekly` cannot be renamed from itself: hr.yaml line 14 (workflows.weekly.renamed_from). "
                "Name the former key, or leave `renamed_from` out."
            ),
        ),
        (
            "nightly",
            {"weekly": "hr"},
            (
                "`weekly` and `nightly` both exist, and each has its own history: hr.yaml line 14 "
                "(workflows.weekly.renamed_from). Leave `renamed_from` out; `bucketlift apply --prune` removes `nightly`."
            ),
        ),
    ],
)
def test_a_former_name_that_cannot_be_is_refused_with_its_line(problems, installed, former, more, told):
    assert problems(KEEPING, said(former), installed=installed(**more)) == [told]


def test_a_former_name_that_the_file_still_has_is_refused_offline(problems):
    whole = HR.replace("delete", "keep")
    flow = whole[whole.index("  nightly:\n") :].replace(
        "  nightly:\n", "  weekly:\n    renamed_from: nightly\n"
    )

    assert problems(text=whole + flow) == [
        (
            "the workflow `nightly` is still in the file: hr.yaml line 35 (workflows.weekly.renamed_from). "
            "Leave `renamed_from` out, or remove the workflow `nightly` from the file."
        )
    ]


def test_two_workflows_cannot_have_the_history_of_one(problems, installed):
    whole = HR.replace("delete", "keep").replace("  nightly:\n", "  one:\n    renamed_from: nightly\n")
    flow = whole[whole.index("  one:\n") :].replace("  one:\n", "  two:\n")

    told = problems(text=whole + flow, installed=installed())

    assert [each.partition(":")[0] for each in told] == ["two workflows in the file have `renamed_from"]


@pytest.mark.parametrize(
    ("change", "question"),
    [
        (
            ("- id: files\n", "- id: objects\n"),
            Question(workflow="nightly", task="objects", kind="extract", like=("files",), line=17),
        ),
        (
            ("- id: people\n", "- id: staff\n"),
            Question(workflow="nightly", task="staff", kind="load", like=("people",), line=27),
        ),
    ],
)
def test_a_task_with_a_new_id_is_asked_about(compiled, installed, change, question):
    others = {
        "files": [("from: files", "from: objects"), ('"files.rows', '"objects.rows')],
        "people": [("then: [people]", "then: [staff]")],
    }[question.like[0]]

    definition = compiled(KEEPING, change, *others, installed=installed())

    assert definition.questions == (question,)


def test_tasks_are_renamed_together_with_their_workflow(compiled, installed):
    definition = compiled(
        KEEPING,
        said("nightly"),
        said_of_task("people", "staff", "people"),
        ("then: [people]", "then: [staff]"),
        installed=installed(),
    )

    assert definition.questions == ()
    assert definition.renames == Renames(
        workflows={"weekly": "nightly"}, tasks={("weekly", "staff"): "people"}
    )


@pytest.mark.parametrize(
    ("former", "told"),
    [
        ("peeple", "the workflow has no task `peeple`"),
        ("files", "the task `files` is still in the file"),
        ("staff", "`staff` cannot be renamed from itself"),
    ],
)
def test_a_former_id_that_cannot_be_is_refused(problems, installed, former, told):
    change = said_of_task("people", "staff", former)

    found = problems(KEEPING, change, ("then: [people]", "then: [staff]"), installed=installed())

    assert [each.partition(": hr.yaml line")[0] for each in found] == [told]


def test_a_new_task_that_is_said_to_be_new_is_not_asked_about(compiled, installed):
    change = said_of_task("people", "staff", "none")

    definition = compiled(KEEPING, change, ("then: [people]", "then: [staff]"), installed=installed())

    assert (definition.questions, definition.renames) == ((), Renames())


def test_a_rename_of_a_task_that_was_made_earlier_is_quiet(compiled, installed):
    change = said_of_task("people", "people2", "people")
    known = compiled(KEEPING, ("- id: people\n", "- id: people2\n"), ("then: [people]", "then: [people2]"))

    definition = compiled(
        KEEPING,
        change,
        ("then: [people]", "then: [people2]"),
        installed=replace(installed(), workflows=known.workflows),
    )

    assert (definition.questions, definition.renames) == ((), Renames())
