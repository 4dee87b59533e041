"""Locks between processes that the system drops when their holder dies, however it dies."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    from fasteners.process_mechanism import _interprocess_reader_writer_mechanism as _windows
else:
    import fcntl


class FileLock:
    """A shared or exclusive lock on a file; forked children keep it held, executed programs do not inherit it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def try_acquire(self, *, shared: bool) -> bool:
        """Take the lock if nobody stands in the way; never waits."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            taken = _try_lock(descriptor, shared=shared)
        except OSError:
            os.close(descriptor)
            raise
        if not taken:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; does nothing when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        with os.fdopen(descriptor, "r+", closefd=False) as file:
            return bool(_windows.trylock(file, not shared))

else:

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
