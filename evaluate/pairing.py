"""Which answers of two systems belong together: matched by id, and refused where they do not answer the same thing.

Two answers are a pair where their ids are equal. A pair whose prompts, templates, decoding or references differ
measures more than the models, so it is refused unless the person says that this is meant.

>>> both = pair(read_predictions(Path("before.jsonl")), read_predictions(Path("after.jsonl")))  # doctest: +SKIP
>>> len(both.ids), both.only_before, both.only_after  # doctest: +SKIP
(150, (), ())
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.jsontext import dumps_sorted
from tunesmith.errors import InputError
from tunesmith.evaluate.predictions import Prediction, Predictions

Numbers = npt.NDArray[np.intp]

#: Names of decoding settings that stand in `meta` itself, in files that have no `decoding` object. The seed is none:
#: two runs with different seeds are two samples of the same thing.
_DECODING = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "max_tokens",
    "max_new_tokens",
    "stop",
    "repetition_penalty",
    "do_sample",
    "num_beams",
)
_SHOWN_IDS = 5
_SHOWN_CHARACTERS = 60


class Pair(NamedTuple):
    """Two systems' answers to the same questions, in the order of `before`.

    :param rows_before, rows_after: positions in each file's rows, shape `(n_pairs,)`.
    :param only_before, only_after: ids that the other file does not have.
    :param unrecorded: what some line does not say, of `prompts`, `templates` and `decoding`, and on which side.
    :param allowed: differences that were found and let pass, with their number of pairs.
    """

    before: Predictions
    after: Predictions
    ids: tuple[str, ...]
    rows_before: Numbers
    rows_after: Numbers
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    unrecorded: Mapping[str, tuple[str, ...]]
    allowed: Mapping[str, int]


class _Mismatch(NamedTuple):
    """Pairs of which one of the things that must be equal is not."""

    what: str
    ids: list[str]
    before: str
    after: str


def pair(before: Predictions, after: Predictions, *, allow: Collection[str] = ()) -> Pair:
    """Match two files by id.

    :param allow: which of `MUST_AGREE` may differ.
    :raises InputError: an unknown name in `allow`, no id in common, or answers to different things; all differences
        are listed at once, with the first ids and what was seen on both sides.
    """
    _check_allowed(allow)
    places = {row.id: number for number, row in enumerate(after.rows)}
    shared = [(number, places[row.id]) for number, row in enumerate(before.rows) if row.id in places]
    if not shared:
        raise _none_shared(before, after)
    found = [mismatch for name in MUST_AGREE if (mismatch := _mismatch(name, before, after, shared)) is not None]
    refused = [mismatch for mismatch in found if mismatch.what not in allow]
    if refused:
        raise _refusal(before, after, refused, len(shared))
    known = {row.id for row in before.rows}
    numbers = np.array(shared, np.intp)
    return Pair(
        before,
        after,
        tuple(before.rows[number].id for number, _ in shared),
        numbers[:, 0],
        numbers[:, 1],
        tuple(row.id for row in before.rows if row.id not in places),
        tuple(row.id for row in after.rows if row.id not in known),
        _unrecorded(before, after, shared),
        {mismatch.what: len(mismatch.ids) for mismatch in found},
    )


def decoding_of(row: Prediction) -> dict[str, Any] | None:
    """How the answer was sampled, without the seed; None where the line does not say."""
    told = row.meta.get("decoding")
    settings = (
        dict(told) if isinstance(told, Mapping) else {name: row.meta[name] for name in _DECODING if name in row.meta}
    )
    settings.pop("seed", None)
    return settings or None


def template_of(row: Prediction) -> str | None:
    """The hash of the chat template, None where the line does not say."""
    told = row.meta.get("template_hash")
    return None if told is None else str(told)


def _prompt(row: Prediction) -> str | None:
    return dumps_sorted([dict(message) for message in row.messages]) if row.messages else None


def _decoding(row: Prediction) -> str | None:
    settings = decoding_of(row)
    return None if settings is None else dumps_sorted(settings)


def _references(row: Prediction) -> str:
    return dumps_sorted(list(row.references))


def _check_allowed(allow: Collection[str]) -> None:
    unknown = sorted(set(allow) - set(MUST_AGREE))
    if unknown:
        what = f"expected some of {', '.join(MUST_AGREE)} to allow, saw {', '.join(unknown)}"
        raise InputError(what, remedy="name what may differ, such as --allow prompts,templates")


def _mismatch(name: str, before: Predictions, after: Predictions, shared: list[tuple[int, int]]) -> _Mismatch | None:
    """The pairs that disagree. What a line does not say agrees with everything, and is told as unrecorded."""
    read = MUST_AGREE[name]
    ids: list[str] = []
    first = ("", "")
    for i, j in shared:
        one, other = read(before.rows[i]), read(after.rows[j])
        if one is not None and other is not None and one != other:
            first = first if ids else (one, other)
            ids.append(before.rows[i].id)
    return _Mismatch(name, ids, *first) if ids else None


def _unrecorded(before: Predictions, after: Predictions, shared: list[tuple[int, int]]) -> dict[str, tuple[str, ...]]:
    """What is not said by any line of a side, or by some."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ("prompts", "templates", "decoding"):
        read = MUST_AGREE[name]
        silent_before = any(read(before.rows[i]) is None for i, _ in shared)
        silent_after = any(read(after.rows[j]) is None for _, j in shared)
        sides = [side for side, silent in (("before", silent_before), ("after", silent_after)) if silent]
        if sides:
            found[name] = tuple(sides)
    return found


def _none_shared(before: Predictions, after: Predictions) -> InputError:
    one, other = (f"{rows[0].id!r}" if rows else "no line" for rows in (before.rows, after.rows))
    what = f"no id of {before.path} stands in {after.path}: the first ids are {one} and {other}"
    return InputError(what, remedy="answer the same questions with both models; ids say which answers belong together")


def _refusal(before: Predictions, after: Predictions, refused: list[_Mismatch], n_shared: int) -> InputError:
    lines = [f"the answers in {before.path} and {after.path} were not made the same way, so they cannot be compared"]
    lines += [_told(mismatch, n_shared) for mismatch in refused]
    names = ",".join(mismatch.what for mismatch in refused)
    return InputError(
        "\n  ".join(lines), remedy=f"make them anew, or add --allow {names} if this is what you mean to compare"
    )


def _told(mismatch: _Mismatch, n_shared: int) -> str:
    ids = ", ".join(mismatch.ids[:_SHOWN_IDS]) + (" …" if len(mismatch.ids) > _SHOWN_IDS else "")
    one, other = _around_difference(mismatch.before, mismatch.after)
    return f"other {mismatch.what} in {len(mismatch.ids):,} of {n_shared:,} pairs ({ids}); first: {one} and {other}"


def _around_difference(one: str, other: str) -> tuple[str, str]:
    """Both texts from shortly before they begin to differ."""
    length = min(len(one), len(other))
    start = next((place for place in range(length) if one[place] != other[place]), length)
    start = max(0, start - _SHOWN_CHARACTERS // 2)
    return _piece(one, start), _piece(other, start)


def _piece(text: str, start: int) -> str:
    end = start + _SHOWN_CHARACTERS
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


#: What must be equal in both answers of a pair, and how it is read from a line; None is "not said".
MUST_AGREE: Mapping[str, Callable[[Prediction], str | None]] = {
    "prompts": _prompt,
    "references": _references,
    "templates": template_of,
    "decoding": _decoding,
}
