"""polars: a CSV file of a bucket into SQLite (ADBC) or, by Arrow, into DuckDB.

python with_polars.py sqlite|duckdb KEY PLACE
"""

import os
import sys

import polars as pl

kind, key, place = sys.argv[1:]
store = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
    "aws_region": os.environ["AWS_REGION"],
    "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "aws_allow_http": "true",
}
employees = pl.scan_csv(
    f"s3://drop/{key}", infer_schema=False, empty_string_is_null=False, storage_options=store
)
if kind == "sqlite":
    employees.collect().write_database("employees", f"sqlite:///{place}", engine="adbc")
else:
    import duckdb

    frame = employees.collect()
    with duckdb.connect(place, config={"preserve_insertion_order": False}) as connection:
        connection.register("frame", frame.to_arrow())
        connection.execute("CREATE TABLE employees AS SELECT * FROM frame")
