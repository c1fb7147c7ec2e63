"""Which answers repeat the training set word for word.

    found = find_memorised(prompts, answers, open_run(Path("runs/medical")))
    found.marks      # 1.0 where an answer repeats a training answer, NaN where it is too short to say
    found.row_id(0)  # "medical_zh:17", the training row that shares most with the first answer

An answer repeats the training set where half of its runs of `WINDOW` tokens or more stand in one training answer, or
where one passage of `PASSAGE` tokens and more does, the length by which Carlini et al. (2023, Quantifying memorization
across neural language models, section 3) call a text memorised. What the prompt holds does not count: who is asked to
correct a text has to repeat it. Tokens are those of `curate/codepoints.py`: a word, or one Chinese character; letter
case, width, punctuation and white space make no difference. The counts are exact but for collisions of 64-bit hashes.

A poem, a law or a definition is repeated by anybody who knows it: compare with the model before training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.contamination_kernels import look_up
from tunesmith.curate.contamination_spans import token_spans
from tunesmith.curate.row_texts import Piece
from tunesmith.curate.rundata import RunData
from tunesmith.curate.shingles import shingle_rows
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places, TextRows, TokenHashes, hash_tokens
from tunesmith.evaluate.memorised_kernels import most_shared
from tunesmith.evaluate.memorised_training import TrainingTexts, last_said, training_texts
from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.openings import tokenise

WINDOW = 8
#: The share of an answer's windows from which on it repeats, and the tokens of one passage that are enough.
CONTAINED = 0.5
PASSAGE = 50
#: Windows outside of the prompt that an answer needs: about twenty words, or as many Chinese characters.
LEAST_WINDOWS = 13
#: Training answers that are compared with the rest of the training set.
SAMPLE = 500

Mask = npt.NDArray[np.bool_]


class Windows(NamedTuple):
    """All runs of `WINDOW` tokens of some texts: the hash of each, the text that it is of, its first token there."""

    hashes: Hashes
    owners: Places
    places: Places


class Memorised(NamedTuple):
    """One entry an answer, arrays of shape `(n_answers,)`.

    :param marks: 1.0 where it repeats the training set, NaN where it is too short to say.
    :param containment: the share of its windows outside of the prompt that one training answer has; NaN likewise.
    :param rows: the number of that training row, -1 where none shares a window; of equal ones the earliest.
    :param longest: tokens of the longest passage shared with that row.
    :param spans: start and end of that passage in the answer, in characters, shape `(n_answers, 2)`.
    :param row_ids: the ids of the rows, "" where there is none.
    :param n_rows: training rows that were compared.
    """

    marks: Floats
    containment: Floats
    rows: Places
    longest: Places
    spans: Places
    row_ids: tuple[str, ...]
    n_rows: int


def find_memorised(
    prompts: Sequence[str],
    answers: Sequence[str],
    run: RunData,
    *,
    own_rows: Sequence[int] | None = None,
    threads: int | None = None,
) -> Memorised:
    """Compare answers with what a run gave to train on. The number of threads does not change the result.

    :param prompts: all that stands before each answer.
    :param own_rows: the row that each answer is from, which it does not repeat; for texts of the training set itself.
    :raises InputError: where the rows of the run are gone, or it kept none to train on.
    """
    training = training_texts(run)
    tokens = tokenise(answers)
    windows = _without(windows_of(tokens), windows_of(tokenise(prompts)))
    counts = np.bincount(windows.owners, minlength=len(answers))
    own = np.full(len(answers), -1, np.int64) if own_rows is None else np.array(own_rows, np.int64)
    shared, rows = _best_rows(windows, own, training, threads)
    enough = counts >= LEAST_WINDOWS
    containment = np.where(enough, shared / np.maximum(counts, 1), np.nan)
    longest, firsts = _longest_passages(windows, rows, training)
    marks = np.where(enough, (containment >= CONTAINED) | (longest >= PASSAGE), np.nan)
    ids = run.ledger["row_id"]
    row_ids = tuple(ids[row].as_py() if row >= 0 else "" for row in rows.tolist())
    spans = _spans(answers, firsts, longest)
    return Memorised(marks, containment, rows, longest, spans, row_ids, int(training.trained.sum()))


def windows_of(tokens: TokenHashes) -> Windows:
    """The windows of each text, in the order of the text."""
    counts = np.maximum(tokens.ends - tokens.starts - WINDOW + 1, 0)
    owners = np.repeat(np.arange(len(counts)), counts)
    places = np.arange(len(owners)) - (np.cumsum(counts) - counts)[owners]
    firsts = tokens.starts[owners] + places
    return Windows(
        shingle_rows(TokenHashes(tokens.hashes, firsts, firsts + WINDOW), ngram=WINDOW).shingles, owners, places
    )


def _without(windows: Windows, others: Windows) -> Windows:
    """The windows that the text of the same number among the others does not have."""
    theirs = np.unique(_keys(others))
    stays = ~np.isin(_keys(windows), theirs)
    return Windows(windows.hashes[stays], windows.owners[stays], windows.places[stays])


def _keys(windows: Windows) -> Hashes:
    """One hash of a window and its text."""
    keys: Hashes = windows.hashes ^ (windows.owners.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return keys


class _Vocabulary(NamedTuple):
    """The different windows of all answers, ascending; `buckets` as `look_up` wants them; and as `most_shared` does,
    which answers have each window, how often."""

    words: Hashes
    buckets: Places
    shift: np.uint64
    held: tuple[Places, Places, Places]


def _vocabulary(windows: Windows) -> _Vocabulary:
    words, word = np.unique(windows.hashes, return_inverse=True)
    n_owners = int(windows.owners.max()) + 1
    pairs, weights = np.unique(word * n_owners + windows.owners, return_counts=True)
    held, owners = np.divmod(pairs, n_owners)
    bits = max(1, len(words).bit_length())
    shift = np.uint64(64 - bits)
    filled = np.bincount((words >> shift).astype(np.int64), minlength=1 << bits)
    return _Vocabulary(
        words,
        np.concatenate([np.zeros(1, np.int64), np.cumsum(filled)]),
        shift,
        (owners, weights, np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(held, minlength=len(words)))])),
    )


def _best_rows(
    windows: Windows, own_rows: Places, training: TrainingTexts, threads: int | None
) -> tuple[Places, Places]:
    """How many windows of each answer the training text with most of them has, and that text's row, -1 for none."""
    best, rows = np.zeros(len(own_rows), np.int64), np.full(len(own_rows), -1, np.int64)
    if not len(windows.hashes):
        return best, rows
    vocabulary = _vocabulary(windows)

    def count(piece: Piece) -> tuple[Places, Places]:
        learned = training.read(piece)
        found, mine = np.zeros(len(own_rows), np.int64), np.full(len(own_rows), -1, np.int64)
        looked = _looked_up(learned.texts, vocabulary)
        most_shared(*looked, *vocabulary.held, learned.rows, own_rows, found, mine)
        return found, mine

    for found, mine in run_threads(count, training.pieces(), threads):
        better = (found > best) | ((found == best) & (found > 0) & (mine < rows))
        best, rows = np.where(better, found, best), np.where(better, mine, rows)
    return best, rows


