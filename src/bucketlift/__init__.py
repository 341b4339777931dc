"""Reads CSV and TSV files from Amazon S3 and loads their rows exactly once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bucketlift.model.contract import Contract, Dialect, Field
    from bucketlift.model.rows import Reject
    from bucketlift.model.types import TypeName
    from bucketlift.service.projects.local import read_file
    from bucketlift.tabular.read.local import Reading

__all__ = ["Contract", "Dialect", "Field", "Reading", "Reject", "TypeName", "read_file"]

_HOMES = {
    "Contract": "model.contract",
    "Dialect": "model.contract",
    "Field": "model.contract",
    "Reading": "tabular.read.local",
    "Reject": "model.rows",
    "TypeName": "model.types",
    "read_file": "service.projects.local",
}


def __getattr__(name: str) -> Any:
    """Import a name at its first use, because the command line imports this package too and must start
    quickly.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
