"""Frames put aside until all files are read, cut by the hash of their order number so that each part fits in memory."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

import polars as pl

_BUCKET: Final = "__bucket"


def buckets(frame: pl.DataFrame, count: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Rows of ``frame`` by the bucket of their ``order_no``, 0 to ``count`` - 1; empty ones are left out.

    The same number falls into the same bucket for as long as the process lives, whatever file it came from.
    """
    if count == 1:
        yield 0, frame
        return
    bucket = (pl.col("order_no").hash() % count).cast(pl.UInt16)
    parts = frame.with_columns(bucket.alias(_BUCKET)).partition_by(_BUCKET, as_dict=True, include_key=False)
    for (number,), part in parts.items():
        yield int(number), part


class Store(Protocol):
    """Where frames lie, by a name and a bucket."""

    def put(self, name: str, bucket: int, frame: pl.DataFrame) -> None:
        """Append rows; all frames of one name have the same columns."""

    def take(self, name: str, bucket: int) -> pl.DataFrame | None:
        """Hand out the rows in the order in which they came, and forget them; None when there are none."""

    def close(self) -> None:
        """Give everything up."""


class Memory:
    """A store in this process's memory, for drops that are small or whose result is kept whole anyway."""

    def __init__(self) -> None:
        self._frames: dict[tuple[str, int], list[pl.DataFrame]] = {}

    def put(self, name: str, bucket: int, frame: pl.DataFrame) -> None:
        """See ``Store.put``."""
        self._frames.setdefault((name, bucket), []).append(frame)

    def take(self, name: str, bucket: int) -> pl.DataFrame | None:
        """See ``Store.take``."""
        frames = self._frames.pop((name, bucket), [])
        return pl.concat(frames) if frames else None

    def close(self) -> None:
        """See ``Store.close``."""
        self._frames.clear()


class Disk:
    """A store in one file of a folder: Arrow streams one after the other, and where each of them lies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.spool"
        self._file = self._path.open("w+b")
        self._pieces: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self._end = 0

    def put(self, name: str, bucket: int, frame: pl.DataFrame) -> None:
        """See ``Store.put``."""
        piece = as_arrow(frame)
        self._file.seek(self._end)
        self._file.write(piece)
        self._pieces.setdefault((name, bucket), []).append((self._end, len(piece)))
        self._end += len(piece)

    def take(self, name: str, bucket: int) -> pl.DataFrame | None:
        """See ``Store.take``."""
        frames = []
        for start, length in self._pieces.pop((name, bucket), []):
            self._file.seek(start)
            frames.append(of_arrow(self._file.read(length)))
        return pl.concat(frames) if frames else None

    def close(self) -> None:
        """See ``Store.close``."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def as_arrow(frame: pl.DataFrame) -> memoryview:
    """Frame as an Arrow stream; texts lie one after the other in it, not with what their block held beside them."""
    buffer = BytesIO()
    frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest(), compression="lz4")
    return buffer.getbuffer()


def of_arrow(content: bytes | memoryview) -> pl.DataFrame:
    """Frame that ``as_arrow`` made."""
    return pl.read_ipc_stream(BytesIO(content))
