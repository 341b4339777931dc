"""What programs may import: a line that changes or goes is a breaking change, a new one belongs into the list."""

from __future__ import annotations

import enum
import inspect
from pathlib import Path
from typing import Any

import bucketlift
from bucketlift import errors

STORED = Path(__file__).parents[1] / "fixtures" / "python-api.txt"


def described(name: str, member: Any) -> str:
    if inspect.isclass(member) and issubclass(member, enum.Enum):
        return f"{name}: {', '.join(repr(each.value) for each in member)}"
    kind = ""
    if inspect.isclass(member) and issubclass(member, Exception):
        kind = f"[{', '.join(each.__name__ for each in member.__bases__)}]"
    return f"{name}{kind}{inspect.signature(member)}"


def api() -> list[str]:
    """Every public name with its signature."""
    classes = {
        name: member
        for name, member in vars(errors).items()
        if inspect.isclass(member) and issubclass(member, errors.BucketliftError)
    }
    return [
        *(described(f"bucketlift.{name}", getattr(bucketlift, name)) for name in sorted(bucketlift.__all__)),
        *(described(f"bucketlift.errors.{name}", member) for name, member in sorted(classes.items())),
    ]


def test_public_names_and_signatures_are_the_stored_ones():
    assert api() == STORED.read_text().splitlines()


def test_every_public_name_is_listed_by_dir_and_an_unknown_one_is_refused():
    assert set(bucketlift.__all__) <= set(dir(bucketlift))
    assert not hasattr(bucketlift, "no_such_name")
