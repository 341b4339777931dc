"""SQLite databases of this process share their dialect, so each statement is compiled once per process.

SQLAlchemy compiles the statements of each engine again, which takes a tenth of a test's time: most tests open ledgers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

CREATE = sa.create_engine


@contextmanager
def compiling_once() -> Iterator[None]:
    """Engines that are made until the block ends share one dialect and its compiled statements."""
    first = CREATE("sqlite://")
    first.connect().close()  # sets the values that the dialect reads from the library
    compiled: dict[Any, Any] = {}

    def create_engine(url: str | sa.URL, **options: Any) -> sa.Engine:
        engine = CREATE(url, **options)
        if engine.dialect.name != "sqlite":
            return engine
        shared = sa.Engine(
            engine.pool, first.dialect, engine.url, hide_parameters=options.get("hide_parameters", False)
        )
        shared.update_execution_options(compiled_cache=compiled)
        return shared

    with patch.object(sa, "create_engine", create_engine):
        yield
    first.dispose()
