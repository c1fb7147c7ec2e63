"""Sketches of the compared texts of a run's rows, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tunesmith.curate.compared import Compared
from tunesmith.curate.sketch import Sketch, join, sketch


def sketch_texts(texts: Compared, n_slots: Mapping[str, int], *, ngram: int) -> dict[str, Sketch]:
    """Sketches of the named texts, each with so many slots; 0 for the sets alone.

    An answer keeps its blanks: "+" and "-" hold no token, and are two different answers.
    """
    found = texts._asdict()
    return {
        name: sketch(found[name], ngram=ngram, n_slots=slots, keep_blank=name == "answer", threads=1)
        for name, slots in n_slots.items()
    }


def join_sketches(parts: Sequence[dict[str, Sketch]]) -> dict[str, Sketch]:
    """The sketches of all pieces, one after the other. Each part is emptied, so that only one text is held twice."""
    return {name: join([part.pop(name) for part in parts]) for name in list(parts[0])}
