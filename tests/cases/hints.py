"""What a hint says to set, taken from its text, and a file read as often as a hint leads on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bucketlift.schema.contracts import ContractShape, DialectShape
from bucketlift.schema.fields import FieldShape
from cases.reading import Held, Rows, Settings, read

MOST_HINTS = 5
_IN_BACKTICKS = re.compile(r"`([^`]+)`")
_FIELD = re.compile(r"(?:in field|how field) `([^`]+)`")
_FIELD_KEYS = {each.alias or name for name, each in FieldShape.model_fields.items()}


@dataclass(frozen=True, kw_only=True)
class Obeyed:
    """A file that is read again with what its hint says to set, as often as a hint leads on."""

    name: str
    data: bytes | str
    """The bytes, or which file of the cases it is."""
    rows: tuple[tuple[Any, ...], ...]
    settings: Settings
    columns: tuple[str, ...] = ()
    """Of a sample that is written as the settings say; empty: the file's own header names the fields."""
    take: tuple[tuple[int, ...], ...] = ((0,),)
    """Of each hint, which of the settings that it names are set together; the last one also of all further hints."""


def settings_in(hint: str) -> list[Settings]:
    """The settings that a hint names, in its order, in the words of a workflow file."""
    field = _FIELD.search(hint)
    found = []
    for words in _IN_BACKTICKS.findall(hint):
        value = _value(words)
        if value is not None:
            found.append(_placed(value, field[1] if field else None))
    return found


def _value(words: str) -> Settings | None:
    """The keys and values of a text such as ``dialect: {quote: none}``; None where it is another text."""
    try:
        value = YAML(typ="safe", pure=True).load("{" + words + "}")
    except YAMLError:
        return None
    is_setting = isinstance(value, dict) and value and all(each is not None for each in value.values())
    return value if is_setting and "..." not in words else None


def _placed(value: Settings, field: str | None) -> Settings:
    """Keys without their place stand in the field that the hint names, in the dialect or in the contract."""
    keys = set(value)
    if field is not None and keys <= _FIELD_KEYS:
        return {"fields": {field: value}}
    if keys <= set(DialectShape.model_fields):
        return {"dialect": value}
    if keys <= set(ContractShape.model_fields):
        return {"contract": value}
    return value


def merged(settings: Settings, more: Settings) -> Settings:
    """The settings with more of them; a new value takes the place of an old one."""
    both = dict(settings)
    for key, value in more.items():
        old = both.get(key)
        both[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def obey(case: Obeyed, folder: Path) -> tuple[Rows | Held, list[str]]:
    """What the file comes to at last, and the hints on the way."""
    path, hints, settings = _file(case, folder), list[str](), case.settings
    found = _read(path, settings, case, folder)
    while isinstance(found, Held) and len(hints) < MOST_HINTS:
        take = case.take[min(len(hints), len(case.take) - 1)]
        hints.append(found.hint)
        named = settings_in(found.hint)
        if max(take) >= len(named):
            break
        for number in take:
            settings = merged(settings, named[number])
        found = _read(path, settings, case, folder)
    return found, hints


def _file(case: Obeyed, folder: Path) -> Path:
    if isinstance(case.data, str):
        return Path(__file__).parent / case.data
    path = folder / "file.csv"
    path.write_bytes(case.data)
    return path


def _read(path: Path, settings: Settings, case: Obeyed, folder: Path) -> Rows | Held:
    return read(path, settings, _sample(settings, case.columns, folder))


def _sample(settings: Settings, columns: Sequence[str], folder: Path) -> Path | None:
    if not columns:
        return None
    shape = settings.get("dialect", {})
    delimiter = "|" if shape.get("preset") == "sap" else shape.get("delimiter", ",")
    if shape.get("preset") in {"mysql", "postgresql"}:
        delimiter = "\t"
    sample = folder / "sample.csv"
    sample.write_text(delimiter.join(columns) + "\n", "utf-8")
    return sample
