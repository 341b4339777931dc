"""Loads into the hosted platform in a workflow file: compiled, refused, and written back."""

import pytest

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.export import export
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.model.account import OAuthClient, QualtricsDestination, VaultSecret

FILE = """\
version: 1
project: hr
accounts:
  acme: {{kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}}
destinations:
  platform: {platform}
  people: {{kind: directory, path: people.sqlite}}
workflows:
  nightly:
    tasks:
      - id: files
        extract: {{kind: s3, account: acme, bucket: b, columns: [ID, Mail, Hired, Out], fields: {{Out: {{type: boolean}}}}, after_import: keep}}
      - id: load
        {load}
"""
PLATFORM = (
    "{kind: qualtrics, datacenter: iad1, token: {secret: QX}, directory: POOL_1, merges_contacts: true}"
)
CONTACTS = "load_contacts: {from: files, to: platform, list: CG_1, map: {Mail: [Email], Out: [Unsubscribed]}}"
EMPLOYEES = (
    "load_employees: {from: files, to: platform, directory: ED_1, key: ID, "
    "map: {Mail: [Email, FirstName, LastName]}}"
)


@pytest.fixture
def file_of(folder):
    def made(load, platform=PLATFORM, action="keep"):
        text = FILE.format(load=load, platform=platform).replace(
            "after_import: keep", f"after_import: {action}"
        )
        return parse(text.encode(), name="hr.yaml", folder=folder)

    return made


def problems(file_of, *texts):
    with pytest.raises(DefinitionWrong) as error:
        compile_definition(file_of(*texts))
    return [
        str(each).replace(": hr.yaml line 14 (workflows.nightly.tasks[1].", " (")
        for each in error.value.problems
    ]


@pytest.mark.parametrize(
    ("platform", "settings"),
    [
        (
            PLATFORM,
            QualtricsDestination(
                datacenter="iad1", token=VaultSecret(secret="QX"), directory="POOL_1", merges_contacts=True
            ),
        ),
        (
            "{kind: qualtrics, datacenter: fra1, client: {id: c1, secret: {secret: QX}}, directory: POOL_1}",
            QualtricsDestination(
                datacenter="fra1",
                client=OAuthClient(
                    id="c1",
                    secret=VaultSecret(secret="QX"),
                    scopes=(
                        "manage:directory_contacts",
                        "manage:contact_transactions",
                        "read:directories",
                        "read:mailing_lists",
                    ),
                ),
                directory="POOL_1",
            ),
        ),
    ],
)
def test_the_platform_is_reached_with_a_token_or_a_client(file_of, platform, settings):
    made = compile_definition(file_of(CONTACTS, platform))

    assert next(each.settings for each in made.destinations if each.name == "platform") == settings


@pytest.mark.parametrize(
    ("platform", "problem"),
    [
        ("{kind: qualtrics, datacenter: iad1}", "the platform is used with either a `token` or a `client`"),
        (
            "{kind: qualtrics, datacenter: evil.example/x, token: {secret: QX}}",
            "not the name of a data center",
        ),
        (
            '{kind: qualtrics, datacenter: iad1, base_url: "http://example.com", token: {secret: QX}}',
            "rows and secrets are sent only over https",
        ),
    ],
)
def test_a_wrong_platform_is_refused(file_of, platform, problem):
    assert problem in problems(file_of, CONTACTS, platform)[0]


