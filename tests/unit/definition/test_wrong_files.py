"""What a person reads who wrote a workflow file wrongly: what, where, and the nearest right thing."""

import pytest

from bucketlift.definition.compile.definition import Installed, compile_definition
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import NotAvailable
from bucketlift.model.account import AwsRole
from bucketlift.model.contract import Contract, Field
from bucketlift.model.source import Selection
from bucketlift.model.workflow import Delete, ExtractTask, Workflow

REST = "Name where the secret is stored: {env: NAME}, {file: PATH} or {secret: NAME}."
EXTRACT = "workflows.nightly.tasks[0].extract"
CONDITION = "workflows.nightly.tasks[1].condition"
LOAD = "workflows.nightly.tasks[2].load"


def extract_with(line):
    return ("          kind: s3\n", f"          kind: s3\n          {line}\n")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            ("account: acme", "acount: acme"),
            f"unknown key `acount`: hr.yaml line 20 ({EXTRACT}). Did you mean `account`?",
        ),
        (("workflows:", "workflow:"), "unknown key `workflow`: hr.yaml line 12. Did you mean `workflows`?"),
        (
            ("mode: upsert", "zzz: 1"),
            f"unknown key `zzz`: hr.yaml line 32 ({LOAD}). It can be one of: from, key, lineage, map, mode, table, to.",
        ),
        (("project: hr\n", ""), "`project` is missing: hr.yaml line 1. This key is required."),
        (
            ("          after_import: delete\n", ""),
            f"`after_import` is missing: hr.yaml line 18 ({EXTRACT}). This key is required.",
        ),
        (
            ("version: 1", "version: 2"),
            "`version` cannot be `2`: hr.yaml line 1 (version). It can be one of: 1.",
        ),
        (
            ("enabled: true", "enabled: yes"),
            (
                "`enabled` must be true or false: hr.yaml line 14 (workflows.nightly.enabled)."
                " yes, no, on and off are plain text here."
            ),
        ),
        (
            ("bucket: hr-drop", "bucket: 2026"),
            f"`bucket` must be text: hr.yaml line 21 ({EXTRACT}.bucket). Put the value in quotes.",
        ),
        (
            ("bucket: hr-drop", "bucket: s3://hr-drop/in"),
            (
                f"`bucket` is not valid: hr.yaml line 21 ({EXTRACT}.bucket)."
                " Write the bucket's name alone, without s3:// and without a path."
            ),
        ),
        (
            ("bucket: hr-drop", "bucket: 'arn:aws:s3:::hr-drop/in/'"),
            (
                f"this is an ARN, not a bucket's name: hr.yaml line 21 ({EXTRACT}.bucket)."
                " Write bucket: hr-drop and prefix: in/."
            ),
        ),
        (
            ("bucket: hr-drop", "bucket: 'arn:aws:s3:eu-west-1:111122223333:accesspoint/hr'"),
            (
                f"the ARN of an access point cannot replace a bucket's name: hr.yaml line 21 ({EXTRACT}.bucket)."
                " Write the access point's alias, which ends in -s3alias (the S3 console shows it)."
            ),
        ),
        (
            ("bucket: hr-drop", "bucket: 'acme:hr-drop'"),
            (
                f"a tenant is not part of a bucket's name: hr.yaml line 21 ({EXTRACT}.bucket)."
                " Write hr-drop: the store takes the tenant from the account's access key."
            ),
        ),
        (
            ("bucket: hr-drop", "bucket: hr--use1-az4--x-s3"),
            (
                f"directory buckets (S3 Express One Zone) cannot be read: hr.yaml line 21 ({EXTRACT}.bucket)."
                " Use a general purpose bucket: listings of S3 Express have no order, and its copies are not create-only."
            ),
        ),
        (
            ("mode: upsert", "mode: upsrt"),
            f"`mode` cannot be `upsrt`: hr.yaml line 32 ({LOAD}.mode). Did you mean `upsert`?",
        ),
        (
            ("key: [UniqueID]", "key: UniqueID"),
            f"`key` must be a list: hr.yaml line 33 ({LOAD}.key). Write [a, b], or one item per line after a dash.",
        ),
        (
            ("key: [UniqueID]", "key: [UniqueID, 7]"),
            f"`key[1]` must be text: hr.yaml line 33 ({LOAD}.key[1]). Put the value in quotes.",
        ),
        (
            ("kind: duckdb", "kind: duckbd"),
            "`kind` cannot be `duckbd`: hr.yaml line 11 (destinations.warehouse.kind). Did you mean `duckdb`?",
        ),
        (
            ("kind: duckdb, ", ""),
            "`kind` is missing: hr.yaml line 11 (destinations.warehouse). Write {kind: ...}.",
        ),
        (
            ("after_import: delete", "after_import: renam"),
            (
                f"`action` cannot be `renam`: hr.yaml line 24 ({EXTRACT}.after_import.action)."
                " Did you mean `rename`?"
            ),
        ),
        (
            ("after_import: delete", "after_import: move"),
            f"`bucket` is missing: hr.yaml line 24 ({EXTRACT}.after_import). This key is required.",
        ),
        (
            ("nightly:", "nightly job:"),
            (
                "`nightly job` is not valid: hr.yaml line 13 (workflows.nightly job)."
                " Use at most 63 letters, digits, hyphens and underscores. Start with a letter or digit."
            ),
        ),
        (
            ("{env: LAB_KEY}", "AKIAEXAMPLE"),
            f"a secret must not be written in the file itself: hr.yaml line 8 (accounts.lab.access_key). {REST}",
        ),
        (
            ("{env: LAB_KEY}", "{env: A, file: B}"),
            f"a secret is stored in exactly one place: hr.yaml line 8 (accounts.lab.access_key). {REST}",
        ),
        (
            ("http://127", "http://me:hush@127"),
            (
                "an address must not contain a secret: hr.yaml line 7 (accounts.lab.endpoint_url)."
                " Give access_key and secret_key instead."
            ),
        ),
        (
            ("http://127.0.0.1:9000", "127.0.0.1:9000"),
            (
                "not the address of a store: hr.yaml line 7 (accounts.lab.endpoint_url)."
                " Write an address such as https://minio.example.com:9000."
            ),
        ),
        (
            (":role/bucketlift", ":user/bucketlift"),
            (
                "not the ARN of an IAM role: hr.yaml line 4 (accounts.acme.role_arn)."
                " Write an ARN such as arn:aws:iam::111122223333:role/NAME."
            ),
        ),
        (
            ("region: us-east-1}", "region: us-east-1, external_id: mine}"),
            (
                "unknown key `external_id`: hr.yaml line 4 (accounts.acme)."
                " It can be one of: bucket_owner, kind, region, role_arn."
            ),
        ),
        (
            ('"1%"', '"one"'),
            (
                f"not a valid limit of rejected rows: hr.yaml line 23 ({EXTRACT}.max_rejected)."
                ' Write a number of rows, such as 10, or a share of the file, such as "1%".'
            ),
        ),
        (
            extract_with("start: yesterday"),
            (
                f"not a start: hr.yaml line 20 ({EXTRACT}.start)."
                " Write all, now, or a time with its time zone: 2026-11-01T00:00:00Z."
            ),
        ),
        (
            extract_with("start: 2026-11-01"),
            (
                f"a time without a time zone: hr.yaml line 20 ({EXTRACT}.start)."
                " Add Z for UTC, or an offset: 2026-11-01T00:00:00Z."
            ),
        ),
        (
            ("after_import: delete", "after_import: {action: delete, delay: 7}"),
            (
                f"not a duration: hr.yaml line 24 ({EXTRACT}.after_import.delay)."
                " Write days, hours or minutes: 7d, 12h, 30m or 0d."
            ),
        ),
        (
            ("after_import: delete", "after_import: {action: delete, delay: 3651d}"),
            (
                f"a delay of more than ten years: hr.yaml line 24 ({EXTRACT}.after_import.delay)."
                " Write 3650d or less, or keep the files."
            ),
        ),
        (
            extract_with('dialect: {delimiter: "\\n"}'),
            (
                f"`delimiter` is not valid: hr.yaml line 20 ({EXTRACT}.dialect.delimiter)."
                ' Write 1 to 16 characters that do not end a line, such as ";", "\\t", "||" or "\\u0001".'
            ),
        ),
        (
            extract_with("dialect: {encoding: klingon}"),
            (
                "`encoding: klingon`: This text encoding does not exist: hr.yaml line 20"
                f" ({EXTRACT}.dialect.encoding). Common ones are utf-8, utf-16, cp1252, iso-8859-15, cp1250,"
                " shift_jis and gb18030."
            ),
        ),
        (
            extract_with("dialect: {encoding: utf-7}"),
            (
                "`encoding: utf-7`: Files cannot be read as utf-7: its bytes can be read in two ways: hr.yaml line"
                f" 20 ({EXTRACT}.dialect.encoding). Common ones are utf-8, utf-16, cp1252, iso-8859-15, cp1250,"
                " shift_jis and gb18030."
            ),
        ),
        (
            extract_with("dialect: {escape: ab}"),
            (
                f"`escape` is not valid: hr.yaml line 20 ({EXTRACT}.dialect.escape)."
                ' Write one ASCII character, such as "\\\\".'
            ),
        ),
        (
            extract_with("dialect: {delimiter: ';', quote: ';'}"),
            (
                "The delimiter and the quote are the same character: hr.yaml line 20"
                f" ({EXTRACT}.dialect). Choose two different ones."
            ),
        ),
        (
            extract_with("contract: {blank: accept}"),
            (
                f"`blank` cannot be `accept`: hr.yaml line 20 ({EXTRACT}.contract.blank)."
                " The column belongs to no field. `ignore` leaves it out if it is empty."
            ),
        ),
        (
            extract_with("contract: {renamed: accept}"),
            (
                f"`renamed` cannot be `accept`: hr.yaml line 20 ({EXTRACT}.contract.renamed). Bucketlift cannot know"
                " that the two names mean the same column. Set an alias: fields: {Mail: {aliases: [E-Mail]}}."
            ),
        ),
        (
            extract_with("columns: [id]"),
            (
                f"`columns` and `sample` cannot be used together: hr.yaml line 20 ({EXTRACT}.columns). Leave one of them out."
            ),
        ),
        (
            ("files.rows > 0", "files.row > 0"),
            (
                f"a condition cannot use `row`: hr.yaml line 26 ({CONDITION}.all[0])."
                " It can be one of: files, rows, rejected, held, bytes."
            ),
        ),
        (
            ("files.rows > 0", "rows > many"),
            (
                f"not a comparison: hr.yaml line 26 ({CONDITION}.all[0])."
                ' Write a task\'s measure, an operator and a number: "files.rows > 0".'
            ),
        ),
        (
            ('all: ["files.rows > 0"], ', ""),
            (
                f"a condition has either `all` or `any`: hr.yaml line 26 ({CONDITION})."
                ' Write {all: ["files.rows > 0"]}. A group can contain other groups.'
            ),
        ),
        (
            ('["files.rows > 0"]', "[]"),
            (
                f"`all` is empty: hr.yaml line 26 ({CONDITION}.all)."
                " Write a value. If the key has a default, you can leave the key out."
            ),
        ),
        (
            (
                "      - id: enough\n",
                "      - id: enough\n        load: {from: files, to: warehouse, table: t}\n",
            ),
            (
                "a task has exactly one of extract, transform, condition, load, load_contacts, load_employees, load_responses, load_records, load_rows and load_objects: hr.yaml line 25 (workflows.nightly.tasks[1])."
                " Set one of them."
            ),
        ),
        (
            ("    enabled: true\n", "    notify: [{when: [failed], webhook: 'https://hook.example'}]\n"),
            (
                "a secret must not be written in the file itself: hr.yaml line 14 (workflows.nightly.notify[0].webhook)."
                f" {REST}"
            ),
        ),
        (
            ("accounts:", "defaults: {extract: {max_rejeced: 1}}\naccounts:"),
            "unknown key `max_rejeced`: hr.yaml line 3 (defaults.extract). Did you mean `max_rejected`?",
        ),
        (
            ("accounts:", "defaults: {extract: {order: name}}\naccounts:"),
            "`order` cannot be `name`: hr.yaml line 3 (defaults.extract.order). It can be one of: key, modified.",
        ),
    ],
)
def test_a_wrong_shape_is_told_with_its_line_and_the_nearest_right_thing(problems, change, text):
    assert problems(change) == [text]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            ("from: files", "from: file"),
            (
                f"there is no extract task or transform before this load named `file`: hr.yaml line 29 ({LOAD}.from)."
                " Did you mean `files`?"
            ),
        ),
        (
            ("then: [people]", "then: [peple]"),
            (
                f"there is no task after this condition named `peple`: hr.yaml line 26 ({CONDITION}.then[0])."
                " Did you mean `people`?"
            ),
        ),
        (
            ("then: [people]", "else: [files]"),
            (
                f"there is no task after this condition named `files`: hr.yaml line 26 ({CONDITION}.else[0])."
                " It can be one of: people."
            ),
        ),
        (
            ("files.rows > 0", "fils.rows > 0"),
            (
                f"there is no extract task before this condition named `fils`: hr.yaml line 26 ({CONDITION}.all[0])."
                " Did you mean `files`?"
            ),
        ),
        (
            ("key: [UniqueID]", "key: [uniqueid]"),
            f"there is no field `uniqueid`: hr.yaml line 33 ({LOAD}.key[0]). Did you mean `UniqueID`?",
        ),
        (
            ("mode: upsert", "map: {First: f}"),
            f"there is no field `First`: hr.yaml line 32 ({LOAD}.map.First). Did you mean `FirstName`?",
        ),
        (
            extract_with("fields: {HireDte: {type: text}}"),
            (
                f"there is no field `HireDte`: hr.yaml line 20 ({EXTRACT}.fields.HireDte)."
                " It can be one of: FirstName, LastName, UniqueID."
            ),
        ),
        (
            ("          key: [UniqueID]\n", ""),
            (
                f"Upsert needs a key: table employees: hr.yaml line 28 ({LOAD})."
                " Name the fields that identify a row, as in `key: [UniqueID]`."
            ),
        ),
        (
            ("mode: upsert", "map: {FirstName: lastname}"),
            (
                "Two fields are mapped to one column: `LastName` and `lastname`, which the destination treats as the same:"
                f" table employees: hr.yaml line 28 ({LOAD}). Map one of the two fields to another column."
            ),
        ),
        (
            ("- id: enough", "- id: people"),
            (
                "two tasks have the ID `people`: hr.yaml line 27 (workflows.nightly.tasks[2].id)."
                " Give each task its own ID."
            ),
        ),
        (
            ("after_import: delete", "after_import: {action: rename, prefix: ''}"),
            (
                f"a rename with an empty prefix changes nothing: hr.yaml line 24 ({EXTRACT}.after_import)."
                " Give a prefix for the renamed files, such as done-."
            ),
        ),
        (
            ("after_import: delete", "after_import: {action: move, bucket: hr-drop, prefix: done/}"),
            (
                f"the moved files would be selected again: hr.yaml line 24 ({EXTRACT}.after_import)."
                " Give the extract a prefix and move to another one, or move to another bucket."
            ),
        ),
    ],
)
def test_what_does_not_fit_together_is_told_the_same_way(problems, change, text):
    assert problems(change) == [text]


