"""Runs benchmarks and writes their table: `python -m benchmarks [WORK ...] --size short`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import fields, replace
from pathlib import Path

from benchmarks import degenerate, directory, encrypted, page, report
from benchmarks.peers import PEERS
from benchmarks.rounds import compete
from benchmarks.scene import Scene
from benchmarks.sizes import SIZES, Sizes
from benchmarks.works import WORKS


def main(arguments: list[str] | None = None) -> int:
    told = _parser().parse_args(arguments)
    if told.works == ["page"]:
        return page.main()
    if told.works == ["degenerate"]:
        return degenerate.main()
    if told.works == ["directory"]:
        return directory.main(told.contacts)
    sizes = _sizes(told)
    scene = Scene(
        cache=told.cache.absolute(),
        sizes=sizes,
        peers=tuple(told.peers.split(",")) if told.peers != "none" else (),
        server=told.server,
        limit=told.limit,
    )
    outcomes: list[report.Outcome] = []
    table = ""
    try:
        for key in told.works or WORKS:
            work = WORKS[key](scene)
            outcomes.append((work, compete(scene, work)))
            table = _write(told.out or scene.cache / "results", report.document(outcomes, sizes))
    finally:
        scene.close()
        encrypted.forget()
    sys.stdout.write(table)
    ours = [one for _, standings in outcomes for one in standings if one.contender.ours]
    return 1 if any(one.why for one in ours) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "works",
        nargs="*",
        metavar="WORK",
        help=f"of {', '.join(WORKS)}; else all; or page, degenerate or directory by itself",
    )
    parser.add_argument("--size", choices=SIZES, default="short", help="a set of sizes; short takes minutes")
    for field in fields(Sizes):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int, help="instead of the set's")
    parser.add_argument("--peers", default=",".join(PEERS), help="separated by commas, or none")
    parser.add_argument(
        "--contacts", type=int, nargs="+", default=(), help="numbers of contacts, for directory"
    )
    parser.add_argument("--server", choices=("auto", "moto", "double"), default="auto")
    parser.add_argument("--limit", type=float, default=3_600, help="seconds that one run may take")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "bucketlift-bench")
    parser.add_argument("--out", type=Path, help="folder of result.md and result.json; else CACHE/results")
    return parser


def _sizes(told: argparse.Namespace) -> Sizes:
    given = {field.name: getattr(told, field.name) for field in fields(Sizes)}
    return replace(SIZES[told.size], **{name: value for name, value in given.items() if value is not None})


def _write(folder: Path, document: dict[str, object]) -> str:
    """The table. It is written after each work, so that what breaks later loses nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    table = report.markdown(document)
    (folder / "result.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "result.md").write_text(table)
    return table


if __name__ == "__main__":
    sys.exit(main())
