"""The shapes of a workflow's tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer, Tag, model_validator

from bucketlift.model.contract import FileType, Policies, Policy
from bucketlift.model.packing import Archive, Compression, ZipEntries
from bucketlift.model.pgp import Pgp
from bucketlift.model.source import OnCollision, Restore, RestoreTier
from bucketlift.model.workflow import (
    NO_REJECTS,
    AfterImport,
    AllOf,
    AnyOf,
    Comparison,
    Delete,
    Keep,
    Move,
    Order,
    Rename,
    Repeats,
    StartAll,
    Test,
)
from bucketlift.schema.contracts import ContractShape, DialectShape
from bucketlift.schema.data_loads import LoadRecordsShape, LoadResponsesShape
from bucketlift.schema.deliveries import LoadRowsShape
from bucketlift.schema.fields import FieldShape
from bucketlift.schema.loads import BaseLoadShape, LoadShape
from bucketlift.schema.objects import LoadObjectsShape
from bucketlift.schema.people import LoadContactsShape, LoadEmployeesShape
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import (
    Shape,
    exactly_one,
    invalid,
    raise_errors,
    raise_missing,
    to_mapping,
)
from bucketlift.schema.transforms import TransformShape
from bucketlift.schema.values import (
    Bucket,
    Choice,
    ComparisonText,
    Converted,
    Delay,
    Items,
    Limit,
    OneOrMore,
    Slug,
    StartText,
    Text,
    comparison_text,
    switch,
    written_as,
)

NOT_AT_ALL = timedelta(0)


def _readable_class(value: Any) -> Any:
    if value in ("GLACIER", "DEEP_ARCHIVE"):
        raise invalid(
            f"`storage_class` cannot be `{value}`",
            "The copy is read back before the original is deleted, and objects in this tier cannot be read. Choose GLACIER_IR or STANDARD, and let a "
            "lifecycle rule of the archive bucket move the copies later.",
        )
    return value


StorageClass = Annotated[
    Literal[
        "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"
    ],
    BeforeValidator(_readable_class),
]


class KeepShape(Shape, model=Keep):
    action: Literal["keep"]


class DeleteShape(Shape, model=Delete):
    action: Literal["delete"]
    delay: Delay = NOT_AT_ALL


class MoveShape(Shape, model=Move):
    """Moves the object to another bucket, or to a prefix outside the selection. The copy keeps the whole key.
    `bucket` is required for S3, and cannot be used for other stores.
    """

    action: Literal["move"]
    bucket: Bucket | None = None
    prefix: str = ""
    on_collision: Choice[OnCollision] = OnCollision.SUFFIX
    delay: Delay = NOT_AT_ALL
    storage_class: StorageClass | None = None


class RenameShape(Shape, model=Rename):
    """Renames the object in its folder: the prefix is added before the base name."""

    action: Literal["rename"]
    prefix: str
    on_collision: Choice[OnCollision] = OnCollision.SUFFIX
    delay: Delay = NOT_AT_ALL
    storage_class: StorageClass | None = None


_Action = Annotated[KeepShape | DeleteShape | MoveShape | RenameShape, Field(discriminator="action")]


def _bare_word(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


def _dump_action(action: AfterImport) -> Any:
    mapping = to_mapping(action)
    return action.action if len(mapping) == 1 else mapping


AnyAction = Annotated[
    AfterImport,
    written_as(_Action),
    BeforeValidator(_bare_word, json_schema_input_type=Literal["keep", "delete"] | _Action),
    PlainSerializer(_dump_action),
]


class PgpShape(Shape, model=Pgp):
    """The files are encrypted with PGP, each for any of these keys."""

    keys: Items[Text] = ()
    signers: Items[Text] = ()
    require_signature: bool | None = None
    required: bool = True
    signed_accepted: Annotated[bool, switch("accept", "hold")] = Field(default=False, alias="signed")
    symmetric: Secret | None = None

    @model_validator(mode="after")
    def _check_decryption(self) -> Self:
        if not self.keys and self.symmetric is None and not self.signed_accepted:
            raise invalid(
                "`pgp` has no key, no passphrase and no `signed: accept`",
                "Write keys: [NAME], symmetric: {secret: NAME} or signed: accept.",
            )
        return self

    @model_validator(mode="after")
    def _check_signers(self) -> Self:
        if self.require_signature and not self.signers:
            raise invalid(
                "a signature is required, but `signers` is empty",
                "Name the sender's keys: signers: [NAME].",
            )
        return self

    @model_validator(mode="after")
    def _check_repeated(self) -> Self:
        raise_errors(
            ((word,), f"the key `{name}` is named twice", "Name the key once.")
            for word, names in (("keys", self.keys), ("signers", self.signers))
            for name, count in Counter(names).items()
            if count > 1
        )
        return self

    def to_model(self) -> Pgp:
        """Convert to the model. If the file does not set ``require_signature``, it is true if there are
        signers.
        """
        if self.require_signature is None:
            return self.model_copy(update={"require_signature": bool(self.signers)}).to_model()
        pgp: Pgp = super().to_model()
        return pgp

    @classmethod
    def from_model(cls, value: Pgp) -> Self:
        values = cls.attributes(value)
        if value.require_signature == bool(value.signers):
            del values["require_signature"]
        return cls.without_defaults(**values)


class ArchiveShape(Shape, model=Archive):
    """Which files of a zip or tar are read."""

    always_written = frozenset({"entries", "ignore"})

    entries: Text = "*"
    ignore: OneOrMore[str] = ()

    @model_validator(mode="after")
    def _check_patterns(self) -> Self:
        raise_errors(
            (
                (key,),
                f"`archive: {key}` has a pattern that matches no file: {pattern!r}",
                'Names in an archive do not start with a slash: "data/*.csv".',
            )
            for key, patterns in (("entries", [self.entries]), ("ignore", self.ignore))
            for pattern in patterns
            if not pattern or pattern.startswith("/")
        )
        return self


class RestoreShape(Shape, model=Restore):
    """Requests that objects in an archive tier are restored. The first run that finds an object restored
    loads it.
    """

    days: Annotated[int, Field(ge=1, le=365)]
    tier: Choice[RestoreTier] = RestoreTier.STANDARD


_EMPTY = {"hold": Policy.HOLD, "skip": Policy.IGNORE}


class ExtractShape(Shape):
    """Finds files in a bucket, in a folder or on an SFTP server, and reads each file exactly. `bucket` is
    required for S3, and cannot be used for other stores.
    """

    always_written = frozenset({"file_type"})

    kind: Literal["s3", "folder", "sftp"]
    account: Text
    bucket: Bucket | None = None
    prefix: str = ""
    pattern: Text | None = None
    requester_pays: bool = False
    restore: Annotated[Restore, written_as(RestoreShape)] | None = None
    start: StartText = StartAll()
    order: Choice[Order] = Order.KEY
    file_type: Choice[FileType] = FileType.CSV
    sample: Text | None = None
    columns: Annotated[Items[Text], Field(min_length=1)] | None = None
    fields: dict[str, FieldShape] = Field(default_factory=dict)
    contract: Annotated[Policies, written_as(ContractShape)] = Policies()
    dialect: DialectShape = DialectShape()
    max_rejected: Limit = NO_REJECTS
    max_bytes: Annotated[int, Field(ge=1)] | None = None
    repeats: Choice[Repeats] | None = None
    pgp: Annotated[Pgp, written_as(PgpShape)] | None = None
    compression: Choice[Compression] = Compression.AUTO
    zip: Choice[ZipEntries] = ZipEntries.ONE
    archive: Annotated[Archive, written_as(ArchiveShape)] | None = None
    empty: Annotated[
        Policy,
        Converted(Literal["hold", "skip"], _EMPTY.get, {each: word for word, each in _EMPTY.items()}.get),
    ] = Policy.HOLD
    after_import: AnyAction

    @model_validator(mode="after")
    def _check_compression(self) -> Self:
        if self.archive is not None and self.compression is Compression.NONE:
            what = "`archive` cannot be used with `compression: none`, which decompresses nothing"
            raise_errors([(("archive",), what, "Leave `compression` out: zip and tar are recognised.")])
        return self

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if self.kind == "s3":
            raise_missing(_missing_buckets(self))
        else:
            raise_errors(_only_in_s3(self))
        return self


def _missing_buckets(extract: ExtractShape) -> Iterator[tuple[str, ...]]:
    if extract.bucket is None:
        yield ("bucket",)
    if isinstance(extract.after_import, Move) and not extract.after_import.bucket:
        yield ("after_import", "bucket")


def _only_in_s3(extract: ExtractShape) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield the problems of settings that only S3 supports, and of prefixes that cannot be paths below a
    folder.
    """
    action, of_files = extract.after_import, f"for `kind: {extract.kind}`"
    if extract.bucket is not None:
        hint = f"Leave it out: the account's folder takes its place. For a folder inside, write prefix: {extract.bucket}/"
        yield ("bucket",), f"there is no bucket {of_files}", hint
    if extract.requester_pays:
        yield ("requester_pays",), f"`requester_pays` cannot be used {of_files}", "Leave it out."
    if extract.restore is not None:
        yield ("restore",), f"`restore` cannot be used {of_files}", "Leave it out."
    if isinstance(action, Move) and action.bucket:
        hint = f"Leave it out, and write a prefix that is a folder: {action.bucket}/"
        yield ("after_import", "bucket"), f"there is no bucket {of_files}", hint
    if isinstance(action, Move | Rename) and action.storage_class is not None:
        hint = "Leave it out."
        yield ("after_import", "storage_class"), f"`storage_class` cannot be used {of_files}", hint
    prefixes: list[tuple[tuple[str, ...], str]] = [(("prefix",), extract.prefix)]
    if isinstance(action, Move | Rename):
        prefixes.append((("after_import", "prefix"), action.prefix))
    for keys, prefix in prefixes:
        if any(step in ("", ".", "..") for step in prefix.split("/")[:-1]) or "\0" in prefix:
            hint = "Write folders below the account's folder, with one slash after each: in/2027/"
            yield keys, "the prefix is not a path below the account's folder", hint


