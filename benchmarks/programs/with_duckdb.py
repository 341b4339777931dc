"""DuckDB alone: a table out of a local CSV file, in a database file.

python with_duckdb.py FILE DATABASE MEMORY
"""

import sys

import duckdb

file, database, memory = sys.argv[1:]
# The settings that Bucketlift's loader uses.
settings: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": memory,
    "block_allocator_memory": memory,
    "preserve_insertion_order": False,
    "temp_directory": f"{database}.spill",
}
with duckdb.connect(database, config=settings) as connection:
    connection.execute(
        "CREATE TABLE employees AS SELECT * FROM read_csv(?, all_varchar = true, header = true)", [file]
    )
