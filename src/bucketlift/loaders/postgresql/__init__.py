"""PostgreSQL: rows are sent by COPY.

Statements that block other sessions run last, and take little time.
"""

from bucketlift.loaders.postgresql.loader import PostgresqlLoader

__all__ = ["PostgresqlLoader"]