def test_names_are_looked_for_in_the_file_and_in_the_installation(problems):
    role = AwsRole(role_arn="arn:aws:iam::111122223333:role/x", region="us-east-1")
    installed = Installed(accounts={"payroll": role}, destinations={})

    told = problems(
        ("account: acme", "account: payrol"), ("to: warehouse", "to: wherehouse"), installed=installed
    )

    assert told == [
        f"there is no account `payrol`: hr.yaml line 20 ({EXTRACT}.account). Did you mean `payroll`?",
        f"there is no destination `wherehouse`: hr.yaml line 30 ({LOAD}.to). Did you mean `warehouse`?",
    ]


def test_a_workflow_that_loads_nothing_is_told_at_its_extract(problems):
    cut = "      - id: people\n        load:\n          from: files\n          to: warehouse\n          table: employees\n          mode: upsert\n          key: [UniqueID]\n"
    enough = '      - id: enough\n        condition: {all: ["files.rows > 0"], then: [people]}\n'

    assert problems((cut, ""), (enough, "")) == [
        (
            "no load uses the rows of the task `files`: hr.yaml line 17 (workflows.nightly.tasks[0])."
            " Add a load with `from: files` after it."
        )
    ]


def test_a_sample_that_cannot_be_used_is_told_at_its_line(problems, folder):
    (folder / "employees.csv").write_text("id,ID\n")

    [told] = problems()

    assert told.startswith('Column "id" occurs more than once: FOLDER/employees.csv: hr.yaml line 22')


