"""Every file of a finished run against the sizes and digests in its manifest: a flipped byte is found here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.compression import unpacked_chunks
from tunesmith.curate.folder import written
from tunesmith.curate.manifest import guarded_files
from tunesmith.curate.progress import Progress
from tunesmith.curate.stages import CACHE, MARK
from tunesmith.curate.verify_found import Findings
from tunesmith.curate.verify_manifest import MANIFEST, Manifest
from tunesmith.errors import InputError

_EXEMPT = frozenset({MANIFEST, "run.log.json"})
_MB = 1_000_000


class Checked(NamedTuple):
    """What became of the files that the manifest names, by their paths in the run's folder.

    `whole` have the digest of the manifest, `damaged` have not or are missing; what an older run has no digest of is
    in neither. `unreadable` are those of the damaged that the system gives no bytes of. `size_bytes` is what was read.
    """

    whole: frozenset[str] = frozenset()
    damaged: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    size_bytes: int = 0


class _Wanted(NamedTuple):
    name: str
    digest: str | None  # None where an older manifest has none
    size_bytes: int | None


def check_files(folder: Path, manifest: Manifest, found: Findings, progress: Progress) -> Checked:
    """Read every output and stage file once, a chunk at a time."""
    wanted = list(_wanted(manifest))
    sizes = {one.name: _size(folder / one.name) for one in wanted}
    total = sum(sizes[one.name] or 0 for one in wanted if one.digest)
    whole, damaged, unreadable = set(), set(), set()
    with progress.stage("check digests", total=total // _MB, unit="MB") as advance:
        count = _megabytes(advance)
        for one in wanted:
            try:
                problem = _problem(folder / one.name, one, sizes[one.name], count)
            except InputError as error:
                problem = error.what
                unreadable.add(one.name)
            if problem:
                found.add(one.name, problem)
                damaged.add(one.name)
            elif one.digest:
                whole.add(one.name)
    _check_others(folder, manifest, found)
    _check_mark(folder, manifest, found)
    return Checked(frozenset(whole), frozenset(damaged), frozenset(unreadable), total)


def _wanted(manifest: Manifest) -> Iterator[_Wanted]:
    for output in {output.name: output for output in manifest.outputs}.values():
        yield _Wanted(output.name, output.digest, output.size_bytes)
    for name in guarded_files(manifest.model_dump()):
        yield _Wanted(f"{CACHE}/{name}", manifest.stage_digests.get(name), None)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _problem(path: Path, wanted: _Wanted, size: int | None, count: Callable[[int], None]) -> str | None:
    """What is wrong with a file, None where nothing is.

    :raises InputError: where it cannot be read.
    """
    if size is None:
        return "is missing"
    if wanted.digest is None:
        return None
    seen = _digest(path, count)
    if seen == wanted.digest:
        return None
    if wanted.size_bytes not in (None, size):
        return f"has {size:,} bytes where the run wrote {wanted.size_bytes:,}"
    return f"was changed: its digest is {seen}, the manifest says {wanted.digest}"


def _digest(path: Path, count: Callable[[int], None]) -> str:
    digest = xxhash.xxh3_128()
    for chunk in unpacked_chunks(path, None, where=str(path)):
        digest.update(chunk)
        count(len(chunk))
    return digest.hexdigest()


def _megabytes(advance: Callable[[int], None]) -> Callable[[int], None]:
    """Counts bytes, and tells whole megabytes."""
    rest = 0

    def count(size_bytes: int) -> None:
        nonlocal rest
        done, rest = divmod(rest + size_bytes, _MB)
        if done:
            advance(done)

    return count


def _check_others(folder: Path, manifest: Manifest, found: Findings) -> None:
    """A file with the name of an output that this run did not write: a trainer might take it for one of its own."""
    known = {output.name for output in manifest.outputs} | _EXEMPT
    for path in written(folder):
        if path.name not in known:
            found.add(path.name, "has the name of an output, and the manifest does not know it")


def _check_mark(folder: Path, manifest: Manifest, found: Findings) -> None:
    """`.stages/run.json` says whose folder this is; its mark is a digest of what else it says."""
    path = folder / CACHE / MARK
    if not path.exists():
        return  # somebody emptied the cache, and the manifest's mark stands for it
    name = f"{CACHE}/{MARK}"
    try:
        seen = jsontext.loads(path.read_bytes())
        spelled = jsontext.dumps_sorted(seen).encode() == path.read_bytes()
        mark = _mark_of(manifest, seen["parts"])
    except (OSError, ValueError, KeyError, TypeError):
        found.add(name, "is not what a run writes")
        return
    if not spelled or seen.keys() != {"mark", "parts"} or seen["mark"] != manifest.mark:
        found.add(name, "was changed: it has not the mark of the manifest")
    elif manifest.digest and mark != manifest.mark:
        found.add(name, "was changed: its parts do not make the mark of the manifest")


def _mark_of(manifest: Manifest, parts: object) -> str:
    """`stages.fingerprint`, with the versions that the run had."""
    return xxhash.xxh3_128_hexdigest(jsontext.dumps_sorted([manifest.versions, parts]).encode())
