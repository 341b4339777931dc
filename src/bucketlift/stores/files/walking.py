"""Yields the files below a prefix in the order of their keys, with limited memory."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO

from bucketlift.stores.files.port import Entry, Files, FileState

SORTED_AT_ONCE = 50_000
"""Maximum number of entries of one folder that are sorted in memory. Larger folders are sorted in parts, in
temporary files.
"""


def walk(files: Files, top: str, prefix: str) -> Iterator[tuple[str, FileState]]:
    """Yield each file below the folder ``top`` whose key starts with the prefix. Keys are relative to
    ``top``.

    The files are in the order of their keys' UTF-8 bytes, as in a listing of S3. A folder that is removed in
    the meantime is left out.

    Raises:
        FileNotFoundError: the folder ``top`` does not exist.
    """
    files.require_folder(top)
    above = f"{top}/" if top else ""
    first = prefix[: prefix.rfind("/") + 1]
    if first and not is_sound(first[:-1]):
        return
    open_folders = [(first, _those_there(files, above + first))]
    while open_folders:
        at, entries = open_folders[-1]
        entry = next(entries, None)
        if entry is None:
            open_folders.pop()
            continue
        key = at + entry.name
        if entry.state is not None:
            if key.startswith(prefix):
                yield key, entry.state
        elif (key + "/").startswith(prefix):
            open_folders.append((key + "/", _those_there(files, above + key)))


def is_sound(path: str) -> bool:
    """Whether a path stays in its folder. For this, no part of the path may be empty, ``.`` or ``..``."""
    return "\0" not in path and all(step not in ("", ".", "..") for step in path.split("/"))


def in_order(entries: Iterable[Entry], at_once: int = SORTED_AT_ONCE) -> Iterator[Entry]:
    """Yield the entries in the order of their keys. A folder is sorted by its name with a slash at the end."""
    entries = iter(entries)
    first = _sorted(islice(entries, at_once))
    if len(first) < at_once:
        yield from first
        return
    with ExitStack() as stack:
        parts = [_stored(first, stack)]
        while part := _sorted(islice(entries, at_once)):
            parts.append(_stored(part, stack))
        yield from heapq.merge(*map(_loaded, parts), key=_position)


def _those_there(files: Files, folder: str) -> Iterator[Entry]:
    try:
        yield from in_order(files.entries(folder.rstrip("/")))
    except FileNotFoundError:
        return


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=_position)


def _position(entry: Entry) -> bytes:
    name = entry.name if entry.state is not None else entry.name + "/"
    return name.encode("utf-8", "surrogateescape")


def _stored(entries: Iterable[Entry], stack: ExitStack) -> IO[str]:
    part = stack.enter_context(tempfile.TemporaryFile("w+", encoding="ascii"))  # noqa: SIM115 - the stack closes it
    for entry in entries:
        state = entry.state
        line = [entry.name, *((state.size, state.modified, state.inode) if state is not None else ())]
        part.write(json.dumps(line) + "\n")
    part.seek(0)
    return part


def _loaded(part: IO[str]) -> Iterator[Entry]:
    for line in part:
        name, *state = json.loads(line)
        size, modified, inode = state or (None, 0, None)
        found = None if size is None else FileState(size=size, modified=modified, inode=inode)
        yield Entry(name=name, state=found)
