"""A run whose output folder lies in an object store: it works on this disk, and the finished run is uploaded.

The working folder is found again by the address, so a killed run goes on where it was. A file goes up only where the
store does not have it; `manifest.json` goes last, so a folder in a store that has one is whole.

>>> published(work, loaded, "s3://bucket/medical-v1")  # doctest: +SKIP
RunResult(out=PosixPath('/home/me/.cache/tunesmith/runs/0f3a…'), …)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.cache_place import cache_folder
from tunesmith.curate.files.remote import MB, in_megabytes
from tunesmith.curate.files.stores import Store, open_store
from tunesmith.curate.files.urls import is_url, masked, scheme_of
from tunesmith.curate.folder import OUTPUTS, read_mark, written
from tunesmith.curate.progress import Progress
from tunesmith.curate.publish_objects import Listing, check_bucket, delete, is_same, listing, read, upload, write
from tunesmith.curate.recipe import LoadedRecipe, resolved
from tunesmith.errors import InputError, OutputError

if TYPE_CHECKING:
    from tunesmith.curate.run import RunResult

#: Says whose half-uploaded files lie in a folder; gone once the manifest is there.
MARKER = ".tunesmith-upload.json"
_MANIFEST = "manifest.json"
_REPLACE = "choose another --out, or add --replace to write over the run (other objects stay)"


def published(
    work: Callable[[Path], RunResult],
    loaded: LoadedRecipe,
    url: str,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Run into a folder of this disk and upload what the run wrote.

    :param work: runs the recipe into a folder, with `replace` as it was asked for.
    :returns: what `work` returned: its `out` is the folder on this disk, where `explain` and `preview` work.
    :raises OutputError: a folder in the store that is another run's (without `replace`) or nobody's, or a store that
    takes nothing. What was finished stays, here and there, and the same command goes on.
    """
    url = url.rstrip("/")
    with _open(url) as store:
        _refuse_inputs(url, loaded)
        _refuse_before(store, loaded, replace=replace)
    result = _worked(work, working_folder(url), url)
    with _open(url) as store:
        _upload_run(store, result.out, replace=replace, progress=progress or Progress())
    return result


def working_folder(url: str) -> Path:
    """Where the run of an address works: the same folder each time."""
    place = cache_folder("runs") / xxhash.xxh3_128_hexdigest(url.rstrip("/").encode())
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _worked(work: Callable[[Path], RunResult], folder: Path, url: str) -> RunResult:
    """A person knows the address, not the folder."""
    try:
        return work(folder)
    except OutputError as error:
        if error.where != str(folder):
            raise
        raise OutputError(error.what, where=url, remedy=error.remedy) from error


@contextmanager
def _open(url: str) -> Iterator[Store]:
    """The store to write to: what it refuses is an output that cannot be written."""
    if scheme_of(url) in ("http", "https"):
        raise OutputError("nothing is written to the web", where=masked(url), remedy="name s3://, gs:// or az://")
    try:
        with open_store(url) as store:
            yield store
    except InputError as error:
        raise OutputError(error.what, where=error.where, remedy=error.remedy) from error


def _refuse_inputs(url: str, loaded: LoadedRecipe) -> None:
    """:raises OutputError: where the run reads what it is to write, or would read its files as rows the next time."""
    for source in loaded.recipe.sources:
        path = source.path.rstrip("/")
        if not is_url(path):
            continue
        if path in (f"{url}/{name}" for name in OUTPUTS):
            raise OutputError(f"{source.path} is an input of this run", where=url, remedy="choose another --out")
        if url == path or url.startswith(f"{path}/"):
            what = f"lies inside the source folder {source.path}, which would read its files as rows the next time"
            raise OutputError(what, where=url, remedy="choose a folder beside it")


def _refuse_before(store: Store, loaded: LoadedRecipe, *, replace: bool) -> None:
    """What can be known before hours of work: the folder is nobody's, or of another recipe."""
    check_bucket(store)
    seen = _state(store, listing(store)).get("recipe")
    if seen is None or replace:
        return
    plain = resolved(loaded.recipe)
    if {**seen, "language": None} != {**jsontext.loads(jsontext.dumps(plain).encode()), "language": None}:
        raise OutputError("holds a finished run with another recipe", where=store.url, remedy=_REPLACE)


def _state(store: Store, there: Listing) -> Mapping[str, Any]:
    """The manifest of the run in the store, else the marker of one that was not uploaded to its end, else nothing.

    :raises OutputError: where an object that no run of Tunesmith wrote has the name of an output.
    """
    for name in (_MANIFEST, MARKER):
        if name in there:
            found = _object(read(store, name))
            if found is None:
                raise _foreign(store, name)
            return found
    for name in OUTPUTS:
        if name in there:
            raise _foreign(store, name)
    return {}


def _foreign(store: Store, name: str) -> OutputError:
    what = f"holds {name}, which no run of Tunesmith wrote"
    return OutputError(what, where=store.url, remedy="choose another --out; that object is never written over")


def _object(data: bytes) -> Mapping[str, Any] | None:
    try:
        found = jsontext.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "mark" in found else None


def _upload_run(store: Store, folder: Path, *, replace: bool, progress: Progress) -> None:
    mark, there = read_mark(folder), listing(store)
    state = _state(store, there)
    if state and state["mark"] != mark and not replace:
        raise OutputError("holds another run", where=store.url, remedy=_REPLACE)
    files = {path.name: path for path in written(folder)}
    if _is_published(store, there, files):
        _remove(store, there, [MARKER])
        progress.say(f"{store.url} has this run already; nothing was uploaded")
        return
    if MARKER not in there or state["mark"] != mark or _MANIFEST in there:
        write(store, MARKER, jsontext.dumps_sorted({"mark": mark}).encode())
        _remove(store, there, [_MANIFEST])  # none may stand over files that are not its own
    waiting = [path for name, path in files.items() if name != _MANIFEST and not is_same(there.get(name), path)]
    sent = [*waiting, files[_MANIFEST]]
    _upload_all(store, sent, progress)
    _remove(store, there, [name for name in OUTPUTS if name not in files])  # of a run that was replaced
    delete(store, MARKER)
    size = sum(path.stat().st_size for path in sent)
    progress.say(f"uploaded {len(sent)} files, {size / 1e6:,.1f} MB, to {store.url}")


def _remove(store: Store, there: Listing, names: Iterable[str]) -> None:
    for name in names:
        if name in there:
            delete(store, name)


def _is_published(store: Store, there: Listing, files: Mapping[str, Path]) -> bool:
    """Whether the store has this very manifest, and every file of it by its size."""
    if _MANIFEST not in there or read(store, _MANIFEST) != files[_MANIFEST].read_bytes():
        return False
    return all(name in there and there[name].get("size") == path.stat().st_size for name, path in files.items())


def _upload_all(store: Store, paths: list[Path], progress: Progress) -> None:
    total = sum(path.stat().st_size for path in paths)
    with progress.stage("upload", total=-(-total // MB), unit="MB") as advance:
        add = in_megabytes(advance)
        for path in paths:
            upload(store, path, add)
        add(-total % MB)
