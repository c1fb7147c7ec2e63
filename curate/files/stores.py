"""Object stores through fsspec: opened for one piece of work, and every failure of one told in a sentence.

A store works in a thread of its own. It ends with the work, so that a run can fork its worker processes afterwards.

>>> with open_store("memory://bucket/a.txt") as store:
...     store.fs.pipe_file(store.path, b"hello")
...     store.info(store.path)["size"]
5
"""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

from tunesmith.curate.files.urls import UnreachableError, masked, refuse_secrets, scheme_of
from tunesmith.errors import InputError, TunesmithError


class Store(NamedTuple):
    """One address in a store. `path` is the address as the store's file system writes it."""

    fs: Any
    path: str
    url: str

    def info(self, path: str) -> dict[str, Any]:
        """What the store says now of an object or folder.

        :raises InputError: where it is not there, or the store gives no answer.
        """
        with told(self.shown(path)):
            self.fs.invalidate_cache()
            found: dict[str, Any] = self.fs.info(path)
            return found

    def found(self, path: str) -> dict[str, Any] | None:
        """The same, None where nothing has that name.

        :raises UnreachableError: where the store gives no answer.
        """
        try:
            return self.info(path)
        except UnreachableError:
            raise
        except InputError:
            return None

    def shown(self, path: str) -> str:
        """The address of an object by its path."""
        if self.url.endswith(self.path):
            return self.url[: len(self.url) - len(self.path)] + path
        return str(self.fs.unstrip_protocol(path))


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """The store of an address, until the block ends.

    :raises InputError: an address with credentials in it, of no known store, or one whose library is not installed.
    """
    refuse_secrets(url)
    if "::" in url:
        raise InputError("an address inside another is not followed", where=url, remedy="unpack it first")
    from fsspec import get_filesystem_class
    from fsspec.core import url_to_fs

    with told(url):
        kind = get_filesystem_class(_known_scheme(url))
    with _own_loop() as loop:
        settings: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
        if getattr(kind, "async_impl", False):
            settings["loop"] = loop
        with told(url):
            fs, path = url_to_fs(url, **settings)
        try:
            yield Store(fs, path, url)
        finally:
            _close(fs, loop)


def _known_scheme(url: str) -> str:
    from fsspec import available_protocols

    scheme = scheme_of(url)
    if scheme not in available_protocols():
        raise InputError(f"no store is known as {scheme}://", where=url, remedy="s3, gs, az, abfs, hdfs and https are")
    return scheme


