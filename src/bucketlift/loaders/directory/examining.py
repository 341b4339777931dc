"""The doctor's checks of a directory."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.errors import BucketliftError
from bucketlift.loaders.directory.opening import Place, writing
from bucketlift.loaders.directory.tables import loads, people
from bucketlift.loaders.places import examine_file, failed_check
from bucketlift.model.finding import Finding, Health


def examine(place: Place) -> tuple[Finding, ...]:
    """Check whether the directory can be written.

    The test write is rolled back, so that nothing is left behind.
    """
    if place.path is not None:
        return examine_file(place.path, lambda: _open_to_read(place))
    try:
        return _open_to_read(place)
    except BucketliftError as error:
        return (failed_check("open", error),)


def _open_to_read(place: Place) -> tuple[Finding, ...]:
    with writing(place) as connection:
        counted = connection.execute(sa.select(people.c.kind, sa.func.count()).group_by(people.c.kind))
        counts: dict[str, int] = {row[0]: row[1] for row in counted}
        committed = connection.scalar(sa.select(sa.func.count()).where(loads.c.undone_at.is_(None))) or 0
    found = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in ("contacts", "employees"))
    return (
        Finding(check="open", health=Health.OK, what="The directory can be read and written"),
        Finding(
            check="directory", health=Health.OK, what=f"The directory has {found}, from {committed:,} loads"
        ),
    )
