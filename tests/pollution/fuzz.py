"""Coverage-guided bytes through framing and blocks, in a process of its own. ``python -m pollution.fuzz [MINUTES]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["bucketlift.tabular"]):
    from pollution.agreement import DIALECTS, LONGEST, REACHES, compare, compare_valid, compare_ways
    from pollution.generator import POLLUTIONS, cases

SETTINGS_BYTES = 2
"""The first bytes of an input choose how the others are read."""
BOTH_WAYS = 64
"""One input in so many goes through files, by blocks and record by record."""
VALID = 4
"""One in so many is made a legal file of."""
SIZES = (1, 37, 64, 1 << 20)
TOKENS = (
    '"',
    '""',
    ",",
    '",',
    ',"',
    '","',
    "\n",
    "\r\n",
    "\r",
    "\0",
    "id,name\n",
    "\xef\xbb\xbf",
    "'",
    ";",
    "\t",
)
INPUT_SECONDS = 10
"""An input that takes longer counts as a hang."""


def one_input(data: bytes) -> None:
    if len(data) < SETTINGS_BYTES:
        return
    how, way, body = data[0], data[1], data[SETTINGS_BYTES:]
    dialect, width = DIALECTS[how % len(DIALECTS)], 1 + how // 3 % 4
    if way % BOTH_WAYS == 0:
        compare_ways(body, block_bytes=SIZES[way // BOTH_WAYS % len(SIZES)], width=width)
    elif way % VALID == 1:
        compare_valid(body, dialect=dialect, width=width)
    else:
        reach, longest = REACHES[how // 12 % len(REACHES)], LONGEST[how // 36 % len(LONGEST)]
        compare(body, dialect=dialect, width=width, reach=reach, longest=longest)


def seeds() -> Iterator[bytes]:
    """A small polluted file of each kind, to begin with; few of them for the slow way, as their offspring takes it too."""
    for number, kind in enumerate(POLLUTIONS):
        for case in islice(cases(kind), 1):
            if len(case.data) < 1000:
                yield b"\6\1" + case.data
                yield (b"\6\2" if number % 10 else b"\6\0") + case.data


def main(minutes: float) -> None:
    """Fuzz; the process ends with 0 if nothing was found.

    What is found is written to the folder in which it was started, as ``crash-...`` or ``timeout-...``.
    """
    with TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for number, seed in enumerate(seeds()):
            (corpus / str(number)).write_bytes(seed)
        words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS))
        options = (
            f"-max_total_time={round(60 * minutes)}",
            f"-timeout={INPUT_SECONDS}",
            f"-dict={words}",
            "-max_len=2000",
            "-rss_limit_mb=2000",
            "-print_final_stats=1",
            "-verbosity=1",
        )
        atheris.Setup([sys.argv[0], *options, str(corpus)], one_input)
        atheris.Fuzz()


def _escaped(token: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token.encode("latin-1"))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1)