def test_a_workflow_of_another_project_that_acts_on_the_same_files_is_named(problems):
    role = AwsRole(role_arn="arn:aws:iam::999900001111:role/x", region="us-east-1")
    extract = ExtractTask(
        id="files",
        account="payroll",
        selection=Selection(bucket="hr-drop", prefix="in/"),
        contract=Contract(fields=(Field(name="id"),)),
        after_import=Delete(),
    )
    other = Workflow(key="payroll", title="Payroll", project="pay", tasks=(extract,))
    installed = Installed(accounts={"payroll": role}, destinations={}, workflows=(other,))

    assert problems(installed=installed) == [
        (
            f"`nightly` and `payroll` would act on the same files: hr.yaml line 24 ({EXTRACT}.after_import)."
            " Let one of the tasks keep the files, or give the tasks prefixes or patterns that select different keys."
        )
    ]


def test_all_problems_are_told_together_and_the_first_is_the_error(compiled):
    with pytest.raises(DefinitionWrong) as refused:
        compiled(
            extract_with("pgp: {keys: [a], require_signature: true}"),
            ("mode: upsert", "mode: upsrt"),
            ("account: acme", "acount: acme"),
        )

    error = refused.value
    assert not isinstance(error, NotAvailable)
    assert (error.what, error.to, error.hint) == (
        "a signature is required, but `signers` is empty",
        f"hr.yaml line 20 ({EXTRACT}.pgp)",
        "Name the sender's keys: signers: [NAME].",
    )
    assert str(error).splitlines() == [
        (
            f"a signature is required, but `signers` is empty: hr.yaml line 20 ({EXTRACT}.pgp)."
            " Name the sender's keys: signers: [NAME]."
        ),
        f"unknown key `acount`: hr.yaml line 21 ({EXTRACT}). Did you mean `account`?",
        f"`mode` cannot be `upsrt`: hr.yaml line 33 ({LOAD}.mode). Did you mean `upsert`?",
    ]


