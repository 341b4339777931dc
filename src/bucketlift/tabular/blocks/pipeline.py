"""Parses blocks in other threads while the next blocks are read, and yields the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from bucketlift.tabular.blocks.block_filter import Block
from bucketlift.tabular.blocks.parsing import Parsed
from bucketlift.tabular.csv.records import Framed

THREADS = 2
AHEAD = 2
"""Maximum number of blocks that wait to be parsed or used. Their bytes and rows use most of the memory."""


def parsed(pieces: Iterable[Framed | Block], parse: Callable[[Block], Parsed]) -> Iterator[Framed | Parsed]:
    """Yield all items in their original order, with each block parsed. Several threads work at once, because
    reading and parsing mostly release Python's global lock.
    """
    waiting = deque[Future[Parsed]]()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="parse") as pool:
        try:
            for piece in pieces:
                if isinstance(piece, Block):
                    waiting.append(pool.submit(parse, piece))
                    if len(waiting) > AHEAD:
                        yield waiting.popleft().result()
                else:
                    while waiting:
                        yield waiting.popleft().result()
                    yield piece
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    # Otherwise memory kept by reading adds to what loading needs: 80 MB wasted.
    pa.default_memory_pool().release_unused()


def parsed_here(
    pieces: Iterable[Framed | Block], parse: Callable[[Block], Parsed]
) -> Iterator[Framed | Parsed]:
    """Yield all items like ``parsed``, but use only this thread. This is quicker for a file that would be
    finished before another thread starts.
    """
    return (parse(piece) if isinstance(piece, Block) else piece for piece in pieces)
