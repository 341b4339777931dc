"""PostgreSQL: rows arrive by COPY.

Statements that lock out other sessions run last, and are short.
"""

from bucketlift.loaders.postgresql.loader import PostgresqlLoader

__all__ = ["PostgresqlLoader"]