def test_what_is_wrong_in_the_defaults_is_told_once(problems):
    assert problems(
        ("accounts:", "defaults: {extract: {repeats: twice}, load: {lineage: true}}\naccounts:")
    ) == [
        "`repeats` cannot be `twice`: hr.yaml line 3 (defaults.extract.repeats). It can be one of: hold, load, skip.",
        "`lineage` cannot be `True`: hr.yaml line 3 (defaults.load.lineage). It can be one of: auto, off, on.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty: hr.yaml line 1."),
        ("- a\n", "the file must be a mapping: hr.yaml line 1."),
        ("just text\n", "the file must be a mapping: hr.yaml line 1."),
        (
            "version: 1\nproject: hr\nworkflows: []\n",
            "`workflows` must be a mapping: hr.yaml line 3 (workflows).",
        ),
        ("version: 1\nproject: hr\naccounts:\n", "`accounts` must be a mapping: hr.yaml line 3 (accounts)."),
        (
            "version: 1\nproject: hr\nworkflows: {a: {tasks: [x]}}\ndefaults: 7\n",
            "`tasks[0]` must be a mapping: hr.yaml line 3 (workflows.a.tasks[0]).",
        ),
    ],
)
def test_a_file_of_another_form_is_told_so(folder, text, told):
    with pytest.raises(DefinitionWrong) as refused:
        compile_definition(parse(text.encode(), name="hr.yaml", folder=folder))

    assert str(refused.value).startswith(told)


def test_a_value_that_might_be_a_secret_is_never_repeated(problems):
    told = problems(
        ("{env: LAB_KEY}", "hush-1"),
        ("{file: /run/secrets/lab}", "[hush-2]"),
        ("http://127.0.0.1:9000", "http://hush-3:hush-4@127.0.0.1"),
    )

    assert len(told) == 3
    assert not any("hush" in problem for problem in told)
