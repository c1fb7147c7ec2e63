"""Many literal cues looked for at once: an Aho-Corasick automaton over the UTF-8 bytes of an Arrow column.

Each cue stands for a set of bits; a text gets the union of those whose cues it holds. Letters of ASCII count in either
case. A blank in a cue stands for the start of the text, and for every sign of ASCII that is in no cue: " gun" is where
a word starts.

>>> automaton = build({" sorry": 1 << 0, "抱歉": 1 << 64})
>>> masks_of(TextRows.of(pa.array(["SORRY, 抱歉!", "unsorry", None])), automaton).tolist()
[[1, 1], [0, 0], [0, 0]]

Bits from `paired_from` on are pairs: a text has the two of a pair only where their cues share a sentence.

>>> automaton = build({" make": 1, " bomb": 2}, paired_from=0)
>>> masks_of(TextRows.of(pa.array(["Make a bomb", "Make tea. The bomb"])), automaton).tolist()
[[3], [0]]

Aho and Corasick: Efficient string matching, an aid to bibliographic search (CACM 1975), with every failure link walked
beforehand. Bytes that no cue has share one column, so that the table is small; states with cues come last, so that one
comparison tells whether there is anything to note.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.tokens import Bytes, TextRows

Masks = npt.NDArray[np.uint64]

_OTHER = 0  # the column of every byte that no cue has
_BLANK = ord(" ")
_ALL = (1 << 64) - 1
_NEVER = 1 << 30
_ONE = np.uint64(1)
#: Bytes that end a sentence (1), and those that may be the last of one of 。！？ (2).
_STOPS = np.zeros(256, np.uint8)
_STOPS[[ord(stop) for stop in ".!?\n"]] = 1
_STOPS[[stop.encode()[-1] for stop in "。！？"]] = 2


class Automaton(NamedTuple):
    """`columns`, uint8, shape `(256,)`: byte -> column. `table`, uint16, flat: where state s goes with column c stands
    at `s << shift | c`. `bits`, uint64, shape `(n, n_words)`: those of the
    states from `first_noted` on. `paired`, shape
    `(n_words,)`: the lower bit of each pair. `start`: the state before a text."""

    columns: Bytes
    table: npt.NDArray[np.uint16]
    bits: Masks
    paired: Masks
    first_noted: int
    start: int
    shift: int


def build(cues: Mapping[str, int], *, paired_from: int = _NEVER) -> Automaton:
    """The automaton of cues and their bits, any number of them.

    :param paired_from: an even number; this bit and the next are a pair, and so on.
    :raises ValueError: a blank cue, a mask without a bit, or more than 65,536 states.
    """
    for cue, mask in cues.items():
        if not cue.strip() or mask <= 0:
            raise ValueError(f"expected a cue that is not blank and a mask of a bit or more, saw {cue!r}: {mask}")
    folded = [(cue.encode().lower(), mask) for cue, mask in cues.items()]  # of bytes: A to Z only
    alphabet = sorted({byte for cue, _ in folded for byte in cue})
    nodes, masks = _trie(folded)
    if len(nodes) > 1 << 16:
        raise ValueError(f"expected cues of 65,536 states at most, saw {len(nodes)}")
    table = _completed(nodes, masks, {byte: column for column, byte in enumerate(alphabet, 1)}, len(alphabet) + 1)
    return _numbered(table, masks, alphabet, paired_from)


def masks_of(texts: TextRows, automaton: Automaton) -> Masks:
    """The bits of each text, uint64, shape `(n_texts, n_words)`, the lowest 64 first; the bytes may be any."""
    found = np.zeros((len(texts.starts), automaton.bits.shape[1]), np.uint64)
    data = texts.data.view()
    data.flags.writeable = False  # numba would compile each kind for itself
    _note(data, texts.starts, texts.ends, *automaton, found)
    return found


def _trie(cues: list[tuple[bytes, int]]) -> tuple[list[dict[int, int]], list[int]]:
    """Children of each node by byte, and the bits of the cues that end there; the root is 0."""
    nodes: list[dict[int, int]] = [{}]
    masks = [0]
    for cue, mask in cues:
        node = 0
        for byte in cue:
            if byte not in nodes[node]:
                nodes[node][byte] = len(nodes)
                nodes.append({})
                masks.append(0)
            node = nodes[node][byte]
        masks[node] |= mask
    return nodes, masks


def _completed(
    nodes: list[dict[int, int]], masks: list[int], columns: dict[int, int], width: int
) -> npt.NDArray[np.int32]:
    """The whole table, each node's row its failure's with its own children; `masks` gets what suffixes say."""
    table = np.zeros((len(nodes), width), np.int32)
    failures = [0] * len(nodes)
    queue = deque([0])
    while queue:
        node = queue.popleft()
        if node:
            table[node] = table[failures[node]]
            masks[node] |= masks[failures[node]]
        for byte, child in nodes[node].items():
            failures[child] = int(table[node, columns[byte]]) if node else 0
            table[node, columns[byte]] = child
            queue.append(child)
    return table


def _numbered(table: npt.NDArray[np.int32], masks: list[int], alphabet: list[int], paired_from: int) -> Automaton:
    """Number the states anew: those that note nothing first, each kind in the order that it was made in."""
    order = np.argsort([mask != 0 for mask in masks], kind="stable")
    number = np.empty(len(order), np.uint16)
    number[order] = np.arange(len(order))
    columns = _columns(alphabet)
    shift = (table.shape[1] - 1).bit_length()
    padded = np.zeros((len(table), 1 << shift), np.uint16)
    padded[:, : table.shape[1]] = number[table[order]]
    n_quiet = masks.count(0)
    start = padded[number[0], columns[_BLANK]]
    bits = _words([masks[node] for node in order[n_quiet:]])
    paired = sum(1 << bit for bit in range(paired_from, 64 * bits.shape[1], 2))
    pairs = _words([paired, _ALL << 64 * (bits.shape[1] - 1)])[0]
    return Automaton(columns, padded.reshape(-1), bits, pairs, n_quiet, int(start), shift)


def _words(masks: list[int]) -> Masks:
    """Each mask as 64 bits a column."""
    n_words = max(1, (max(masks, default=0).bit_length() + 63) // 64)
    return np.array([[mask >> 64 * word & _ALL for word in range(n_words)] for mask in masks], np.uint64).reshape(
        -1, n_words
    )


def _columns(alphabet: list[int]) -> Bytes:
    """The column of every byte: upper case as lower case, signs that no cue has as the blank."""
    columns = np.full(256, _OTHER, np.uint8)
    for column, byte in enumerate(alphabet, 1):
        columns[byte] = column
    for byte in range(0x80):
        if byte not in alphabet and not chr(byte).isalnum():
            columns[byte] = columns[_BLANK]
        elif chr(byte).isupper():
            columns[byte] = columns[byte + 32]
    return columns


@inlined
def _stops(data: Bytes, start: Scalar, place: Scalar) -> Scalar:
    """Whether a sentence ends with the byte at `place`."""
    stop = _STOPS[data[place]]
    if stop != 2 or place < start + 2:
        return stop == 1
    first, second, third = data[place - 2], data[place - 1], data[place]
    if first == 0xE3:
        return second == 0x80 and third == 0x82
    return first == 0xEF and second == 0xBC and (third == 0x81 or third == 0x9F)


@inlined
def _close(sentence: Masks, paired: Masks, found: Masks) -> None:
    """Take the bits of a sentence: of pairs only both."""
    for word in range(len(paired)):
        pairs = paired[word]
        both = sentence[word] & (sentence[word] >> _ONE) & pairs
        found[word] |= (sentence[word] & ~(pairs | pairs << _ONE)) | both | both << _ONE
        sentence[word] = 0


@compiled
def _note(
    data: Bytes,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    columns: Bytes,
    table: npt.NDArray[np.uint16],
    bits: Masks,
    paired: Masks,
    first_noted: int,
    start: int,
    shift: int,
    found: Masks,
) -> None:
    """Fill `found`."""
    sentence = np.zeros(len(paired), np.uint64)
    for text in range(len(starts)):
        state = np.uint64(start)
        for place in range(starts[text], ends[text]):
            state = np.uint64(table[state << np.uint64(shift) | np.uint64(columns[data[place]])])
            if state >= np.uint64(first_noted):
                noted = np.int64(state) - first_noted
                for word in range(len(paired)):
                    sentence[word] |= bits[noted, word]
            if _stops(data, starts[text], place):
                _close(sentence, paired, found[text])
        _close(sentence, paired, found[text])
