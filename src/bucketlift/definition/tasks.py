"""The shape of a workflow's tasks in the file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from bucketlift.definition.contracts import ContractShape, DialectShape
from bucketlift.definition.fields import FieldShape, Words
from bucketlift.definition.places import Secret
from bucketlift.definition.shape import Bucket, Shape, Slug, Text, not_yet, said
from bucketlift.definition.values import ComparisonText, Delay, Limit, StartText
from bucketlift.model.workflow import NO_REJECTS, StartAll

CollisionWord = Literal["suffix", "hold"]
NOT_AT_ALL = timedelta(0)


def _readable_class(value: Any) -> Any:
    if value in ("GLACIER", "DEEP_ARCHIVE"):
        raise said(
            f"`storage_class` cannot be `{value}`",
            "A copy is read back before the original goes, and this tier cannot be read. Choose GLACIER_IR or STANDARD, and let a "
            "lifecycle rule of the archive bucket move the copies later.",
        )
    return value


StorageClass = Annotated[
    Literal[
        "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"
    ],
    BeforeValidator(_readable_class),
]


class KeepShape(Shape):
    action: Literal["keep"]


class DeleteShape(Shape):
    action: Literal["delete"]
    delay: Delay = NOT_AT_ALL


class MoveShape(Shape):
    """Moves the object to another bucket, or to a prefix outside the selection; the whole key is kept."""

    action: Literal["move"]
    bucket: Bucket
    prefix: str = ""
    on_collision: CollisionWord = "suffix"
    delay: Delay = NOT_AT_ALL
    storage_class: StorageClass | None = None


class RenameShape(Shape):
    """Renames the object in its folder: the prefix is put before the base name."""

    action: Literal["rename"]
    prefix: str
    on_collision: CollisionWord = "suffix"
    delay: Delay = NOT_AT_ALL
    storage_class: StorageClass | None = None


_Action = Annotated[KeepShape | DeleteShape | MoveShape | RenameShape, Field(discriminator="action")]


def _bare_word(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


AfterImportShape = Annotated[
    _Action,
    BeforeValidator(_bare_word, json_schema_input_type=Literal["keep", "delete"] | _Action),
]


class PgpShape(Shape):
    """The files are encrypted with PGP, for any of these keys."""

    keys: list[Text] = Field(default_factory=list)
    signers: list[Text] = Field(default_factory=list)
    require_signature: bool | None = None
    required: bool = True
    signed: Literal["accept", "hold"] = "hold"
    symmetric: Secret | None = None

    @model_validator(mode="after")
    def _opened_by_something(self) -> Self:
        if not self.keys and self.symmetric is None and self.signed == "hold":
            raise said(
                "`pgp` says nothing that opens a file",
                "Write keys: [NAME], symmetric: {secret: NAME} or signed: accept.",
            )
        return self

    @model_validator(mode="after")
    def _signed_by_somebody(self) -> Self:
        if self.require_signature and not self.signers:
            raise said(
                "a signature is required, and nobody is named who may sign",
                "Name the sender's keys: signers: [NAME].",
            )
        return self


class ArchiveShape(Shape):
    """The files to read from a zip or tar."""

    entries: Text = "*"
    ignore: Words = Field(default_factory=list)


class RestoreShape(Shape):
    """Requests objects in an archive tier to be restored. The first run that finds them restored loads them."""

    days: Annotated[int, Field(ge=1, le=365)]
    tier: Literal["Bulk", "Standard", "Expedited"] = "Standard"


class ExtractShape(Shape):
    """Finds files in a bucket and reads each exactly."""

    kind: Literal["s3"]
    account: Text
    bucket: Bucket
    prefix: str = ""
    pattern: Text | None = None
    requester_pays: bool = False
    restore: RestoreShape | None = None
    start: StartText = StartAll()
    order: Literal["key", "modified"] = "key"
    file_type: Literal["csv", "tsv"] = "csv"
    sample: Text | None = None
    columns: Annotated[list[Text], Field(min_length=1)] | None = None
    fields: dict[str, FieldShape] = Field(default_factory=dict)
    contract: ContractShape = ContractShape()
    dialect: DialectShape = DialectShape()
    max_rejected: Limit = NO_REJECTS
    max_bytes: Annotated[int, Field(ge=1)] | None = None
    repeats: Literal["load", "hold", "skip"] | None = None
    empty: Literal["hold", "skip"] = "hold"
    pgp: PgpShape | None = None
    compression: Literal["auto", "none", "gzip", "bzip2", "xz", "zstd", "zip"] = "auto"
    zip: Literal["one", "all"] = "one"
    archive: ArchiveShape | None = None
    after_import: AfterImportShape


class GroupShape(Shape):
    """All, or any, of these comparisons and groups."""

    all: list[TestShape] | None = Field(default=None, min_length=1)
    any: list[TestShape] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.all is None) == (self.any is None):
            raise said(
                "a condition asks either `all` or `any`", 'Write {all: ["files.rows > 0"]}; groups nest.'
            )
        return self

    @property
    def members(self) -> list[TestShape]:
        return (self.all or []) + (self.any or [])


TestShape = Annotated[
    Annotated[ComparisonText, Tag("a comparison")] | Annotated[GroupShape, Tag("a group")],
    Discriminator(lambda value: "a group" if isinstance(value, dict | GroupShape) else "a comparison"),
]


class ConditionShape(GroupShape):
    """A test, and the tasks that run if it is met or not met. Without task names it applies to every later task."""

    then: list[str] = Field(default_factory=list)
    otherwise: list[str] = Field(default_factory=list, alias="else")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[Text], BeforeValidator(_as_list, json_schema_input_type=list[str] | str)]


class LoadShape(Shape):
    """Loads what one extract task read into one table."""

    source: Text = Field(alias="from")
    to: Text
    table: Text
    mode: Literal["append", "upsert", "replace"] = "append"
    key: list[Text] = Field(default_factory=list)
    map: dict[str, Columns] = Field(default_factory=dict)
    lineage: Literal["auto", "on", "off"] = "auto"


class TaskShape(Shape):
    """One step of a workflow: its ID, and an extract, a condition or a load."""

    id: Slug
    renamed_from: Slug | None = None
    extract: ExtractShape | None = None
    condition: ConditionShape | None = None
    load: LoadShape | None = None
    transform: Any = Field(default=None, description="Not available in this version.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.transform is not None:
            raise not_yet("`transform`")
        if len([each for each in (self.extract, self.condition, self.load) if each is not None]) != 1:
            raise said("a task does exactly one thing", "Give it one of extract, condition or load.")
        return self
