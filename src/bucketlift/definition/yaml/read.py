"""Reads YAML 1.2 text as plain values, with the line of each value. Other versions of YAML are refused, the
size is limited, and no value is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import DefinitionWrong, Path, Problem, dotted
from bucketlift.yaml_text import scalar

Event = Any
"""An event of the parser; its attributes depend on its class, so they cannot be type-checked."""

MAX_BYTES = 1024 * 1024
MAX_VALUES = 100_000
"""Maximum number of values, counted after aliases are resolved, so that nested aliases cannot exhaust memory."""
MAX_DEPTH = 40
TEXT_TAG = "tag:yaml.org,2002:str"


def read_yaml(content: bytes, name: str) -> Located:
    """Read a file that contains one document.

    Raises:
        DefinitionWrong: the file is not one YAML 1.2 document of limited size whose keys are unique.
    """
    if len(content) > MAX_BYTES:
        raise _wrong(
            name, 1, f"the file is larger than {MAX_BYTES:,} bytes", "Split the file into several projects."
        )
    reader = _Reader(name=name, events=_events(_decoded(content, name), name))
    return Located(name=name, value=reader.document(), lines=reader.lines)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _wrong(name, line, f"not UTF-8 at byte {error.start}", "Save the file as UTF-8 text.") from None


def _events(text: str, name: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what, hint = f"not YAML: {error.problem or error.context}", "Check quotes, brackets and indentation."
        if "'\\t'" in what:
            what, hint = "the line is indented with a tab", "Indent with spaces."
        raise _wrong(name, mark.line + 1 if mark else 1, what, hint) from None
    except YAMLError:
        what, hint = "not YAML: the file contains a control character", "Save the file as plain UTF-8 text."
        raise _wrong(name, 1, what, hint) from None


@dataclass(kw_only=True)
class _Reader:
    """Builds values from parser events. For an alias, it repeats the events of the anchor."""

    name: str
    events: Iterator[Event]
    lines: dict[Path, int] = field(default_factory=dict)
    anchors: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    values: int = 0

    def document(self) -> Any:
        value, documents = None, 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    hint = "Keep one project per file; remove the line of three dashes."
                    raise self._wrong(event, "the file contains a second document", hint)
                value = self._value(next(self.events), ())
        return value

    def _value(self, event: Event, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            raise self._wrong(event, f"nested deeper than {MAX_DEPTH} levels", "Use fewer levels.")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._grow(event, 1)
        before = self.values
        value = self._built(event, path)
        if event.anchor is not None:
            self.anchors[event.anchor], self.sizes[event.anchor] = value, self.values - before + 1
        return value

    def _built(self, event: Event, path: Path) -> Any:
        if event.tag not in (None, "!", TEXT_TAG):
            raise self._wrong(event, "the value has a YAML tag", "Remove the tag.")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return scalar(event.value) if event.implicit[0] and event.tag is None else event.value

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            here = (*path, len(items))
            self.lines[here] = event.start_mark.line + 1
            items.append(self._value(event, here))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event)
            here = (*path, key)
            if key in items:
                first = self.lines[here]
                raise self._wrong(
                    event,
                    f"the key `{key}` is repeated",
                    f"The key already occurs in line {first}. Remove one of them.",
                    path,
                )
            self.lines[here] = event.start_mark.line + 1
            items[key] = self._value(next(self.events), here)
        return items

    def _key(self, event: Event) -> str:
        """The key of a mapping, which is always text: ``on``, ``no`` and ``2024`` may be names of columns."""
        if not isinstance(event, ScalarEvent):
            raise self._wrong(event, "a key that is not plain text", "Write keys as words.")
        self._grow(event, 1)
        return str(event.value)

    def _alias(self, event: Event) -> Any:
        if event.anchor not in self.anchors:
            raise self._wrong(
                event,
                f"there is no complete anchor `&{event.anchor}` before this alias",
                "Write the value itself in place of the alias.",
            )
        self._grow(event, self.sizes[event.anchor])
        return self.anchors[event.anchor]

    def _grow(self, event: Event, values: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            raise self._wrong(
                event, f"more than {MAX_VALUES:,} values, including the values of aliases", "Split the file."
            )

    def _wrong(self, event: Event, what: str, hint: str, path: Path = ()) -> DefinitionWrong:
        return _wrong(self.name, event.start_mark.line + 1, what, hint, path)


def _wrong(name: str, line: int, what: str, hint: str, path: Path = ()) -> DefinitionWrong:
    to = f"{name} line {line}" + (f" ({dotted(path)})" if path else "")
    return DefinitionWrong([Problem(what=what, to=to, hint=hint, line=line)])
