"""The options of a question with choices, as they stand in its prompt, and the letters that a reference names.

>>> options_in("Which of these is a fruit?\\nA. Carrot\\nB. Pear")
{'A': 'Carrot', 'B': 'Pear'}
>>> options_in("下列属于水果的是（  ）A、胡萝卜 B、梨 C、苹果")
{'A': '胡萝卜', 'B': '梨', 'C': '苹果'}
>>> reference_letters("C、B", options_in("A) 1 B) 2 C) 3")), reference_letters("苹果", {"A": "梨", "B": "苹果"})
('BC', 'B')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from tunesmith.evaluate.exact import normalised

LETTERS = "ABCDEFGHIJ"
_LEAST_LINES, _LEAST_IN_A_ROW = 2, 3  # options, for letters to be options: "vitamin A. and B." are none

_MARKS = (
    re.compile(
        rf"(?m)^[^\S\n]*(?:[-*•][^\S\n]*)?(?:\*\*)?[(\[]?([{LETTERS}])(?:[)\]](?:\*\*)?\s*[.:]?|(?:\*\*)?\s?[.、:,])[^\S\n]*"
    ),
    re.compile(rf"(?:^|(?<=[\s;。,?!:()]))(?:[(\[]([{LETTERS}])[)\]]\s?[.:]?|([{LETTERS}])\s?[.、:)])[^\S\n]*"),
)
_SEVERAL = re.compile(rf"[{LETTERS}](?:\s*(?:(?:[,、;/&+]|和|与|及|and)\s*)?[{LETTERS}])*")
_MARKED = re.compile(rf"[(\[]?([{LETTERS}])(?:[)\]]\s*[.:]?|\s?[.、:])\s*\S")


def options_in(prompt: str) -> dict[str, str]:
    """The options of a prompt by letter, empty where it has none: lines, or a run within a line, that go on from A."""
    text = unicodedata.normalize("NFKC", prompt)
    for pattern, least in zip(_MARKS, (_LEAST_LINES, _LEAST_IN_A_ROW)):
        marks = _last_run(
            [(match[1] or match[match.lastindex or 1], *match.span()) for match in pattern.finditer(text)]
        )
        if len(marks) >= least:
            return _texts(text, marks)
    return {}


def _last_run(marks: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The last marks that run A, B, C … without a gap."""
    best: list[tuple[str, int, int]] = []
    run: list[tuple[str, int, int]] = []
    for mark in marks:
        if mark[0] == "A":
            run = [mark]
        elif run and len(run) < len(LETTERS) and mark[0] == LETTERS[len(run)]:
            run.append(mark)
        if len(run) > 1:
            best = run
    return best


def _texts(text: str, marks: list[tuple[str, int, int]]) -> dict[str, str]:
    ends = [start for _, start, _ in marks[1:]]
    last = marks[-1][2]
    line_end = text.find("\n", last + len(text[last:]) - len(text[last:].lstrip()))
    ends.append(line_end if line_end >= 0 else len(text))
    return {letter: text[start:end].strip(" \t\n;,") for (letter, _, start), end in zip(marks, ends)}


def reference_letters(reference: str, options: Mapping[str, str]) -> str:
    """The letters of a reference in their order, "" where it is no choice.

    It may be letters (`B`, `(b)`, `ABD`, `A, C`), a letter with its option, or the text of one option.
    """
    text = unicodedata.normalize("NFKC", reference).strip()
    bare = text.strip("()[]{} .。,;、:*\"'")
    if len(bare) == 1 and bare in (options or LETTERS):
        return bare
    if not options:
        return ""
    if len(bare) == 1 and bare.upper() in options:
        return bare.upper()
    if _SEVERAL.fullmatch(bare):
        letters = [character for character in bare if character in LETTERS]
        is_run = bare.isalpha() and bare.isascii()
        if set(letters) <= set(options) and (not is_run or letters == sorted(set(letters))):
            return "".join(sorted(set(letters)))
    marked = _MARKED.match(text)
    if marked and marked[1] in options:
        return marked[1]
    equal = [letter for letter, option in options.items() if normalised(option) == normalised(text)]
    return equal[0] if len(equal) == 1 else ""
