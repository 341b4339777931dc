"""The demo's workflow file and its samples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bucketlift.demo.deliveries import text
from bucketlift.demo.sheets import (
    Sheet,
    employees,
    salesforce_accounts,
    salesforce_contacts,
    survey_responses,
)

PROJECT = "bucketlift-demo"
BUCKET = "demo-drop"
ARCHIVE = "demo-archive"
ACCOUNT = "demo"
ROLE = "bucketlift-demo"
DIRECTORY = "people"
FILE = "bucketlift.yaml"

_WORKFLOWS = """\
# The workflow file of the demo. Change it and start the demo again, or apply it yourself:
#   bucketlift validate bucketlift.yaml
version: 1
project: {project}

accounts:
  # An IAM role of the embedded S3 server. Bucketlift created the external ID that the role trusts.
  {account}: {{kind: aws-role, role_arn: "arn:aws:iam::{account_id}:role/{role}", region: us-east-1}}

destinations:
  warehouse: {{kind: duckdb, path: ../warehouse.duckdb}}
  # Contacts and employees, with the source of each value. See it on the page under Directory.
  {directory}: {{kind: directory, path: ../people.sqlite}}

workflows:
  # Each day's file has new and changed people: one row per UniqueID. Loaded files are deleted.
  employees:
    title: Employees, daily
    tasks:
      - id: files
        extract:
          kind: s3
          account: {account}
          bucket: {bucket}
          prefix: employees/
          pattern: "*.csv"
          sample: samples/employees.csv
          after_import: delete
      - id: people
        load: {{from: files, to: warehouse, table: employees, mode: upsert, key: [UniqueID]}}

  # The table mirrors the bucket: if a file is new, all files are loaded and replace the old rows.
  salesforce-accounts:
    title: Salesforce accounts, current
    tasks:
      - id: files
        extract:
          kind: s3
          account: {account}
          bucket: {bucket}
          prefix: salesforce/accounts/
          sample: samples/salesforce-accounts.csv
          after_import: keep
      - id: accounts
        load: {{from: files, to: warehouse, table: salesforce_accounts, mode: replace}}

  # Tab-separated, with line breaks inside cells. Loaded files are renamed.
  salesforce-contacts:
    title: Salesforce contacts
    tasks:
      - id: files
        extract:
          kind: s3
          account: {account}
          bucket: {bucket}
          prefix: salesforce/contacts/
          file_type: tsv
          sample: samples/salesforce-contacts.tsv
          after_import: {{action: rename, prefix: done-}}
      - id: contacts
        load: {{from: files, to: warehouse, table: salesforce_contacts}}

  # Up to 1 % of a file's rows may be rejected: the ledger keeps them, and the good rows are loaded. A file with
  # more rejects is held. Nothing is loaded if there are fewer than 100 rows.
  surveys:
    title: Survey responses
    tasks:
      - id: files
        extract:
          kind: s3
          account: {account}
          bucket: {bucket}
          prefix: surveys/
          sample: samples/survey-responses.csv
          max_rejected: "1%"
          after_import: {{action: move, bucket: {archive}, prefix: loaded/}}
      - id: enough
        condition: {{all: ["files.files > 0", "files.rows >= 100"], then: [responses], else: []}}
      - id: responses
        load: {{from: files, to: warehouse, table: survey_responses}}

  # The same employees as people: contacts, merged by their ID or else by their address, and employees. The second file
  # moves 100 of them to another department. Each load can be undone.
  staff-directory:
    title: Staff into the directory
    tasks:
      - id: files
        extract:
          kind: s3
          account: {account}
          bucket: {bucket}
          prefix: staff-directory/
          sample: samples/employees.csv
          after_import: delete
      - id: contacts
        load_contacts:
          from: files
          to: {directory}
          list: All staff
          map: {{UniqueID: [ExternalReference], ManagerID: []}}
          merge: [[ExternalReference], [Email]]
          transactions: {{date: {{field: HireDate}}, fields: [Department]}}
      - id: staff
        load_employees: {{from: files, to: {directory}, key: UniqueID}}
"""


def write_project(folder: Path, *, account_id: str) -> Path:
    """Write the workflow file and its samples. Returns the path of the workflow file."""
    samples = folder / "samples"
    samples.mkdir(parents=True, exist_ok=True)
    for name, sheet, delimiter in _samples():
        (samples / name).write_text(text(sheet, delimiter), encoding="utf-8", newline="")
    file = folder / FILE
    names = {"project": PROJECT, "account": ACCOUNT, "role": ROLE, "bucket": BUCKET}
    names |= {"archive": ARCHIVE, "directory": DIRECTORY}
    file.write_text(_WORKFLOWS.format(account_id=account_id, **names), encoding="utf-8")
    return file


def _samples() -> tuple[tuple[str, Sheet, str], ...]:
    return (
        ("employees.csv", employees(range(2)), ","),
        ("salesforce-accounts.csv", salesforce_accounts(range(1, 3)), ","),
        ("salesforce-contacts.tsv", salesforce_contacts(range(2)), "\t"),
        ("survey-responses.csv", survey_responses(range(2), first_day=date(2026, 2, 1)), ","),
    )
