"""Metadata and column types for all tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import Column, DateTime, MetaData, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

metadata = MetaData()


class Words(TypeDecorator[str]):
    """A column with text for people. The text may contain a key or a server's error.

    Characters that databases cannot store (NUL, lone surrogates) are escaped. No rule compares these texts.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else _UNSTORABLE.sub(_spelled, value)


def _spelled(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def time(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)