class GroupShape(Shape, model=AllOf | AnyOf):
    """A group of comparisons and groups, of which all or any must be met."""

    all: Annotated[Items[AnyTest], Field(min_length=1)] | None = None
    any: Annotated[Items[AnyTest], Field(min_length=1)] | None = None

    _one = exactly_one(
        *("all", "any"),
        what="a condition has either `all` or `any`",
        hint='Write {all: ["files.rows > 0"]}. A group can contain other groups.',
    )

    def to_model(self) -> AllOf | AnyOf:
        return AnyOf(tests=self.any or ()) if self.all is None else AllOf(tests=self.all)

    @classmethod
    def from_model(cls, value: Test) -> Self:
        """The shape of a test. A single comparison becomes a group with one comparison."""
        tests = (value,) if isinstance(value, Comparison) else value.tests
        return cls.without_defaults(**{"any" if isinstance(value, AnyOf) else "all": tests})


AnyTest = Annotated[
    Test,
    Converted(
        Annotated[
            Annotated[ComparisonText, Tag("a comparison")] | Annotated[GroupShape, Tag("a group")],
            Discriminator(lambda value: "a group" if isinstance(value, dict) else "a comparison"),
        ],
        lambda test: test if isinstance(test, Comparison) else test.to_model(),
        lambda test: comparison_text(test) if isinstance(test, Comparison) else to_mapping(test),
    ),
]


