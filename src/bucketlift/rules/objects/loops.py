"""Finds loads that write files which their own extract would read again, directly or through other workflows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bucketlift.model.account import DestinationSettings, LocalFolder, S3Prefix, SftpServer
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.source import StoreId
from bucketlift.model.workflow import ExtractTask, LoadTask, Workflow
from bucketlift.rules.loops import StoreOf, selected
from bucketlift.rules.overlap import ANYTHING, Language, Pieces, overlaps, plain

_PLACEHOLDER = re.compile(r"(\{[^{}]*\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """An extract task of a workflow."""

    workflow: Workflow
    task: ExtractTask

    def __str__(self) -> str:
        return f"`{self.task.id}` of `{self.workflow.key}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLoop:
    """A load whose files come back to its own extract."""

    load: str
    what: str
    hint: str


def find_object_loops(
    workflow: Workflow,
    others: Iterable[Workflow],
    destinations: Mapping[str, DestinationSettings],
    store_of: StoreOf,
) -> Iterator[ObjectLoop]:
    """Yield the loads of a workflow whose files its extract would read again."""
    flows = (workflow, *(each for each in others if each.key != workflow.key))
    readers = [_Reader(workflow=flow, task=task) for flow in flows for task in flow.extracts]

    def feeds(load: LoadTask) -> list[_Reader]:
        return [each for each in readers if _reads(each.task, load, destinations, store_of)]

    for load in workflow.loads:
        source = workflow.extract_of(load.source)
        way = _way_back(workflow, source, feeds(load), feeds)
        if way is not None:
            yield ObjectLoop(
                load=load.id,
                what=f"the files that `{load.id}` writes would be read again: {' → '.join(map(str, way))}",
                hint="Write to a bucket or prefix that this extract does not select.",
            )


def _way_back(
    workflow: Workflow,
    source: str,
    first: Iterable[_Reader],
    feeds: Callable[[LoadTask], list[_Reader]],
) -> list[_Reader] | None:
    """The extracts through which a file comes back to the source extract; None if it does not."""
    waiting, seen = [[each] for each in first], set[int]()
    while waiting:
        way = waiting.pop(0)
        last = way[-1]
        if last.workflow.key == workflow.key and last.task.id == source:
            return way
        if id(last) in seen:
            continue
        seen.add(id(last))
        for load in last.workflow.loads_from(last.task.id):
            waiting.extend([*way, each] for each in feeds(load))
    return None


def _reads(
    task: ExtractTask, load: LoadTask, destinations: Mapping[str, DestinationSettings], store_of: StoreOf
) -> bool:
    """Whether an extract selects a file that a load may write."""
    settings, target = destinations.get(load.destination), load.target
    if settings is None or not isinstance(target, ObjectsTarget):
        return False
    prefix = _prefix_in(store_of(task.account), task.selection.bucket, settings, store_of)
    return prefix is not None and overlaps(_written(prefix, target), selected(task.selection))


def _prefix_in(store: StoreId, bucket: str, settings: DestinationSettings, store_of: StoreOf) -> str | None:
    """The prefix, in a bucket or folder of a store, of the files that are written to a destination. None if they
    are written elsewhere.
    """
    if isinstance(settings, S3Prefix):
        same = (store_of(settings.account), settings.bucket) == (store, bucket)
        return settings.prefix if same else None
    if isinstance(settings, LocalFolder):
        return _below(store, "folder:", settings.path)
    if isinstance(settings, SftpServer):
        server = f"sftp://{settings.user}@{settings.host.lower()}:{settings.port}/"
        return _below(store, server, settings.path)
    return None


def _below(store: StoreId, start: str, path: str) -> str | None:
    """The path of a folder below the folder of a store, with a slash at the end. None if it is not below it."""
    folder, top = PurePosixPath(path or "."), PurePosixPath(store.removeprefix(start) or ".")
    if not store.startswith(start) or not folder.is_relative_to(top):
        return None
    inner = folder.relative_to(top).as_posix()
    return "" if inner == "." else f"{inner}/"


def _written(prefix: str, target: ObjectsTarget) -> Language:
    """The keys that a load may write."""
    pieces: Pieces = plain(prefix)
    for part in _PLACEHOLDER.split(target.name):
        pieces += ANYTHING if part.startswith("{") else plain(part)
    return ((pieces + ANYTHING + plain(target.extension),),)
