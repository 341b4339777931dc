"""PostgreSQL: rows arrive by COPY; statements that lock out other sessions run last, in one short burst."""

from bucketlift.loaders.postgresql.loader import PostgresqlLoader

__all__ = ["PostgresqlLoader"]
