"""dlt: CSV files of a bucket into DuckDB or PostgreSQL.

python with_dlt.py duckdb|postgresql PLACE

The reader and formats are those that its documentation calls fast: read_csv_duckdb with Arrow, and Parquet into DuckDB,
CSV into PostgreSQL. All columns are text, as everywhere here.
"""

import os
import sys

import dlt
from dlt.sources.filesystem import filesystem, read_csv_duckdb

kind, place = sys.argv[1:]
os.environ.update(
    {
        "SOURCES__FILESYSTEM__CREDENTIALS__AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
        "SOURCES__FILESYSTEM__CREDENTIALS__AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
        "SOURCES__FILESYSTEM__CREDENTIALS__ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
)
files = filesystem(bucket_url="s3://drop/in", file_glob="*.csv")
rows = (files | read_csv_duckdb(chunk_size=100_000, use_pyarrow=True, all_varchar=True)).with_name(
    "employees"
)
into = dlt.destinations.duckdb(place) if kind == "duckdb" else dlt.destinations.postgres(place)
pipeline = dlt.pipeline("bench", destination=into, dataset_name="bench", pipelines_dir="pipelines")
pipeline.run(rows, write_disposition="append", loader_file_format="parquet" if kind == "duckdb" else "csv")