class ConditionShape(GroupShape):
    """A test, and the tasks that run if the test is met or not met. Without task names, the condition applies
    to every later task.
    """

    then: Items[str] = ()
    otherwise: Items[str] = Field(default=(), alias="else")


Part = ExtractShape | TransformShape | ConditionShape | BaseLoadShape


class TaskShape(Shape):
    """One step of a workflow: its ID, and an extract, a transform, a condition or a load."""

    id: Slug
    renamed_from: Slug | None = None
    extract: ExtractShape | None = None
    transform: TransformShape | None = None
    condition: ConditionShape | None = None
    load: LoadShape | None = None
    load_contacts: LoadContactsShape | None = None
    load_employees: LoadEmployeesShape | None = None
    load_responses: LoadResponsesShape | None = None
    load_records: LoadRecordsShape | None = None
    load_rows: LoadRowsShape | None = None
    load_objects: LoadObjectsShape | None = None

    @classmethod
    def kinds(cls) -> list[str]:
        """The keys that give a task its kind. A task has exactly one of them."""
        return [key for key in cls.model_fields if key not in {"id", "renamed_from"}]

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        *kinds, last = self.kinds()
        if [getattr(self, kind) is not None for kind in (*kinds, last)].count(True) != 1:
            raise invalid(
                f"a task has exactly one of {', '.join(kinds)} and {last}",
                "Set one of them.",
            )
        return self

    def part(self) -> tuple[str, Part]:
        """The task's settings, after the key that gives its kind."""
        return next((kind, part) for kind in self.kinds() if (part := getattr(self, kind)) is not None)