@pytest.mark.parametrize(
    ("load", "problem"),
    [
        (
            "load_contacts: {from: files, to: platform, list: A, merge: [[Email]], map: {Mail: [Email]}}",
            (
                "The hosted platform merges contacts by the rules of its own directory (load_contacts). "
                "Remove `merge`, and set the rules there."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform}",
            (
                "The hosted platform imports contacts into a mailing list, and none is named (load_contacts). "
                "Write its name or its ID: `list: All staff` or `list: CG_...`."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform, list: A, map: {ID: [Phone]}}",
            (
                "The import of the hosted platform takes no phone number (load_contacts). Map it to an embedded field, "
                "for example `map: {ID: [PhoneNumber]}`, or leave it out."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform, list: A, map: {ID: [Unsubscribed]}}",
            (
                "`Unsubscribed` is true or false, and its source field `ID` is text (load_contacts). Give `ID` the type "
                "boolean in the extract or in a transform."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform, list: A, transactions: {date: {field: Hired}, fields: [Mail]}, map: {Hired: []}}",
            (
                "`Mail` is a field of the transaction and of the contact, and the hosted platform allows only one of "
                "both (load_contacts). Leave it out of the contact: `map: {Mail: []}`."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform, list: A, flag_invalid: [Email], map: {Mail: [Email]}}",
            (
                "`flag_invalid` is for directories of Bucketlift (load_contacts). Remove it: the platform checks "
                "addresses itself."
            ),
        ),
        (
            "load_contacts: {from: files, to: platform, list: A, map: {ID: [X], Mail: [X]}}",
            (
                "Several fields fill `X`: `ID`, `Mail`: contacts of the directory (load_contacts.map). Leave one of them "
                "out, for example with `map: {Mail: []}`."
            ),
        ),
        (
            "load_employees: {from: files, to: platform, key: ID, map: {Mail: [Email, FirstName, LastName]}}",
            (
                "The hosted platform imports employees into an employee directory or into a project (load_employees). "
                "Write the ID of one of them: `directory: ID` or `project: ID`."
            ),
        ),
        (
            "load_employees: {from: files, to: people, project: X, key: ID, map: {Mail: [Email, FirstName, LastName]}}",
            (
                "`project` is for the hosted platform, and the destination is a directory (load_employees). Remove "
                "`project`."
            ),
        ),
        (
            "load: {from: files, to: platform, table: t}",
            (
                "`platform` is the hosted platform, which has no tables (load.to). Load people with load_contacts or "
                "load_employees, or name a database."
            ),
        ),
    ],
)
def test_a_load_that_the_platform_cannot_take_is_refused_with_its_line(file_of, load, problem):
    assert problems(file_of, load) == [problem]


def test_contacts_need_a_directory_of_the_platform(file_of):
    platform = "{kind: qualtrics, datacenter: iad1, token: {secret: QX}}"

    (problem,) = problems(file_of, CONTACTS, platform)

    assert problem.startswith(
        "The destination names no directory for contacts (load_contacts). Write `directory: POOL_"
    )


@pytest.mark.parametrize("load", [CONTACTS, EMPLOYEES])
def test_a_load_into_the_platform_is_exported_as_it_is(file_of, folder, load):
    made = compile_definition(file_of(load))

    again = compile_definition(parse(export(made, lambda *_: None).encode(), name="hr.yaml", folder=folder))

    assert again.workflows == made.workflows
    assert again.destinations == made.destinations


@pytest.mark.parametrize(
    ("load", "more"),
    [
        (
            "load_contacts: {from: files, to: platform, list: CG_1, map: {Out: []}",
            "; or, if the platform's directory has merge rules, `merges_contacts: true` in the destination",
        ),
        (
            (
                "load_contacts: {from: files, to: platform, list: CG_1, map: {Out: [], Hired: [], Mail: []}, "
                "transactions: {date: {field: Hired}, fields: [Mail]}"
            ),
            "",
        ),
        ("load_records: {from: files, to: platform, project: P", "; or name the `key` of the records"),
    ],
)
def test_objects_are_deleted_after_loads_that_may_repeat_rows_only_if_the_task_allows_it(file_of, load, more):
    platform = PLATFORM.replace(", merges_contacts: true", "")

    refused = problems(file_of, load + "}", platform, "delete")
    compile_definition(file_of(load + ", accept_at_least_once: true}", platform, "delete"))

    assert refused[0].endswith(
        f"Write `accept_at_least_once: true` in the task `load` to allow it, or `after_import: keep`{more}."
    )
