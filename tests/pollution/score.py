"""The scoreboard: what each reader makes of the polluted files. ``python -m pollution.score [EVERY]``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pollution.case import Case
from pollution.generator import POLLUTIONS, all_cases
from pollution.judge import Judgement, Outcome, judge
from pollution.peers import ABSENT, PEERS
from pollution.readers import OURS, Reader

Score = Counter[tuple[str, str, Outcome]]
"""How many files of a kind came to an outcome with a reader: reader, kind, outcome."""


def judged(cases: Iterable[Case], readers: Mapping[str, Reader]) -> Iterator[tuple[Case, str, Judgement]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "polluted")
        for case in cases:
            path.write_bytes(case.data)
            for name, reader in readers.items():
                yield case, name, judge(case, reader(path, case.base))


def score(cases: Iterable[Case], readers: Mapping[str, Reader]) -> Score:
    return Counter((name, case.kind, found.outcome) for case, name, found in judged(cases, readers))


def totals(found: Score, readers: Iterable[str]) -> Iterator[str]:
    yield f"{'reader':<26}" + "".join(f"{outcome:>16}" for outcome in Outcome)
    for name in readers:
        counts = (sum(found[name, kind, outcome] for kind in POLLUTIONS) for outcome in Outcome)
        yield f"{name:<26}" + "".join(f"{count:>16,}" for count in counts)


def by_kind(found: Score, readers: Iterable[str]) -> Iterator[str]:
    """Silently wrong files of each kind; one line a kind, one column a reader."""
    names = list(readers)
    yield "silently wrong, by kind; columns: " + ", ".join(f"{n} = {name}" for n, name in enumerate(names, 1))
    yield f"{'kind':<34}{'files':>7}" + "".join(f"{n:>7}" for n, _ in enumerate(names, 1))
    for kind in POLLUTIONS:
        files = sum(found[names[0], kind, outcome] for outcome in Outcome)
        wrong = (found[name, kind, Outcome.WRONG] for name in names)
        yield f"{kind:<34}{files:>7,}" + "".join(f"{count or '.':>7}" for count in wrong)


def main(every: int) -> int:
    """Print the scoreboard of one file in so many; 1 where one was read silently wrong by us as we come."""
    readers = OURS | PEERS
    found = score(all_cases(every), readers)
    lines = [*totals(found, readers), "", *by_kind(found, readers)]
    lines += [f"{name}: not installed" for name in ABSENT]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(found["bucketlift", kind, Outcome.WRONG] for kind in POLLUTIONS))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
