"""The commented example file that ``bucketlift init`` writes, and the sample it refers to."""

from __future__ import annotations

EXAMPLE_NAME = "bucketlift.yaml"
SAMPLE_NAME = "samples/employees.csv"
"""Relative to the example."""

SAMPLE = """\
UniqueID,FirstName,LastName,Email,HireDate
1001,Ada,Example,ada@example.com,2026-01-05
1002,Ben,Example,ben@example.com,2026-02-16
"""

EXAMPLE = """\
# A Bucketlift workflow file. Check it:   bucketlift validate bucketlift.yaml
# See what would change:                  bucketlift plan bucketlift.yaml
# Apply it:                               bucketlift apply bucketlift.yaml
# Paths are relative to this file. `bucketlift schema` prints a JSON Schema for your editor.

version: 1
project: example                   # everything below belongs to this project

accounts:
  # An IAM role that Bucketlift assumes. `bucketlift accounts show my-account` shows the external ID
  # that it must trust, and `bucketlift accounts policy` prints the policies for it.
  my-account:
    kind: aws-role
    role_arn: arn:aws:iam::111122223333:role/bucketlift
    region: us-east-1
  # An S3-compatible store. Never write secrets here; name where they are:
  # {env: NAME}, {file: PATH}, or {secret: NAME} for one in Bucketlift's vault.
  #
  # my-store:
  #   kind: s3-compatible
  #   endpoint_url: "https://minio.example.com:9000"
  #   access_key: {env: MY_STORE_ACCESS_KEY}
  #   secret_key: {env: MY_STORE_SECRET_KEY}

destinations:
  warehouse:
    kind: duckdb
    path: warehouse.duckdb         # created by the first load
  # A SQLite file, or a schema of a PostgreSQL database. Its URL is a secret, because it contains a password.
  #
  # reports: {kind: sqlite, path: reports.sqlite}
  # central: {kind: postgresql, url: {env: CENTRAL_URL}, schema: public, max_parallel: 4}

workflows:
  nightly-employees:               # the workflow's identity; it never changes
    title: Nightly employees       # what people see
    tasks:
      - id: files
        extract:
          kind: s3
          account: my-account
          bucket: my-bucket
          prefix: employees/       # every object whose key starts with this
          pattern: "*.csv"         # and whose name after the last slash matches
          file_type: csv           # or tsv
          sample: samples/employees.csv    # every file must have its header
          # Fields are text unless they get a type: integer, decimal, date, timestamp or boolean.
          fields:
            HireDate: {type: date, format: "%Y-%m-%d"}
          max_rejected: 0          # bad rows that a file may have: a number, or "1%"
          # What happens to a file after it is loaded: keep, delete,
          # {action: move, bucket: my-archive, prefix: done/}, or {action: rename, prefix: done-}.
          after_import: keep

      # The loads below run only if this is true. Measures: files, rows, rejected, held, bytes.
      - id: enough
        condition: {all: ["files.rows > 0"]}

      - id: people
        load:
          from: files
          to: warehouse
          table: employees
          mode: upsert             # append, upsert or replace
          key: [UniqueID]          # the fields that identify a row
          map: {UniqueID: employee_id}     # other fields go to the column with the same name
"""
