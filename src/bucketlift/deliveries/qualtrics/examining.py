"""A doctor's findings about the platform."""

from __future__ import annotations

from collections.abc import Iterator

from bucketlift.deliveries.qualtrics.api import Api, segment
from bucketlift.errors import BucketliftError
from bucketlift.model.finding import Finding, Health


def examine(api: Api, directory: str | None) -> tuple[Finding, ...]:
    """Check what can be checked without an effect: the connection, the token, and the directory's mailing lists."""
    return tuple(_findings(api, directory))


def _findings(api: Api, directory: str | None) -> Iterator[Finding]:
    yield Finding(check="address", health=Health.OK, what=f"The platform is {api.base}")
    if directory is None:
        yield Finding(
            check="access",
            health=Health.WARNING,
            what="The token was not tried: the only harmless call that is known needs `directory`",
            hint="Load a small file first.",
        )
        return
    try:
        path = f"/directories/{segment(directory)}/mailinglists"
        api.get(path, f"directory {directory}")
    except BucketliftError as error:
        yield Finding(check="access", health=Health.MISSING, what=str(error), hint=error.hint)
        return
    yield Finding(
        check="access",
        health=Health.OK,
        what=f"The directory {directory} can be read. Rights to import were not tried",
    )
