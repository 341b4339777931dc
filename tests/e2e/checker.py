"""Decides whether the invariants held, from what was put and what is there now; knows no code of the product."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator

from e2e.world import Put, World, rows_of

LOADED = {"committed", "acting", "done", "action-held"}
NAMED = LOADED | {"held", "retrying", "skipped", "gone", "superseded", "archived-tier"}


def check(
    world: World,
    *,
    append: tuple[str, ...] = (),
    upsert: tuple[str, ...] = (),
    quiet: bool = True,
    rejects: bool = False,
) -> None:
    """The invariants of design.md section 2, for workflows whose files all go to all these tables.

    ``quiet``: nothing may be unfinished. With ``rejects``, files may have rows that were not loaded.
    """
    told = world.files()
    broken = [
        *_unnamed(told, quiet=quiet),
        *_lost(world, told),
        *_overwritten(world),
        *_uncounted(world, told),
        *_secrets(world),
    ]
    for table in append:
        broken += _not_exactly_once(world, told, table, rejects=rejects)
    for table in upsert:
        broken += _missing_keys(world, told, table)
    assert broken == []


def _unnamed(told: list[dict[str, object]], *, quiet: bool) -> Iterator[str]:
    """I6: every occurrence ends in a named state, with a reason where somebody should know one."""
    for each in told:
        if each["state"] not in NAMED and quiet:
            yield f"{each['key']} is {each['state']} and nobody is at it"
        if each["state"] not in LOADED | {"claimed", "staged", "loading"} and not each["reason"]:
            yield f"{each['key']} is {each['state']} without a reason"


def _lost(world: World, told: list[dict[str, object]]) -> Iterator[str]:
    """I2: what is no longer in its bucket was committed, that very occurrence."""
    here = {
        (bucket, key, _etag(body))
        for bucket in world.server.buckets()
        for key, body in world.server.objects(bucket).items()
    }
    done = Counter((each["key"], each["etag"]) for each in told if each["state"] in LOADED)
    for put, times in Counter((put.bucket, put.key, put.etag) for put in world.puts).items():
        by_the_test = sum((each.bucket, each.key, each.etag) == put for each in world.taken_away)
        missing = times - by_the_test - (put in here)
        if missing > done[put[1:]]:
            yield f"{put[1]} left the bucket {missing} times and was committed {done[put[1:]]} times"


def _overwritten(world: World) -> Iterator[str]:
    """I3: what lay in the archive lies there still."""
    archive = world.server.objects("archive")
    for put in (each for each in world.puts if each.bucket == "archive"):
        if archive.get(put.key) != put.body and put not in world.taken_away:
            yield f"{put.key} of the archive was overwritten"


def _uncounted(world: World, told: list[dict[str, object]]) -> Iterator[str]:
    """I5: rows and rejects of a loaded file make up the whole file."""
    bodies = _bodies(world)
    for each in told:
        body = bodies.get((each["key"], each["etag"]))
        if each["state"] not in LOADED or body is None:
            continue
        records = sum(bool(line.strip()) for line in body.splitlines()[1:])
        if int(str(each["rows"])) + int(str(each["rejected"])) != records:
            yield f"{each['key']} has {records} records, of which {each['rows']} + {each['rejected']} are known"


def _not_exactly_once(
    world: World, told: list[dict[str, object]], table: str, *, rejects: bool
) -> Iterator[str]:
    """I1 and I4: the table holds every row of every loaded occurrence once, and nothing else."""
    bodies = _bodies(world)
    wanted: Counter[tuple[str, ...]] = Counter()
    for each in told:
        if each["state"] in LOADED:
            wanted.update(rows_of(bodies[each["key"], each["etag"]]))
    found = Counter(world.rows(table))
    if rejects:
        wanted &= found
    if found != wanted:
        yield f"{table}: missing {dict(wanted - found)}, too many {dict(found - wanted)}"


def _missing_keys(world: World, told: list[dict[str, object]], table: str) -> Iterator[str]:
    """I1: each key of a loaded file is there once, with a value that some file gave it."""
    bodies = _bodies(world)
    given = {
        row for each in told if each["state"] in LOADED for row in rows_of(bodies[each["key"], each["etag"]])
    }
    found = world.rows(table)
    if not set(found) <= given:
        yield f"{table} has rows of no loaded file"
    if sorted(row[0] for row in found) != sorted({row[0] for row in given}):
        yield f"{table} has the keys {[row[0] for row in found]}"


def _secrets(world: World) -> Iterator[str]:
    """I8: no secret rests in the ledger in clear."""
    for text in _ledger_texts(world):
        if world.server.secret_key in text:
            yield "the operator's secret is in the ledger"


def _ledger_texts(world: World) -> Iterator[str]:
    with sqlite3.connect(f"file:{world.home / 'ledger.sqlite'}?mode=ro", uri=True) as ledger:
        tables = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in ledger.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names of the ledger itself
                yield json.dumps(row, default=repr)
    ledger.close()


def _bodies(world: World) -> dict[tuple[object, object], bytes]:
    puts: list[Put] = world.puts
    return {(put.key, put.etag): put.body for put in puts}


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