@contextmanager
def _own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread that ends here: fsspec's own stays for good, and no process with two threads forks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="store", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        with suppress(TimeoutError):  # what was interrupted goes on in it
            asyncio.run_coroutine_threadsafe(_wind_up(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        if not thread.is_alive():
            loop.close()


async def _wind_up() -> None:
    """End what Ctrl-C left under way, and the threads that looked up names."""
    loop = asyncio.get_running_loop()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_default_executor()


def _close(fs: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Close its connections; each library names the way otherwise."""
    client = getattr(fs, "_s3", None) or getattr(fs, "_session", None)
    close = getattr(client, "close", None)
    if close is None or not asyncio.iscoroutinefunction(close):
        return
    with suppress(TimeoutError, OSError):
        asyncio.run_coroutine_threadsafe(close(), loop).result(timeout=10)


#: What fsspec and the stores' libraries call their failures, by the name of the class, with what a person can do.
#: The first class of an error that stands here counts, the nearest one before those that it derives from.
_NOT_THERE = ("FileNotFoundError", "ResourceNotFoundError")
_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; other stores have variables of their own"
_NETWORK = "check the network and the endpoint (AWS_ENDPOINT_URL)"
_REASONS: dict[str, tuple[str, str]] = {
    "NoCredentialsError": ("no credentials were found", _KEYS),
    "PartialCredentialsError": ("half of the credentials are missing", _KEYS),
    "CredentialRetrievalError": ("the credentials cannot be had", _KEYS),
    "ProfileNotFound": ("the profile of credentials does not exist", "check AWS_PROFILE"),
    "TokenRetrievalError": ("the sign-in has ended", "sign in again (`aws sso login`)"),
    "DefaultCredentialsError": ("no credentials were found", "set GOOGLE_APPLICATION_CREDENTIALS"),
    "ClientAuthenticationError": ("the store refuses access", "check the keys and what they may do"),
    "PermissionError": ("the store refuses access", "check the keys, what they may do, and this machine's clock"),
    "EndpointConnectionError": ("the store cannot be reached", _NETWORK),
    "HTTPClientError": ("the store cannot be reached", _NETWORK),
    "ClientConnectionError": ("the store cannot be reached", _NETWORK),
    "ServiceRequestError": ("the store cannot be reached", _NETWORK),
    "ConnectionError": ("the store cannot be reached", _NETWORK),
    "TimeoutError": ("the store gives no answer", _NETWORK),
    "ClientPayloadError": ("the answer broke off", "run the same command again"),
    "ImportError": ("its library is missing", "install it"),
}
#: Libraries by scheme, where fsspec's own message names none.
_LIBRARIES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
_LIBRARIES |= {"abfss": "adlfs", "hdfs": "pyarrow", "oss": "ossfs", "http": "aiohttp", "https": "aiohttp"}
_OF_STORES = ("botocore", "aiobotocore", "boto3", "aiohttp", "fsspec", "s3fs", "gcsfs", "google", "azure", "adlfs")
#: Failures of our own disk, which whoever writes there tells.
_OURS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def told(url: str) -> Iterator[None]:
    """Every failure of a store in the block as one sentence about the address; our own bugs keep their traceback.

    :raises InputError: nothing is there.
    :raises UnreachableError: every other failure.
    """
    try:
        yield
    except TunesmithError:
        raise
    except Exception as error:
        known = _told(error, url)
        if known is None:
            raise
        raise known from error


def _told(error: Exception, url: str) -> InputError | None:
    if isinstance(error, OSError) and error.errno in _OURS:
        return None
    error = _behind(error)
    names = [kind.__name__ for kind in type(error).__mro__]
    shown, said = masked(url), _first_line(error, url)
    if any(name in _NOT_THERE for name in names):
        remedy = "check the name, and with S3 the endpoint (AWS_ENDPOINT_URL)"
        return InputError(f"there is no such object, folder or bucket{said}", where=shown, remedy=remedy)
    if isinstance(error, ImportError):
        library = _LIBRARIES.get(scheme_of(url))
        remedy = f"pip install '{library}'" if library else "install what it names"
        what = f"the library for {scheme_of(url)}:// is not installed{said}"
        return UnreachableError(what, where=shown, remedy=remedy)
    reason = next((_REASONS[name] for name in names if name in _REASONS), None)
    if reason is None and not _is_of_a_store(error):
        return None
    what, remedy = reason or ("the store reports a fault", "check the address, or run the same command again")
    return UnreachableError(f"{what}{said}", where=shown, remedy=remedy)


def _behind(error: Exception) -> Exception:
    """What fsspec calls a missing file on the web may be a server that is not there, or that refuses."""
    cause = error.__cause__
    if not isinstance(error, FileNotFoundError) or not isinstance(cause, Exception):
        return error
    if getattr(cause, "status", None) in (401, 403):
        return PermissionError(str(cause))
    named = any(kind.__name__ in _REASONS for kind in type(cause).__mro__)
    return cause if named else error


def _is_of_a_store(error: Exception) -> bool:
    """Whether it is a failure of the store or of what was asked of it; anything else is a bug and stays one."""
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return isinstance(error, OSError | ValueError | NotImplementedError) or not modules.isdisjoint(_OF_STORES)


def _first_line(error: Exception, url: str) -> str:
    """What the library said, in brackets; nothing where that is only the name again."""
    line = masked(next(iter(str(error).strip().splitlines()), "") or type(error).__name__)
    return "" if line.rstrip("/") in url else f" ({line})"


#: What stores call the version of an object, the surest first. An ETag is of the bytes, or of each writing.
_VERSIONS = ("ETag", "etag", "md5Hash", "md5", "content_md5", "Content-MD5", "Digest", "generation")
_TIMES = ("LastModified", "last_modified", "Last-Modified", "updated", "mtime", "modified", "created")


def version_of(info: Mapping[str, Any]) -> str | None:
    """What differs when an object is written again; None where the store does not tell.

    >>> version_of({"ETag": '"9a0364b9"', "size": 7})
    'ETag "9a0364b9", 7 bytes'
    """
    for name in (*_VERSIONS, *_TIMES):
        if info.get(name):
            return f"{name} {_plain(info[name])}, {info.get('size')} bytes"
    return None


def _plain(value: Any) -> Any:
    """A time in seconds: some stores tell it as a number in a listing and as a date of a single object."""
    if isinstance(value, datetime):
        value = value.timestamp()
    return f"{value:.3f}" if isinstance(value, float) else value
