"""What an index is made of: how its rows were compared and sketched, and the Arrow schema of its rows.

Sketches of one version say nothing to another version's, so every index carries a `kernel` tag, a digest of what a few
fixed rows sketch to: an index that another version made is refused instead of silently matching nothing.

>>> form = form_of(on="row", threshold=0.7, ngram=5)
>>> form.bands, parse_form(form.as_json(), where="train.index.arrow") == form
(Bands(n_bands=32, n_rows=4), True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.bands import RECALL, Bands, fill_band_keys, solve_bands
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.pairs import MAP_WORDS, fill_maps
from tunesmith.curate.records import KINDS, Message, Record, content_id, to_batch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Signatures, sketch
from tunesmith.errors import InputError

VERSION = 1
N_SLOTS = 128
_NAMES_OF_ROWS = ("row_id", "content_id")
_PROBE = (
    Record("sft", (Message("system", "Be brief."), Message("user", "What is 1 + 1? Ⅻ ﬁn"), Message("assistant", "2"))),
    Record(
        "sft", (Message("user", "咳嗽三天，怎么办？"), Message("assistant", "多喝水，好好休息；三天不见好请就医。"))
    ),
    Record("text", text="The quick brown fox jumps over the lazy dog, and the dog sleeps on."),
)


@dataclass(frozen=True)
class IndexForm:
    """How the rows of an index are compared (`on`, `threshold`, `ngram`), sketched and found; `recall` at threshold."""

    on: str
    threshold: float
    ngram: int
    recall: float
    n_slots: int
    n_bands: int
    rows_a_band: int
    version: int
    kernel: str

    @property
    def bands(self) -> Bands:
        """The bands of a signature."""
        return Bands(self.n_bands, self.rows_a_band)

    @property
    def with_answer(self) -> bool:
        """Whether the answers have to be alike too."""
        return self.on == "row"

    @property
    def schema(self) -> pa.Schema:
        """One line a row. `class` tells apart what is never compared: kinds, and the two labels of KTO."""
        fields: list[tuple[str, Any]] = [
            *((name, pa.string()) for name in _NAMES_OF_ROWS),
            ("class", pa.int8()),
            ("keys", pa.list_(pa.uint64(), self.n_bands)),
            ("map", pa.list_(pa.uint64(), MAP_WORDS)),
            ("compared", pa.large_list(pa.uint64())),
        ]
        return pa.schema(fields + [("answer", pa.large_list(pa.uint64()))] * self.with_answer)

    def as_json(self) -> bytes:
        """For the metadata of a store."""
        return jsontext.dump_bytes(asdict(self))


class Sketches(NamedTuple):
    """The rows of one batch as arrays. `answers` has no rows where answers are not compared."""

    classes: npt.NDArray[np.int8]
    keys: npt.NDArray[np.uint64]
    maps: npt.NDArray[np.uint64]
    compared: ShingleSets
    answers: ShingleSets


NO_SETS = ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))


def form_of(*, on: str, threshold: float, ngram: int) -> IndexForm:
    """The form of a new index."""
    bands = solve_bands(threshold, n_slots=N_SLOTS)
    if bands.n_bands < 2:  # only near a threshold of 1; datasketch knows no single band, and two find as much or more
        bands = Bands(2, N_SLOTS // 2)
    return IndexForm(on, threshold, ngram, RECALL, N_SLOTS, *bands, VERSION, _kernel(on, ngram, bands))


def parse_form(data: bytes, *, where: str) -> IndexForm:
    """The form that a store's metadata tells.

    :raises InputError: where they are no metadata of ours, or another version's.
    """
    remedy = "build the index again with this version of Tunesmith"
    try:
        values = jsontext.loads(data)
        version = values["version"]
        found = IndexForm(**values) if version == VERSION else None
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("the index has metadata that are not ours", where=where, remedy=remedy) from error
    if found is None:
        raise InputError(
            f"the index has format {version}, and this version reads {VERSION}", where=where, remedy=remedy
        )
    own = _kernel(found.on, found.ngram, found.bands)
    if found.kernel != own:
        what = f"another version made the sketches (tag {found.kernel}, ours {own}); they would match nothing"
        raise InputError(what, where=where, remedy=remedy)
    return found


@lru_cache(maxsize=16)
def _kernel(on: str, ngram: int, bands: Bands) -> str:
    form = IndexForm(on, 0.0, ngram, 0.0, N_SLOTS, *bands, VERSION, "")
    probe = sketch_batch(to_batch(_PROBE), form, ["0", "1", "2"], [content_id(record) for record in _PROBE])
    digest = xxhash.xxh3_64()
    for column in probe.columns:
        digest.update(jsontext.dump_bytes(column.to_pylist()))
    return digest.hexdigest()


def sketch_batch(
    records: pa.RecordBatch,
    form: IndexForm,
    row_ids: Sequence[str],
    content_ids: Sequence[str],
    *,
    threads: int | None = None,
) -> pa.RecordBatch:
    """Rows with the columns of `RECORD_SCHEMA` as rows of an index.

    An answer keeps its blanks, as in the run's own stage: "+" and "-" hold no token, and are two different answers.
    """
    texts = compared_texts(records)._asdict()
    side = "whole" if form.on == "row" else form.on
    found = sketch(texts[side], ngram=form.ngram, n_slots=form.n_slots, keep_blank=side == "answer", threads=threads)
    maps = np.zeros((len(row_ids), MAP_WORDS), np.uint64)
    fill_maps(found.sets, np.arange(len(row_ids)), maps)
    columns = [
        pa.array(row_ids, pa.string()),
        pa.array(content_ids, pa.string()),
        pa.array(_classes(records)),
        _lists(band_keys(found.signatures, form.bands)),
        _lists(maps),
        _sets(found.sets),
    ]
    if form.with_answer:
        answers = sketch(texts["answer"], ngram=form.ngram, n_slots=0, keep_blank=True, threads=threads)
        columns.append(_sets(answers.sets))
    return pa.RecordBatch.from_arrays(columns, schema=form.schema)


def sketches_of(batch: pa.RecordBatch) -> Sketches:
    """The arrays of a batch of an index's schema, not copied."""
    n_rows = len(batch)
    lists = [batch.column(name).flatten().to_numpy().reshape(n_rows, -1) for name in ("keys", "map")] if n_rows else []
    keys, maps = lists or [np.empty((0, 1), np.uint64), np.empty((0, MAP_WORDS), np.uint64)]
    compared, *answers = (sets_of(batch.column(name)) for name in batch.schema.names[5:])
    return Sketches(batch.column("class").to_numpy(), keys, maps, compared, answers[0] if answers else NO_SETS)


def sets_of(column: pa.LargeListArray) -> ShingleSets:
    """A column of shingle sets."""
    return ShingleSets(column.values.to_numpy(), column.offsets.to_numpy())


def band_keys(signatures: Signatures, bands: Bands) -> npt.NDArray[np.uint64]:
    """The key of every band of every row, shape `(n_rows, n_bands)`."""
    keys = np.empty((bands.n_bands, len(signatures)), np.uint64)
    rows = np.arange(len(signatures))
    for band in range(bands.n_bands):
        fill_band_keys(signatures, rows, band * bands.n_rows, (band + 1) * bands.n_rows, keys[band])
    return np.ascontiguousarray(keys.T)


def _classes(records: pa.RecordBatch) -> npt.NDArray[np.int8]:
    """Twice the kind's number, and one more for a KTO row with a true label."""
    kinds = records.column("kind").to_pylist()
    labels = records.column("label").to_pylist()
    return np.array([2 * KINDS.index(kind) + bool(label) for kind, label in zip(kinds, labels)], np.int8)


def _lists(values: npt.NDArray[np.uint64]) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _sets(sets: ShingleSets) -> pa.LargeListArray:
    return pa.LargeListArray.from_arrays(pa.array(sets.offsets), pa.array(sets.shingles))
