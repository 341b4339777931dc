"""Parses a workflow file to its shape, and checks what can be checked with the file alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bucketlift.definition.defaults import with_defaults
from bucketlift.definition.wording import problems_of
from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import refusal
from bucketlift.definition.yaml.read import read_yaml
from bucketlift.errors import RequestWrong
from bucketlift.schema.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A file with a valid shape, and the positions of its parts."""

    document: Document
    located: Located
    folder: Path
    """The folder to which the file's relative paths refer."""


def parse_file(path: Path) -> Parsed:
    """Read a workflow file.

    Raises:
        RequestWrong: the file does not exist, or cannot be read.
        DefinitionWrong: the file is not a valid workflow file.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RequestWrong("no such file", to=str(path), hint="Check the path.") from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise RequestWrong(f"cannot be read ({reason})", to=str(path), hint="Check the path.") from None
    return parse(content, name=str(path), folder=path.absolute().parent)


def parse(content: bytes, *, name: str, folder: Path) -> Parsed:
    """Read the bytes of a workflow file. Errors call the file ``name``."""
    return shaped(read_yaml(content, name), folder=folder)


def shaped(plain: Located, *, folder: Path) -> Parsed:
    """Convert the document to the shape of a workflow file.

    Raises:
        DefinitionWrong: the document does not have this shape.
    """
    located = with_defaults(plain)
    if located.value is None:
        hint = "Write version, project and workflows; `bucketlift init` makes an example."
        raise refusal([located.problem("the file is empty", (), hint)])
    try:
        document = Document.model_validate(located.value, context={"folder": folder})
    except ValidationError as error:
        raise refusal(problems_of(error, located)) from None
    return Parsed(document=document, located=located, folder=folder)
