"""Every kernel of the statistics takes bytes of any kind: what comes from a mapped file need not be UTF-8."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.statistics_clauses import UNKNOWN, score_clauses
from tunesmith.curate.statistics_debris import count_debris
from tunesmith.curate.statistics_endings import judge_endings
from tunesmith.curate.statistics_formulas import measure_formulas
from tunesmith.curate.statistics_lines import find_lines
from tunesmith.curate.statistics_repeats import measure_repeats
from tunesmith.curate.statistics_spans import find_spans
from tunesmith.curate.statistics_tables import CHARACTERS, SEEN
from tunesmith.curate.statistics_tails import ENDINGS, OPEN, read_tails
from tunesmith.curate.statistics_words import Words, read_words
from tunesmith.curate.tokens import TextRows

# Bytes that mean something to a kernel come often enough to meet.
PIECES = st.sampled_from(
    [
        *(sign.encode() for sign in "的因等；，。、：1 a\n|#-.=$@`~\\[](){}\"'<>锛鐨�"),
        *(b"```", b"\\[", b"$$", b"http://", b"www.a.b/", b"1. ", b"So h", b"\xe7", b"\xff", b"\x80", b"\xf0\x9f"),
    ]
)
ROWS = st.lists(st.lists(PIECES | st.binary(max_size=5), max_size=24).map(b"".join), min_size=1, max_size=3)


def _read(rows: list[bytes]) -> tuple[TextRows, Words]:
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(rows))]
    texts = TextRows.of(pa.Array.from_buffers(pa.string(), len(rows), buffers))
    return texts, read_words(texts)


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_spans_and_formulas_stay_within_their_row(rows: list[bytes]) -> None:
    texts, words = _read(rows)
    marks = np.ascontiguousarray(words.counts[:, SEEN])
    spans = find_spans(texts, marks)
    first = 0
    for row, last in enumerate(spans.ends.tolist()):
        assert (spans.starts[first:last] >= 0).all()
        assert (spans.starts[first:last] < spans.stops[first:last]).all()
        assert (spans.stops[first:last] <= len(rows[row])).all()
        first = last
    formulas, addresses = measure_formulas(texts, marks, spans)
    assert (formulas >= 0).all()
    assert (addresses >= 0).all()


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_tails_endings_and_scores_are_of_the_kinds_that_there_are(rows: list[bytes]) -> None:
    texts, words = _read(rows)
    lines = find_lines(texts, words)
    tails = read_tails(texts, words, find_spans(texts, np.ascontiguousarray(words.counts[:, SEEN])))
    endings = judge_endings(texts, words, lines, tails)
    assert (endings < len(ENDINGS)).all()
    assert (endings[tails.endings != OPEN] == tails.endings[tails.endings != OPEN]).all()
    assert (tails.stops <= [len(row) for row in rows]).all()
    assert (score_clauses(texts, words, lines, tails) <= UNKNOWN).all()


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_an_ending_does_not_depend_on_the_rows_around_it(rows: list[bytes]) -> None:
    def ending(some: list[bytes]) -> list[int]:
        texts, words = _read(some)
        spans = find_spans(texts, np.ascontiguousarray(words.counts[:, SEEN]))
        found: list[int] = judge_endings(
            texts, words, find_lines(texts, words), read_tails(texts, words, spans)
        ).tolist()
        return found

    assert ending(rows) == [one for row in rows for one in ending([row])]


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_loops_and_debris_are_no_more_than_the_text(rows: list[bytes]) -> None:
    texts, words = _read(rows)
    spans = find_spans(texts, np.ascontiguousarray(words.counts[:, SEEN]))
    found = measure_repeats(texts, words, spans)
    assert (found.loop_share <= 1.5).all()  # of what is not UTF-8 no byte is a character, and all are in a stretch
    debris = count_debris(texts, texts.ends >= 0)
    assert (debris <= 2 * np.array([len(row) for row in rows])).all()
    assert words.counts[:, CHARACTERS].sum() <= sum(map(len, rows))
