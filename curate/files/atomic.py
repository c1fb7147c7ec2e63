"""A file appears whole or not at all: written under a temporary name beside it, flushed to the disk, then renamed.

The temporary name is always the same, so what a killed process left is written over by the next one.

>>> with atomic_path(Path("rows.jsonl")) as part:
...     _ = part.write_bytes(b"{}")
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tunesmith.errors import OutputError

_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "free some space or write elsewhere"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or write elsewhere"),
    errno.EFBIG: ("the file grew past the size limit", "raise the limit (`ulimit -f`) or write elsewhere"),
    errno.EACCES: ("no permission to write", "check the folder's permissions or write elsewhere"),
    errno.EPERM: ("no permission to write", "check the folder's permissions or write elsewhere"),
    errno.EROFS: ("the file system is read-only", "write elsewhere"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EIO: ("the disk reports a fault", "write elsewhere"),
}


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary sibling to write to. It takes the name `path` when the block ends well and vanishes when it does not.

    A symbolic link stays, and the file that it points to is replaced.

    :raises OutputError: no such folder, no permission, disk full or file too large; nothing half-written stays.
    """
    shown, target = str(path), Path(os.path.realpath(path))
    _check_target(target, shown)
    part = target.with_name(f".{target.name}.part")
    lock = -1
    try:
        lock = _lock_new(part)
        if lock < 0:
            part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            yield part
            _sync(part)
            part.replace(target)
        except BaseException:
            _discard(part)
            raise
    except OSError as error:
        known = _told(error, shown, part)
        if known is None:
            raise
        raise known from error
    finally:
        if lock >= 0:
            os.close(lock)


def publish(whole: Path, path: str | Path) -> None:
    """Give a file that `atomic_path` wrote under another name in the same folder its own.

    :raises OutputError: as `atomic_path`.
    """
    target = Path(os.path.realpath(path))
    _check_target(target, str(path))
    try:
        whole.replace(target)
    except OSError as error:
        known = output_error(error, str(path))
        if known is None:
            raise
        raise known from error


def flush_folder(folder: Path) -> None:
    """Flush the names that files have taken in a folder to its disk: from here on a power cut takes none of them back.
    A file system that cannot do that, and a folder that may not be looked into, are left as they are.

    :raises OutputError: where the disk reports a fault, or is full.
    """
    try:
        _sync(folder)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EBADF, errno.EACCES, errno.EPERM):
            return
        known = output_error(error, str(folder))
        if known is None:
            raise
        raise known from error


def _told(error: OSError, shown: str, part: Path) -> OutputError | None:
    if error.errno == errno.ENOENT and error.filename == str(part):
        return OutputError("cannot be written: the folder takes no new files", where=shown, remedy="write elsewhere")
    return output_error(error, shown)


def holds_anything(folder: Path) -> bool:
    """Whether a folder has anything in it but the temporary files of a process that was killed before its first file
    was whole."""
    return any(not (path.name.startswith(".") and path.name.endswith(".part")) for path in folder.iterdir())


def output_error(error: OSError, where: str) -> OutputError | None:
    """What a person can do about a failed write, or None where the failure is not about writing."""
    found = _REMEDIES.get(error.errno or 0)
    if found is None:
        return None
    what, remedy = found
    return OutputError(f"cannot be written: {what}", where=where, remedy=remedy)


def _check_target(target: Path, shown: str) -> None:
    try:
        wrong = _wrong_target(target)
    except OSError as error:  # a folder above it may not be looked into
        known = output_error(error, shown)
        if known is None:
            raise
        raise known from error
    if wrong:
        what, remedy = wrong
        raise OutputError(f"cannot be written: {what}", where=shown, remedy=remedy)


def _wrong_target(target: Path) -> tuple[str, str] | None:
    if not target.parent.is_dir():
        return f"there is no folder {target.parent}", "make it first or write elsewhere"
    if target.is_dir():
        return "a folder has that name", "choose another name"
    if target.exists() and not target.is_file():  # renaming over /dev/null would replace the device
        return "it is a device or a pipe", "name a regular file"
    return None


def _lock_new(part: Path) -> int:
    """Make the temporary file, empty, and lock it: a descriptor to close when it is renamed or removed.

    -1 where another writer has it now, or it is another user's, or the file system has no locks.
    """
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o666)
    except PermissionError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), part.stat()):  # else it was renamed before we had the lock
            os.ftruncate(descriptor, 0)
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return -1


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(part: Path) -> None:
    with suppress(OSError):  # never made, or on a disk that takes no changes
        part.unlink()
