"""An index in datasketch's `MinHashLSH`: our signatures as its hash values, our bands as its parameters.

datasketch finds the candidates; each is proved by the exact similarity of the shingle sets, which the index stores
beside them. In memory the tables are filled from an index file: the same path as on a server, without one.

>>> index = in_memory(open_index(Path("train.index.arrow")))
>>> index.search(delivery).partner
array([-1, 17])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tunesmith.curate.index_file import FileIndex
from tunesmith.curate.index_form import IndexForm, Sketches, sketches_of
from tunesmith.curate.index_kernels import Best, judge_pairs
from tunesmith.curate.index_store import StoredRows, Taken
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Signatures, round_multipliers, sign_rows
from tunesmith.curate.tokens import Places
from tunesmith.errors import InputError

if TYPE_CHECKING:
    from datasketch import MinHashLSH

#: Rows of a delivery whose buckets are asked for at once: one round trip for each band.
_ROWS_A_QUESTION = 1024
#: Commands that one table keeps back before it sends them.
_BUFFER = 10_000


class LshIndex:
    """A filled `MinHashLSH` with the rows that it names. The keys are row numbers, 8 bytes each."""

    def __init__(self, lsh: MinHashLSH, stored: StoredRows, form: IndexForm, rows: int) -> None:
        self.form, self.rows = form, rows
        self.take, self.names, self.with_content = stored.take, stored.names, stored.with_content
        self._lsh = lsh

    def search(self, delivery: Sketches) -> Best:
        """The most similar row of the index for each row of a delivery; of equally similar ones the first."""
        best = Best.none(len(delivery.classes))
        signatures = sign(delivery.compared, self.form.n_slots)
        numbers = np.flatnonzero(delivery.compared.sizes > 0)
        for start in range(0, len(numbers), _ROWS_A_QUESTION):
            rows = numbers[start : start + _ROWS_A_QUESTION]
            self._prove(delivery, rows, candidates(self._lsh, signatures[rows]), best)
        return best

    def _prove(self, delivery: Sketches, rows: Places, found: list[set[bytes]], best: Best) -> None:
        """Compare rows of the delivery with the rows that these keys name."""
        pairs = [(row, int.from_bytes(key, "little")) for row, keys in zip(rows.tolist(), found) for key in keys]
        if not pairs:
            return
        mine, theirs = np.array(pairs).T
        numbers, places = np.unique(theirs, return_inverse=True)
        judge_pairs(delivery, mine, _as_sketches(self.take(numbers)), places, numbers, self.form.threshold, best)


def _as_sketches(taken: Taken) -> Sketches:
    none = np.empty((0, 1), np.uint64)
    return Sketches(taken.classes, none, none, taken.compared, taken.answers)


def candidates(lsh: MinHashLSH, signatures: Signatures) -> list[set[bytes]]:
    """What `lsh.query` gives for each signature, with one question a band for all of them instead of one for each:
    on a Redis server that is the difference between one round trip and a thousand."""
    found: list[set[bytes]] = [set() for _ in signatures]
    for (start, end), table in zip(lsh.hashranges, lsh.hashtables):
        names = [lsh._H(signature[start:end]) for signature in signatures]
        distinct = [*dict.fromkeys(names)]
        members: dict[bytes, Any] = dict(zip(distinct, table.getmany(*distinct)))
        for one, name in zip(found, names):
            one.update(members[name])
    return found


def sign(sets: ShingleSets, n_slots: int) -> Signatures:
    """The signatures of sets, as `sketch` gives them."""
    signatures = np.empty((len(sets.sizes), n_slots), np.uint32)
    sign_rows(*sets, round_multipliers(n_slots), signatures)
    return signatures


def new_lsh(form: IndexForm, storage: Mapping[str, Any]) -> MinHashLSH:
    """An empty `MinHashLSH`, or one that continues the storage of that name.

    `prepickle=False`: by default datasketch pickles the keys that it puts into Redis and unpickles what it finds there,
    and whoever can write to the server could then run code here. Our keys are bytes, and stay what they are.

    :raises InputError: where datasketch is not installed.
    """
    datasketch = _datasketch()
    bands = (form.n_bands, form.rows_a_band)
    lsh: MinHashLSH = datasketch.MinHashLSH(
        num_perm=form.n_slots, params=bands, storage_config=dict(storage), prepickle=False
    )
    return lsh


def _datasketch() -> Any:
    try:
        import datasketch
    except ImportError as error:
        what, remedy = "this store needs datasketch and redis", "install them with: pip install 'tunesmith[index]'"
        raise InputError(what, remedy=remedy) from error
    return datasketch


def fill(lsh: MinHashLSH, form: IndexForm, batches: Iterable[tuple[int, pa.RecordBatch]]) -> None:
    """Enter the rows of batches of an index's schema, each with the number of its first row."""
    minhash = _minhash(form)
    with lsh.insertion_session(buffer_size=_BUFFER) as session:
        for start, batch in batches:
            compared = sketches_of(batch).compared
            signatures = sign(compared, form.n_slots)
            for place in np.flatnonzero(compared.sizes > 0).tolist():
                minhash.hashvalues = signatures[place]
                session.insert((start + place).to_bytes(8, "little"), minhash, check_duplication=False)


def _minhash(form: IndexForm) -> Any:
    """One `MinHash` to carry every signature: making one costs more than sketching a row.

    datasketch asks which of its schemes the values come from. From none: "affine32" is its name for values of 32 bits.
    """
    return _datasketch().MinHash(hashvalues=np.zeros(form.n_slots, np.uint32), scheme="affine32")


def in_memory(index: FileIndex) -> LshIndex:
    """datasketch's tables in this process, filled from an index file. They hold about 10 kB a row."""
    lsh = new_lsh(index.form, {"type": "dict"})
    starts = np.cumsum([0, *(len(batch) for batch in index.batches())])
    fill(lsh, index.form, zip(starts.tolist(), index.batches()))
    return LshIndex(lsh, index, index.form, index.rows)
