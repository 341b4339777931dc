"""Selects the entries of an archive. Names of entries are matched with patterns and never used as paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape

from bucketlift.codecs.allowance import Refused
from bucketlift.model.hold import HeldReason
from bucketlift.model.packing import Archive, ZipEntries
from bucketlift.rules.legible import legible
from bucketlift.yaml_text import flow, hint

MOST_ENTRIES = 10_000
NAMES_SHOWN = 5
LONGEST_NAME = 100
"""Maximum number of characters of a name that are shown in a message."""
_TABLES = (".csv", ".tsv", ".txt", ".tab", ".dat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of an archive that is not a folder."""

    name: str
    size: int
    unreadable: str = ""
    """What the entry is if it is not a file, such as ``a link``; empty for a file."""

    @property
    def path(self) -> str:
        """The name of the entry as it is matched: with slashes, and without a ``./`` at the start."""
        return self.name.replace("\\", "/").removeprefix("./")

    @property
    def of_macos(self) -> bool:
        """Whether the archive tool of macOS added the entry."""
        base = self.path.rpartition("/")[2]
        return self.path.startswith("__MACOSX/") or base == ".DS_Store" or base.startswith("._")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Decides which entries of an archive a task reads."""

    entries: ZipEntries = ZipEntries.ONE
    archive: Archive | None = None


def choose(found: Sequence[Entry], entry_filter: EntryFilter, kind: str) -> tuple[list[int], tuple[str, ...]]:
    """The positions of the selected entries, and notes about the other entries. ``kind``: zip or tar.

    Raises:
        Refused: no entry or too many entries are selected, or a selected entry must not be read.
    """
    ours = [at for at, entry in enumerate(found) if not entry.of_macos]
    left_out = len(found) - len(ours)
    notes = [f"{left_out} macOS metadata entries of the {kind} were left out"] if left_out else []
    if entry_filter.archive is None:
        chosen = ours
        if not chosen or (len(chosen) > 1 and entry_filter.entries is ZipEntries.ONE):
            raise _refused_number([found[at] for at in chosen], kind)
    else:
        chosen, more = _matching(found, ours, entry_filter.archive, kind)
        notes += more
    _require_readable([found[at] for at in chosen], kind)
    return chosen, tuple(notes)


def _matching(
    found: Sequence[Entry], ours: list[int], archive: Archive, kind: str
) -> tuple[list[int], list[str]]:
    ignored = [at for at in ours if _matches(found[at], archive.ignore)]
    others = [at for at in ours if at not in set(ignored)]
    chosen = [at for at in others if _matches(found[at], (archive.entries,))]
    rest = [at for at in others if at not in set(chosen)]
    if not chosen:
        names = _names([found[at] for at in ours])
        raise Refused(
            HeldReason.ZIP_ENTRIES,
            f"No file in the {kind} matches `archive: {{entries: {flow(archive.entries)}}}`. It has: {names}",
            f"{_pattern([found[at] for at in ours])} Or ask the sender which file is missing."
            if ours
            else "Ask the sender for the file again.",
        )
    notes = []
    if ignored:
        notes.append(f"Left out of the {kind} by `archive: ignore`: {_names([found[at] for at in ignored])}")
    if rest:
        notes.append(
            f"Left out of the {kind}, because `archive: entries` does not match: {_names([found[at] for at in rest])}"
        )
    return chosen, notes


def _matches(entry: Entry, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(entry.path, pattern.removeprefix("./")) for pattern in patterns)


def _require_readable(chosen: Sequence[Entry], kind: str) -> None:
    if len(chosen) > MOST_ENTRIES:
        raise too_many(kind)
    names = Counter(entry.path for entry in chosen)
    twice = [entry for entry in chosen if names[entry.path] > 1]
    if twice:
        raise Refused(
            HeldReason.ZIP_ENTRIES,
            f"The {kind} contains {_names(twice[:1])} {names[twice[0].path]} times, and Bucketlift cannot know which one is right",
            "Ask the sender for an archive with each file once.",
        )
    for entry in chosen:
        if entry.unreadable:
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"{_names([entry])} in the {kind} is {entry.unreadable}, not a file",
                f"Ask the sender for the file itself, or leave it out: {_setting('*', [_literal(entry)])}.",
            )


def too_many(kind: str) -> Refused:
    return Refused(
        HeldReason.ZIP_ENTRIES,
        f"The {kind} contains more than {MOST_ENTRIES:,} entries",
        "Ask the sender for several archives.",
    )


def _refused_number(ours: Sequence[Entry], kind: str) -> Refused:
    if not ours:
        return Refused(
            HeldReason.ZIP_ENTRIES, f"The {kind} contains no files", "Ask the sender for the file again."
        )
    return Refused(
        HeldReason.ZIP_ENTRIES,
        f"The {kind} contains {len(ours):,} files: {_names(ours)}",
        f"{_pattern(ours)} If every file matches the contract, set `zip: all`.",
    )


def _pattern(ours: Sequence[Entry]) -> str:
    """A pattern that selects one of the files, to be suggested in a hint. It is made from the largest file
    with a name for tables, such as ``*.csv``.
    """
    likely = max(ours, key=lambda entry: (entry.path.lower().endswith(_TABLES), entry.size))
    return f"Set which file to read. For the largest table: {_setting(_literal(likely))}."


def _setting(entries: str, ignore: Sequence[str] = ()) -> str:
    rule = {"entries": entries} | ({"ignore": list(ignore)} if ignore else {})
    return f"`{hint({'archive': rule})}`"


def _literal(entry: Entry) -> str:
    """A pattern that matches exactly this entry's name. For an unprintable character, it matches any one
    character.
    """
    shown = "".join(char if char.isprintable() else "\0" for char in entry.path)
    pattern = escape(shown).replace("\0", "?")
    return pattern if len(pattern) <= 2 * LONGEST_NAME else f"*{pattern[-LONGEST_NAME:]}"


def _names(entries: Sequence[Entry]) -> str:
    shown = [_shown(entry) for entry in entries[:NAMES_SHOWN]]
    more = f" and {len(entries) - NAMES_SHOWN:,} more" if len(entries) > NAMES_SHOWN else ""
    return ", ".join(shown) + more


def _shown(entry: Entry) -> str:
    name = legible(entry.path)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
