"""Delivers each file of a load as one file to a place, with create-only calls.

A repeat finds the file of the former attempt and changes nothing: a file that is not encrypted is recognized by its
bytes. Encryption gives other bytes each time. An encrypted file is recognized by the owner that a bucket keeps with it;
elsewhere it is uploaded under a temporary name first, and the ledger records its hash before it gets its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bucketlift.codecs.pgp_encrypt import Recipient, encrypt
from bucketlift.errors import (
    AccessRefused,
    DestinationBusy,
    DestinationRefused,
    NameTaken,
    NeedsPerson,
    NotFound,
    PlaceTaken,
    StoreUnavailable,
)
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, Counts, DeliveredFile, Promise
from bucketlift.model.finding import Finding
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.load import Target
from bucketlift.model.objects.file_format import ObjectCompression, ObjectFormat
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.rows import RowStream
from bucketlift.model.source import OnCollision
from bucketlift.objects.formats.write import Written, sha256_of, write_file
from bucketlift.objects.places.place import Expected, ObjectPlace, StagedPlace
from bucketlift.ports.delivery import NotSent
from bucketlift.rules.objects.names import collision_name, object_name

_ABSENT = Answer(state=AnswerState.ABSENT)


class UnusableName(DestinationRefused):
    """No file can have the name that the template gives."""

    reason = HeldReason.UNUSABLE_NAME.value


class ObjectsDelivery:
    """Implements ``ports.Delivery``. ``recipients`` finds the keys with these names."""

    def __init__(
        self, place: ObjectPlace, recipients: Callable[[tuple[str, ...]], tuple[Recipient, ...]]
    ) -> None:
        self._place, self._recipients = place, recipients

    def promise(self, target: Target) -> Promise:  # noqa: ARG002 - of the port
        return Promise.EXACTLY_ONCE

    def contents(
        self, target: Target, file: DeliveredFile, rows: RowStream, folder: Path
    ) -> Iterator[Content]:
        target = _objects(target)
        name = object_name(target, file)
        if isinstance(name, Hold):
            raise UnusableName(name.what, to=file.key, hint=name.hint)
        path = folder / "plain"
        try:
            written = write_file(target, rows, path)
            sha256 = written.sha256
            if target.recipients:
                path, sha256 = self._encrypted(target, path, written)
        except OSError as error:
            raise DestinationBusy(
                f"The file cannot be written to the spool ({error.strerror})",
                to=str(folder),
                hint="Make room on the disk of Bucketlift's home.",
            ) from error
        yield Content(
            lines=(), rows_in_file=written.rows, span=written.span, sha256=sha256, path=path, name=name
        )

    def send(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        target, path = _objects(target), _path(content)
        if not isinstance(self._place, StagedPlace):
            return self._create(target, chunk, lambda name: self._place.put(name, path, _mark(chunk)))
        try:
            self._place.stage(_name(chunk), path, _owner(chunk))
        except StoreUnavailable as error:
            raise NotSent(error.what, to=error.to, hint=error.hint) from error
        except NeedsPerson as error:
            raise _refused(error) from error
        if target.recipients:
            return Answer(state=AnswerState.RUNNING, job=sha256_of(path))
        return self._publish(target, chunk, self._place)

    def ask(self, target: Target, chunk: Chunk, content: Content) -> Answer:  # noqa: ARG002 - of the port
        target = _objects(target)
        try:
            if found := self._found(target, chunk):
                return found
            if not (isinstance(self._place, StagedPlace) and target.recipients and chunk.job):
                return _ABSENT
            expected = Expected(sha256=chunk.job)
            if not self._place.holds_staged(_name(chunk), _owner(chunk), expected):
                return _ABSENT
        except StoreUnavailable as error:
            raise NotSent(error.what, to=error.to, hint=error.hint) from error
        answer = self._publish(target, chunk, self._place)
        if answer.state is AnswerState.UNKNOWN:  # ask again for these bytes: a repeat would encrypt to others
            raise NotSent(answer.detail or "the answer was lost", to=self._place.address(_name(chunk)))
        return answer

    def where_to_look(self, chunk: Chunk) -> str:
        return f"Look whether {self._place.address(_name(chunk))} exists."

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    def examine(self) -> tuple[Finding, ...]:
        return self._place.examine()

    def _publish(self, target: ObjectsTarget, chunk: Chunk, place: StagedPlace) -> Answer:
        # Both names of a chunk are in the same folder, so the uploaded file can get either.
        return self._create(target, chunk, lambda name: place.publish(name, _owner(chunk)))

    def _create(self, target: ObjectsTarget, chunk: Chunk, create: Callable[[str], None]) -> Answer:
        """Create the file under the first of its names that is free."""
        for name in _names(target, chunk):
            try:
                create(name)
            except PlaceTaken:
                found = self._found(target, chunk)
                if found is not None:
                    return found
            except StoreUnavailable as error:
                return Answer(state=AnswerState.UNKNOWN, detail=f"{error.what}. {error.hint}".strip())
            except NeedsPerson as error:
                raise _refused(error) from error
            else:
                return _confirmed(chunk, name)
        self._place.discard(_name(chunk), _owner(chunk))
        raise NameTaken(
            "Another file already has this name, and its bytes are different",
            to=self._place.address(_name(chunk)),
            hint="Remove or rename that file and retry this one; or set `on_collision: suffix`, or add {load} to the load's `name`.",
        )

    def _found(self, target: ObjectsTarget, chunk: Chunk) -> Answer | None:
        """The confirmation of a file that a former attempt created; None if there is none."""
        expected = self._expected(target, chunk)
        for name in _names(target, chunk):
            if self._place.holds(name, expected):
                self._place.discard(name, _owner(chunk))
                return _confirmed(chunk, name)
        return None

    def _expected(self, target: ObjectsTarget, chunk: Chunk) -> Expected:
        if not target.recipients:
            return Expected(sha256=chunk.sha256)
        if isinstance(self._place, StagedPlace):
            return Expected(sha256=chunk.job or "")
        return Expected(owner=_mark(chunk))

    def _encrypted(self, target: ObjectsTarget, plain: Path, written: Written) -> tuple[Path, str]:
        """The encrypted file, and a hash that only depends on the plain file and the recipients."""
        recipients, path = self._recipients(target.recipients), plain.with_name("encrypted")
        packed = target.format is ObjectFormat.PARQUET or target.compression is not ObjectCompression.NONE
        encrypt(plain, path, recipients, compress=not packed)
        plain.unlink()
        parts = (written.sha256, *sorted(each.fingerprint for each in recipients))
        return path, hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _objects(target: Target) -> ObjectsTarget:
    assert isinstance(target, ObjectsTarget)  # noqa: S101 - the compiler allows no other target for this destination
    return target


def _names(target: ObjectsTarget, chunk: Chunk) -> tuple[str, ...]:
    name = _name(chunk)
    if target.on_collision is OnCollision.HOLD:
        return (name,)
    return (name, collision_name(target, name, chunk.load))


def _owner(chunk: Chunk) -> str:
    """The name of an unfinished upload. A later upload of the same chunk replaces it."""
    return f"{chunk.load}-{chunk.number}"


def _mark(chunk: Chunk) -> str:
    """What a bucket keeps with the object. If a person lets the chunk be sent again, its mark is another one."""
    return f"{_owner(chunk)}-{chunk.token}" if chunk.token else _owner(chunk)


def _name(chunk: Chunk) -> str:
    assert chunk.name is not None  # noqa: S101 - ``contents`` names each
    return chunk.name


def _path(content: Content) -> Path:
    assert content.path is not None  # noqa: S101 - ``contents`` writes each to a file
    return content.path


def _confirmed(chunk: Chunk, name: str) -> Answer:
    return Answer(state=AnswerState.CONFIRMED, counts=Counts(inserted=chunk.rows), name=name)


def _refused(error: NeedsPerson) -> NeedsPerson:
    """Errors that stop a load task are passed on; others concern the file."""
    if isinstance(error, AccessRefused | NotFound | DestinationRefused):
        return error
    return DestinationRefused(error.what, to=error.to, hint=error.hint)