def _looked_up(texts: pa.Array, vocabulary: _Vocabulary) -> tuple[Places, Places]:
    sets = shingle_rows(hash_tokens(TextRows.of(texts), 0, len(texts)), ngram=WINDOW)
    words, offsets = np.empty(len(sets.shingles), np.int64), np.zeros(len(texts) + 1, np.int64)
    look_up(sets.shingles, sets.offsets, vocabulary.words, vocabulary.buckets, vocabulary.shift, words, offsets)
    return words, offsets


def _longest_passages(windows: Windows, rows: Places, training: TrainingTexts) -> tuple[Places, Places]:
    """Tokens of the longest run of windows of each answer that its row has, and the first token of it."""
    longest, firsts = np.zeros(len(rows), np.int64), np.full(len(rows), -1, np.int64)
    held = _windows_of_rows(np.unique(rows[rows >= 0]), training)
    bounds = np.searchsorted(windows.owners, np.arange(len(rows) + 1))
    for answer, row in enumerate(rows.tolist()):
        if row < 0:
            continue
        mine = slice(bounds[answer], bounds[answer + 1])
        places = windows.places[mine][np.isin(windows.hashes[mine], held[row])]
        starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        sizes = np.diff(np.append(starts, len(places)))
        at = int(sizes.argmax())
        longest[answer], firsts[answer] = sizes[at] + WINDOW - 1, places[starts[at]]
    return longest, firsts


def _windows_of_rows(numbers: Places, training: TrainingTexts) -> dict[int, Hashes]:
    """The windows of some training rows."""
    found: dict[int, Hashes] = {}
    for piece in training.pieces():
        wanted = numbers[(numbers >= piece.start) & (numbers < piece.start + piece.n_rows)]
        if not len(wanted):
            continue
        learned = training.read(piece)
        mine = np.flatnonzero(np.isin(learned.rows, wanted))
        windows = windows_of(tokenise(learned.texts.take(pa.array(mine)).to_pylist()))
        rows = learned.rows[mine][windows.owners]
        found |= {row: windows.hashes[rows == row] for row in wanted.tolist()}
    return found


def _spans(answers: Sequence[str], firsts: Places, longest: Places) -> Places:
    found = np.zeros((len(answers), 2), np.int64)
    for number in np.flatnonzero(longest).tolist():
        spans = token_spans(answers[number])
        first = int(firsts[number])
        found[number] = spans[first][0], spans[first + int(longest[number]) - 1][1]
    return found


class Within(NamedTuple):
    """How much a training set repeats itself: the share of a sample of its answers that repeat another row, of how many
    that are long enough to say."""

    share: float | None
    n: int


def repeats_within(run: RunData, *, sample: int = SAMPLE, threads: int | None = None) -> Within:
    """What no memory is needed for: where the training set is made of set phrases, new answers repeat them too."""
    trained = np.flatnonzero(training_texts(run).trained)
    chosen = trained[np.linspace(0, len(trained) - 1, min(sample, len(trained))).astype(np.int64)].tolist()
    rows = [(number, said) for number in chosen if (said := last_said(run, number))]
    prompts, answers = [said.prompt for _, said in rows], [said.answer for _, said in rows]
    found = find_memorised(prompts, answers, run, own_rows=[number for number, _ in rows], threads=threads)
    told = found.marks[~np.isnan(found.marks)]
    return Within(float(told.mean()) if len(told) else None, len(told))
