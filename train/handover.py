"""Frozen tokens and labels in a folder, as training reads them: written in a stream, with a hash that is checked.

>>> made, fates = write_examples(encode(rows, template, encoding), Path("run/data/train"), encoding=encoding,
...     progress=Progress())  # doctest: +SKIP
>>> open_examples(made.folder).column_names  # doctest: +SKIP
['input_ids', 'labels', 'row_ids']

The folder holds `examples.arrow`, which `datasets` maps into memory, and `examples.json` with its hash. Nothing is kept
in memory but lengths and fates.

Packs carry `seq_lengths` beside their tokens: TRL's `DataCollatorForLanguageModeling(padding_free=True)` makes
`position_ids` of them that begin anew with each example, and hands over no attention mask. What keeps the examples of a
pack apart is the attention: on a CPU transformers' `sdpa` and `eager` do, on a GPU `flash_attention_2` too. They find
the borders in `position_ids`, but only without an attention mask and with `use_cache=False`; with a cache, which is the
default outside of TRL's trainer, each example sees all before it. The first label of each example in a pack is masked,
or the example before it would have to predict it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path, output_error
from tunesmith.curate.io import file_digest, read_json_object
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError
from tunesmith.train.sequences import Sequences, Spool, Totals
from tunesmith.train.types import Encoded, Encoding, Fate, HandOver

if TYPE_CHECKING:
    from datasets import Dataset

DATA, FACTS = "examples.arrow", "examples.json"
_VERSION = 1
_NAMES = ("hash", "n_rows", "n_examples", "n_sequences", "n_tokens", "n_trained")
_STEP = 1000  # rows between two signs of progress

FATE_SCHEMA = pa.schema(
    [
        ("row_id", pa.string()),
        ("source", pa.string()),
        ("group", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("detail", pa.string()),
        ("n_tokens", pa.int64()),
        ("n_trained", pa.int64()),
        ("n_examples", pa.int64()),
        ("flags", pa.list_(pa.string())),
    ]
)


def write_examples(
    encoded: Iterable[Encoded], folder: Path, *, encoding: Encoding, progress: Progress | None = None
) -> tuple[HandOver, list[Fate]]:
    """Write all examples, packed where `encoding` says so; a row that the mix wants twice stands there twice.

    The folder appears whole or not at all, and replaces one that was there.

    :returns: what was written, and the fate of every row.
    :raises OutputError: where the disk is full or nothing may be written there.
    """
    with _new_folder(folder) as part:
        spool, fates, copies = _spooled(encoded, part / "spool.arrow", progress or Progress())
        totals = _arranged(spool, copies, part / DATA, encoding)
        spool.remove()
        facts = _facts(totals, part / DATA, encoding, n_rows=sum(1 for fate in fates if fate.n_examples))
        (part / FACTS).write_text(jsontext.dumps_indented(facts), encoding="utf-8")
    return _hand_over(folder, facts), fates


def _spooled(encoded: Iterable[Encoded], path: Path, progress: Progress) -> tuple[Spool, list[Fate], list[int]]:
    """All examples once, in a file; how often each is wanted."""
    spool = Spool(path)
    fates: list[Fate] = []
    copies: list[int] = []
    with spool.writing(), progress.stage("encode", total=None, unit="rows") as advance:
        for row, examples, fate in encoded:
            fates.append(fate)
            for example in examples:
                spool.add(example)
                copies.append(row.copies)
            if len(fates) % _STEP == 0:
                advance(_STEP)
        advance(len(fates) % _STEP)
    return spool, fates, copies


def _arranged(spool: Spool, copies: Sequence[int], path: Path, encoding: Encoding) -> Totals:
    """Examples in the order of training: every one once, then those that are wanted once more, and so on."""
    most = max(copies, default=1)
    order = [index for copy in range(1, most + 1) for index, wanted in enumerate(copies) if wanted >= copy]
    groups: Iterable[list[int]] = ([index] for index in order)
    if encoding.packing:
        from tunesmith.train.packing import pack

        packs = pack([spool.lengths[index] for index in order], encoding.max_length)
        groups = ([order[place] for place in places] for places in packs)
    with spool.reading() as read, Sequences(path, packed=encoding.packing) as out:
        for group in groups:
            out.add([read(index) for index in group])
    return out.totals


def _facts(totals: Totals, data: Path, encoding: Encoding, *, n_rows: int) -> dict[str, Any]:
    counts = {name: getattr(totals, name) for name in ("n_examples", "n_sequences", "n_tokens", "n_trained")}
    return {
        "version": _VERSION,
        "hash": totals.hash,
        "file_hash": file_digest(data, str(data)),
        "n_rows": n_rows,
        **counts,
        "encoding": vars(encoding),
    }


def _hand_over(folder: Path, facts: dict[str, Any]) -> HandOver:
    return HandOver(folder, **{name: facts[name] for name in _NAMES})


def read_hand_over(folder: Path) -> HandOver:
    """What `write_examples` said of a folder.

    :raises InputError: where the folder holds no hand-over of this version.
    """
    return _hand_over(folder, _read_facts(folder))


def open_examples(folder: Path, *, expected: str | None = None) -> Dataset:
    """The examples, mapped into memory.

    :param expected: the hash that training began with.
    :raises InputError: where a file is missing, a byte differs from what was written, the hash is not the expected one,
        or there is no example.
    """
    from datasets import Dataset

    facts = _read_facts(folder)
    data = folder / DATA
    if not data.is_file():
        raise InputError(f"{DATA} is missing", where=str(folder), remedy="make the data anew from its rows")
    if file_digest(data, str(data)) != facts["file_hash"]:
        what = f"{DATA} is not what was written: its hash is another"
        raise InputError(what, where=str(folder), remedy="make the data anew from its rows")
    if expected is not None and facts["hash"] != expected:
        what = f"holds other data than training began with (hash {facts['hash']}, expected {expected})"
        remedy = "give the same rows, model and settings, or start a new run in another folder"
        raise InputError(what, where=str(folder), remedy=remedy)
    if not facts["n_sequences"]:
        raise InputError("holds no example: no row is left to train on", where=str(folder), remedy="see rows.parquet")
    return Dataset.from_file(str(data))


def _read_facts(folder: Path) -> dict[str, Any]:
    if not (folder / FACTS).is_file():
        raise InputError(
            f"{FACTS} is missing: no data was handed over here", where=str(folder), remedy="check the folder"
        )
    facts = read_json_object(folder / FACTS)
    if facts.get("version") != _VERSION or not {"file_hash", *_NAMES} <= facts.keys():
        raise InputError("was written by another version", where=str(folder / FACTS), remedy="make the data anew")
    return facts


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside it, which takes its place when the block ends well and vanishes when it does not."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        _check_replaceable(folder)
        part.mkdir(parents=True)
        yield part
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    except OSError as error:
        known = output_error(error, str(folder))
        if known is None:
            raise
        raise known from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / FACTS).is_file()):
        return
    if folder.exists():
        remedy = "choose another folder"
        raise OutputError("holds something else than handed-over data", where=str(folder), remedy=remedy)


def write_fates(path: Path, fates: Sequence[Fate]) -> None:
    """The ledger of training: a row of Parquet for each row.

    :raises OutputError: as `atomic_path`.
    """
    columns = list(zip(*fates)) if fates else [()] * len(FATE_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, FATE_SCHEMA)]
    with atomic_path(path) as part:
        pq.write_table(pa.Table.from_arrays(arrays, schema=FATE_SCHEMA), part)


def read_fates(path: Path) -> list[Fate]:
    """What `write_fates` wrote.

    :raises InputError: where there is no such file, or it is none of ours.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"is no ledger that can be read ({error})", where=str(path), remedy="check the path") from None
    if table.schema.names != FATE_SCHEMA.names:
        raise InputError("is no ledger of training", where=str(path), remedy="name the rows.parquet of a run")
    columns = [table.column(name).to_pylist() for name in FATE_SCHEMA.names[:-1]]
    flags = [tuple(some or ()) for some in table.column("flags").to_pylist()]
    return [Fate(*values) for values in zip(*columns, flags)]
