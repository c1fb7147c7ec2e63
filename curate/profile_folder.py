"""`tunesmith curate profile FILE --out DIR`: a profile with every row that it measured, to be looked through.

    profile.json      what `--json` prints, and in `inspections` what `curate inspect` says of each source
    rows.parquet      a line a row: place, language, lengths, what is wrong with it (`ROW_COLUMNS`)
    bad_rows.jsonl    the rows that could not be read, as they came, each with its place and the reason
    ingest-*/         the rows themselves

>>> write_profile(["data/general.jsonl"], Path("profile"))  # doctest: +SKIP

`profile_data.py` opens it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import output_error
from tunesmith.curate.inspect import as_json as inspection_as_json
from tunesmith.curate.inspect import inspect_source
from tunesmith.curate.io import write_bytes, write_lines
from tunesmith.curate.profile import Measured, Profile, measure_sources
from tunesmith.curate.profile import as_json as profile_as_json
from tunesmith.curate.profile_data import BAD_ROWS, PROFILE, TABLE, is_profile
from tunesmith.curate.progress import Progress
from tunesmith.curate.rows import Rows
from tunesmith.curate.store import RowStore
from tunesmith.errors import OutputError

#: Columns of `rows.parquet` that are as the run has them; further `first_equal`, the number of the first row with the
#: same content (-1 where this is it or it could not be read), and `rule`, the default rule that would drop the row.
ROW_COLUMNS = (
    "source", "position", "content_id", "format", "kind", "invalid", "detail", "language", "prompt_characters",
    "answer_characters", "words", "missing_answer", "empty_turns", "disordered_turn", "placeholders",
    "language_mismatch", "broken_tool_calls", "shard", "row",
)  # fmt: skip


def write_profile(
    paths: Sequence[str],
    out: Path,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Profile:
    """Inspect and profile sources into a folder, which appears whole or not at all; an older profile there is replaced.

    :raises InputError: a source that cannot be read at all.
    :raises OutputError: a folder that holds something else, or cannot be written.
    """
    progress = progress or Progress()
    with _whole_folder(out) as part:
        inspections = [inspect_source(path, format=format, columns=columns, progress=progress) for path in paths]
        measured = measure_sources(paths, part, format=format, columns=columns, progress=progress, workers=workers)
        shards = [path.relative_to(part).as_posix() for one in measured.rows.ingested for path in one.shards]
        told = {
            **profile_as_json(measured.profile),
            "inspections": [inspection_as_json(found) for found in inspections],
            "shards": shards,
        }
        pq.write_table(_table(measured), part / TABLE, compression="zstd")
        bad = measured.rows.columns["invalid"].is_valid().to_numpy()
        if bad.any():
            write_lines(part / BAD_ROWS, _bad_rows(measured.rows, np.flatnonzero(bad)))
        write_bytes(part / PROFILE, jsontext.dump_bytes(told))
    return measured.profile


def _table(measured: Measured) -> pa.Table:
    columns = measured.rows.columns
    table = columns.select(ROW_COLUMNS).append_column("first_equal", pa.array(_first_equal(columns)))
    return table.append_column("rule", pa.array(measured.outcome.rule_names(), pa.string()))


def _first_equal(columns: pa.Table) -> Any:
    """For each row the number of the first with the same key, -1 for that one and for what could not be read."""
    readable = columns["invalid"].is_null().to_numpy()
    codes = columns["row_key"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    codes = np.where(readable, codes, -1).astype(np.int64)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    found = first[inverse]
    return np.where(readable & (found != np.arange(len(codes))), found, -1).astype(np.int64)


def _bad_rows(rows: Rows, numbers: Any) -> Iterator[bytes]:
    """As `curate convert --skip` writes rejected rows."""
    shards = [path for one in rows.ingested for path in one.shards]
    raws = dict(RowStore(shards, rows.columns, {}).raws(numbers))
    for number in numbers.tolist():
        line = rows.columns.slice(number, 1).select(["position", "invalid", "detail"]).to_pylist()[0]
        place = rows.sources[int(rows.source[number])].plan.input.locate(line["position"])
        head = jsontext.dump_bytes({"place": place, "code": line["invalid"], "reason": line["detail"]})
        yield head[:-1] + b',"row":' + _as_json(raws[number]) + b"}"


def _as_json(raw: bytes) -> bytes:
    """The row on one line where it is JSON, else its text or bytes."""
    try:
        jsontext.loads(raw)
    except ValueError:
        return jsontext.dump_bytes(jsontext.bytes_as_json(raw))
    return jsontext.one_line(raw)


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    if out.exists() and not is_profile(out) and (not out.is_dir() or any(out.iterdir())):
        raise OutputError("is not empty and holds no profile", where=str(out), remedy="choose another --out")
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of one that was killed
        part.mkdir(parents=True)
        yield part
        if out.exists():
            shutil.rmtree(out)
        part.rename(out)
    except OSError as error:
        raise output_error(error, str(out)) or error from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
