"""PostgreSQL: rows come by COPY; what locks anybody out comes last, in one burst."""

from bucketlift.loaders.postgresql.loader import PostgresqlLoader

__all__ = ["PostgresqlLoader"]
