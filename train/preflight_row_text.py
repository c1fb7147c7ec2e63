"""One row token by token in the terminal: coloured where there are colours, in lines of one part each elsewhere.

>>> print("\\n".join(row_text(shown, color=False, width=80)))  # doctest: +SKIP
medical:17, trained whole: 42 tokens, 18 trained
  ·  template   <|im_start|>│user│⏎
  ·  user       什么│是│高血压│？
  +  assistant  血压│长期│高于│正常│值
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import groupby
from typing import Any

from tunesmith.curate.report_format import visible as readable
from tunesmith.curate.shown import count, paint, visible
from tunesmith.train.preflight_types import Piece, Shown
from tunesmith.train.preflight_words import name, say

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
#: trained -> the styles that neighbouring tokens take in turn, so that each is seen.
_STYLES = {True: ("black on green", "black on bright_green"), False: ("default", "dim")}
_SPECIAL = {True: "bold black on yellow", False: "magenta"}
_CUT = "dim red strike"
_MOST_SHARED = 8  # lines about tokens that share a character
_GUTTER = 24  # columns before the tokens of a plain line


def row_text(shown: Shown, *, color: bool, width: int) -> Iterator[str]:
    """The heading, the legend, the tokens, and which of them share a character."""
    yield paint(heading(shown), "bold", color=color)
    if shown.detail:
        yield f"  {one_line(shown.detail)}"
    if not shown.examples:
        yield f"  {say('en', 'no_tokens')}"
        return
    yield from _legend(color, width)
    for number, pieces in enumerate(shown.examples, 1):
        if len(shown.examples) > 1:
            yield paint(f"  {sequence_name(shown, number)}", "dim", color=color)
        yield from _colored(shown, pieces, width) if color else _plain(shown, pieces, width)
    if shown.left_out:
        yield f"  … {count(shown.left_out, 'more token')}"
    yield from _shared([piece for pieces in shown.examples for piece in pieces])


def heading(shown: Shown, language: str = "en") -> str:
    """Which row it is, and what became of it."""
    why = f" ({name(language, 'reason', shown.reason)})" if shown.reason else ""
    outcome = name(language, "outcome", shown.outcome) + why
    figures = {"tokens": f"{shown.n_tokens:,}", "trained": f"{shown.n_trained:,}"}
    return say(language, "row_heading", row=one_line(shown.row_id), outcome=outcome, **figures)


def sequence_name(shown: Shown, number: int, language: str = "en") -> str:
    """What a sequence of a row is, from 1: an answer of a pair, or one of several parts."""
    if shown.names:
        return say(language, f"side.{shown.names[number - 1]}")
    return say(language, "sequence", n=str(number), all=str(len(shown.examples)))


def one_line(text: str) -> str:
    """Safe for a terminal, with line ends written out."""
    return visible(readable(text)).replace("\n", "⏎").replace("\t", "⇥")


def text_of(piece: Piece) -> str:
    """A piece as it is shown: line ends visible, and how many tokens share its characters."""
    text = readable(piece.text).replace("\t", "⇥").replace("\n", "⏎")
    return text + (str(len(piece.ids)).translate(_POWERS) if len(piece.ids) > 1 else "")


def _legend(color: bool, width: int) -> Iterator[str]:
    if not color:
        yield "  + trained, · masked (no loss), x cut off; │ between tokens, ⏎ a line end, ² of two tokens"
        return
    from rich.text import Text

    parts: list[tuple[str, str]] = [("  ", ""), ("trained", _STYLES[True][0]), (" ", ""), ("tokens", _STYLES[True][1])]
    parts += [("  masked ", _STYLES[False][0]), ("tokens", _STYLES[False][1]), ("  ", "")]
    parts += [("<special, trained>", _SPECIAL[True]), ("  ", ""), ("<special, masked>", _SPECIAL[False])]
    parts += [("  ", ""), ("cut off", _CUT), ("  ⏎ a line end, ² of two tokens", "")]
    yield from _rendered([Text.assemble(*parts)], width)


def _colored(shown: Shown, pieces: Sequence[Piece], width: int) -> Iterator[str]:
    """Tokens in a row as they stand in the text."""
    from rich.text import Text

    text = Text()
    for number, piece in enumerate(pieces):
        if _is_cut(shown, piece):
            text.append("✂", "bold red")
        text.append(text_of(piece), _style(shown, piece, number))
        if "\n" in piece.text:
            text.append("\n")
    yield from (f"  {line}" for line in _rendered([text], width - 2))


def _style(shown: Shown, piece: Piece, number: int) -> str:
    if _is_behind_cut(shown, piece):
        return _CUT
    return _SPECIAL[piece.trained] if piece.special else _STYLES[piece.trained][number % 2]


def _plain(shown: Shown, pieces: Sequence[Piece], width: int) -> Iterator[str]:
    """A line for each part, with a mark that says whether it is trained."""
    from rich.text import Text

    def kind(piece: Piece) -> tuple[str, str]:
        return "x" if _is_behind_cut(shown, piece) else "+" if piece.trained else "·", piece.part

    for (mark, part), run in groupby(pieces, key=kind):
        lines = list(_rendered([Text("│".join(text_of(piece) for piece in run))], width - _GUTTER))
        marks = [mark, *[" "] * (len(lines) - 1)]
        names = [name("en", "part", part), *[""] * (len(lines) - 1)]
        yield from (f"  {mark}  {title:<{_GUTTER - 6}} {line}" for mark, title, line in zip(marks, names, lines))


def _is_cut(shown: Shown, piece: Piece) -> bool:
    return shown.cutoff is not None and piece.position <= shown.cutoff < piece.position + len(piece.ids)


def _is_behind_cut(shown: Shown, piece: Piece) -> bool:
    return shown.cutoff is not None and piece.position >= shown.cutoff


def _rendered(texts: Sequence[Any], width: int) -> Iterator[str]:
    from rich.console import Console

    stream = StringIO()
    has_styles = any(text.spans for text in texts)
    console = Console(
        file=stream, width=width, force_terminal=has_styles, color_system="standard" if has_styles else None
    )
    for text in texts:
        console.print(text, overflow="fold", soft_wrap=False)
    return iter(stream.getvalue().rstrip("\n").split("\n"))


def _shared(pieces: Sequence[Piece]) -> Iterator[str]:
    """Characters of several tokens, each once."""
    joined = {piece.text: piece for piece in pieces if len(piece.ids) > 1}
    for piece in list(joined.values())[:_MOST_SHARED]:
        ids = " + ".join(str(token) for token in piece.ids)
        last = piece.position + len(piece.ids) - 1
        yield f"  tokens {piece.position} to {last} share {one_line(piece.text)} ({ids})"
    if len(joined) > _MOST_SHARED:
        yield f"  … {count(len(joined) - _MOST_SHARED, 'more text')} whose tokens share characters"
