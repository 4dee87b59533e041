"""Work on the blocks of a stream, several at a time and handed out in their order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Made = TypeVar("Made")

WORKERS: Final = max(2, min(4, os.cpu_count() or 2))
"""Blocks worked on at a time; Polars and the decoders are deaf to Python's lock for most of it."""


def in_order(tasks: Iterable[Callable[[], Made]], *, workers: int = WORKERS) -> Iterator[Made]:
    """Results of ``tasks`` in their order. The tasks are drawn here, a few ahead of what has been handed out."""
    running: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for task in tasks:
            running.append(pool.submit(task))
            while running and (len(running) > workers or running[0].done()):
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
