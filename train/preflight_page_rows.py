"""A row token by token, as the page shows it: a box for each token, or for those that share a character.

>>> row_view(shown, "en")["outcome"]  # doctest: +SKIP
'trained whole'
"""

from __future__ import annotations

from typing import Any

from tunesmith.train.preflight_row_text import sequence_name
from tunesmith.train.preflight_types import Piece, Shown
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import Language

View = dict[str, Any]


def row_view(row: Shown, language: Language) -> View:
    """What the template of the page fills in."""
    return {
        "row_id": row.row_id,
        "set": say(language, f"set.{row.split}"),
        "outcome": name(language, "outcome", row.outcome),
        "why": name(language, "reason", row.reason) if row.reason else "",
        "detail": row.detail,
        "n_tokens": row.n_tokens,
        "n_trained": row.n_trained,
        "left_out": row.left_out,
        "sequences": [
            {
                "title": sequence_name(row, number, language) if len(row.examples) > 1 else "",
                "pieces": [_piece(piece, place, row.cutoff, language) for place, piece in enumerate(pieces)],
            }
            for number, pieces in enumerate(row.examples, 1)
        ],
    }


def _piece(piece: Piece, place: int, cutoff: int | None, language: Language) -> View:
    text, ends_line = piece.text, piece.text.endswith("\n")
    count = len(piece.ids)
    return {
        "text": text[:-1] if ends_line else text,
        "line_end": ends_line,
        "trained": piece.trained,
        "count": count,
        "marks": _marks(piece, place, cutoff, language),
    }


def _marks(piece: Piece, place: int, cutoff: int | None, language: Language) -> Any:
    """The attributes of the box. Names of parts and numbers only: nothing of the data."""
    from markupsafe import Markup

    is_cut = cutoff is not None and piece.position >= cutoff
    classes = [("z", place % 2 == 1), ("s", piece.special), ("c", is_cut)]
    given = " ".join(code for code, there in classes if there)
    title = name(language, "part", piece.part)
    if len(piece.ids) > 1:
        last = piece.position + len(piece.ids) - 1
        title += ": " + say(language, "sharing", first=str(piece.position), last=str(last))
    made = Markup(' class="{}"').format(given) if given else Markup()
    return made + Markup(' title="{}"').format(title)
