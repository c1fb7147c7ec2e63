"""`manifest.json` says that a run is finished and what it was made of; `run.log.json` says how it went.

The manifest holds nothing of the host and no clock: two equal runs have equal manifests. The log is exempt. It guards
what the run wrote by digests, those of the stage files too, and itself by one of everything else in it; `verify.py`
checks them.

>>> manifest_digest({"mark": "8fb8", "digest": "of an older body"}) == manifest_digest({"mark": "8fb8"})
True
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.export import Exported
from tunesmith.curate.finished import Finished
from tunesmith.curate.ingest import Ingested
from tunesmith.curate.io import file_digest
from tunesmith.curate.recipe import resolved
from tunesmith.curate.rundata import stage_files
from tunesmith.curate.said import Said
from tunesmith.curate.shards import beside
from tunesmith.curate.sources import Source
from tunesmith.curate.stages import CACHE, is_whole, versions
from tunesmith.curate.summary import counts
from tunesmith.curate.threads import run_threads
from tunesmith.curate.timings import Timings, peak_memory_bytes


def finished_run(out: Path, mark: str) -> dict[str, Any] | None:
    """The manifest of a finished run with this mark, None where a file is missing or was changed."""
    try:
        manifest: dict[str, Any] = jsontext.loads((out / "manifest.json").read_bytes())
        if manifest["mark"] != mark or manifest["digest"] != manifest_digest(manifest):
            return None
        whole = all(file_digest(out / file["name"]) == file["digest"] for file in manifest["outputs"])
        stages = manifest["stage_digests"].items()
        whole = whole and all(_is_whole_stage(out / CACHE / name, digest) for name, digest in stages)
        whole = whole and (out / "run.log.json").exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest if whole else None


def _is_whole_stage(path: Path, digest: str) -> bool:
    """Whether a stage file is there to its end. To hash the large ones is what `verify` is for."""
    return is_whole(path) if path.suffix == ".arrow" else file_digest(path) == digest


def manifest_of(
    out: Path, run: Finished, exported: Exported, names: list[str], announcements: tuple[Said, ...]
) -> dict[str, Any]:
    """Everything that decided the bytes of a run, and the digests of what it wrote."""
    recipe = run.loaded.recipe
    body = {
        "mark": run.mark,
        "versions": versions(),
        "recipe": resolved(recipe),
        "counts": counts(run.ledger),
        "announcements": [said._asdict() for said in announcements],
        "inputs": [_input(source, ingested) for source, ingested in zip(run.rows.sources, run.rows.ingested)],
        "decisions": _named(recipe.decisions, run.files.decisions),
        "scores": _named(recipe.scores, run.files.scores),
        "applied": run.applied,
        "stages": dict(run.stages),
        "formats": exported.formats,
        "lines": exported.lines,
        "outputs": [
            {"name": name, "size_bytes": (out / name).stat().st_size, "digest": file_digest(out / name)}
            for name in sorted(names)
        ],
    }
    body["stage_digests"] = _stage_digests(out / CACHE, body)
    return body | {"digest": manifest_digest(body)}


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """The digest of everything in a manifest but its digest."""
    body = {name: value for name, value in manifest.items() if name != "digest"}
    return xxhash.xxh3_128_hexdigest(jsontext.dumps_sorted(body).encode())


def guarded_files(manifest: Mapping[str, Any]) -> list[str]:
    """The files of the stage cache that a manifest has digests of: what `explain`, `preview` and a next run read."""
    files = []
    for name in stage_files(manifest):
        folder, _, file = name.rpartition("/")
        if folder:  # a shard, called by the file of its records
            files += [f"{folder}/{beside(Path(file), what).name}" for what in ("rows", "columns", "signals")]
        else:
            files.append(name)
    folders = {name.rpartition("/")[0] for name in files} - {""}
    return sorted({*files, *(f"{folder}/done.json" for folder in folders)})


def _stage_digests(cache: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Read once more, most of it from memory: xxh3 takes 15 GB a second of one core."""
    names = guarded_files(manifest)
    return dict(zip(names, run_threads(lambda name: file_digest(cache / name), names, None)))


def _named(paths: Iterable[str], places: Iterable[Path]) -> list[dict[str, str]]:
    """Files as the recipe names them, and what they held."""
    return [{"path": path, "digest": file_digest(place)} for path, place in zip(paths, places)]


def _input(source: Source, ingested: Ingested) -> dict[str, Any]:
    """One source in the manifest. The shards' folder and names let `explain` find a row again."""
    return {
        "name": source.plan.name,
        "group": source.group,
        "path": source.asked,
        "formats": ingested.formats,
        "rows": ingested.rows,  # as the reader counted them
        "shards": [f"{path.parent.name}/{path.name}" for path in ingested.shards],
        "files": [
            {
                "name": _name_in(source.asked, file.path),
                "container": file.container,
                "encoding": file.encoding,
                "compression": file.compression,
                "size_bytes": file.size_bytes,
                "digest": file.digest,
                "start": start,
            }
            for file, start in zip_longest(source.plan.input.files, ingested.starts)
        ],
    }


def _name_in(asked: str, path: str) -> str:
    """What a file is called inside its source: below a folder its path there, else its last name."""
    below = path.removeprefix(asked.rstrip("/") + "/")
    return below if below != path else Path(path).name


def log_of(run: Finished, timings: Timings) -> dict[str, Any]:
    """Timings and host facts: the one output that differs from run to run."""
    total_bytes = sum(file.size_bytes for source in run.rows.sources for file in source.plan.input.files)
    n_rows = len(run.rows.row_ids)
    return {
        "started": datetime.fromtimestamp(timings.started, UTC).isoformat(),
        "seconds": round(timings.total, 3),
        "stages": {
            name: {"seconds": round(seconds, 3), "rows_per_second": round(n_rows / max(seconds, 1e-9))}
            for name, seconds in timings.seconds.items()
        },
        "recipe": str(run.loaded.path.absolute()) if run.loaded.path else None,  # so that `decide` finds it again
        "rows": n_rows,
        "input_bytes": total_bytes,
        "peak_memory_bytes": peak_memory_bytes(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.platform(),
    }
