"""Faults that are edits of a row's own text: copies, cuts, echoes.

Each function takes a row and a generator and gives the faulty row with the name of the variant, or None where the row
cannot carry the fault.

>>> from random import Random
>>> from fault_rows import Row, Turn
>>> from fault_wordings import WORDINGS
>>> row = Row("s", "en", (Turn("human", "Name a river in France."), Turn("gpt", "The Loire.")))
>>> echo(row, Random(0), WORDINGS["tuning"]).variant
'prefix'
"""

from __future__ import annotations

import re
import unicodedata
from random import Random
from typing import NamedTuple

from fault_rows import Row
from fault_shingles import lowest_jaccard, words
from fault_wordings import Wordings


class Edited(NamedTuple):
    """A faulty row, and which way it became so."""

    row: Row
    variant: str


SIMILARITY = 0.75  # that an edited duplicate has at least
_WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in (*b"(),:;?!", *range(0x30, 0x3A), *range(0x41, 0x5B))})


def exact_duplicate(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """The row again: to the byte, or in another case, width or spacing."""
    variant, change = random.choice(_TRIVIAL)
    if "```" in row.text or row.tools:
        variant, change = "same", str
    return Edited(row.asked(change(row.prompt)).answered(change(row.answer)), variant)


def edited_duplicate(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """The row with one to six words replaced, left out, put in or swapped, still alike at 5-word shingles."""
    if len(words(row.text)) < 40 or row.tools:
        return None
    found, n_wanted = row, random.randint(1, 6)
    n_edits = 0
    for _ in range(12 * n_wanted):
        candidate = _edit(found, random)
        if candidate.text != found.text and lowest_jaccard(candidate.text, row.text) >= SIMILARITY:
            found, n_edits = candidate, n_edits + 1
        if n_edits == n_wanted:
            break
    return Edited(found, f"{n_edits} edits") if n_edits and words(found.text) != words(row.text) else None


def _edit(row: Row, random: Random) -> Row:
    on_prompt = random.random() < len(row.prompt) / (len(row.prompt) + len(row.answer))
    text = row.prompt if on_prompt else row.answer
    pieces = [match.span() for match in re.finditer(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3,}", text)]
    if len(pieces) < 2:
        return row
    (start, end), (other_start, other_end) = sorted(random.sample(pieces, 2))
    one, other = text[start:end], text[other_start:other_end]
    changed = random.choice(
        (
            text[:start] + other + text[end:],
            text[:start].rstrip(" ") + text[end:],
            text[:start] + _FILLING[row.language][random.randrange(6)] + text[start:],
            text[:start] + other + text[end:other_start] + one + text[other_end:],
        )
    )
    return row.asked(changed) if on_prompt else row.answered(changed)


_FILLING = {
    "en": ("also ", "really ", "then ", "quite ", "perhaps ", "simply "),
    "zh": ("其实", "大概", "首先", "往往", "比较", "同时"),
}


def truncated(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """An answer that ends strictly inside a sentence, within a word or between two words of one clause: behind a full
    sentence or `LEAST_BEFORE` words, and with `LEAST_AFTER` words of the sentence lost. A Chinese word is a character.
    """
    answer = row.answer
    places = (
        [] if "```" in answer else [at for at in _places(answer, row.language) if _inside(answer, at, row.language)]
    )
    within = [at for at in places if answer[at - 1].isalpha() and answer[at].isalpha()]
    between = [at for at in places if answer[at] == " " and answer[at - 1].isalnum() and answer[at + 1].isalnum()]
    wanted = within if row.language == "zh" or random.random() < 0.5 else between
    if not wanted:
        return None
    at = random.choice(wanted)
    han = "\u4e00" <= answer[at] <= "\u9fff"
    return Edited(row.answered(answer[:at]), "clause" if han else "mid-word" if answer[at] != " " else "between words")


LEAST_BEFORE = {"en": 15, "zh": 25}
LEAST_AFTER = {"en": 10, "zh": 20}
_CLOSERS = set(".!?。！？…;；:：,，、\n\"'”’)）]】*|~`")
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|[。！？]|$)", re.MULTILINE)
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")


def _places(answer: str, language: str) -> list[int]:
    """Where enough stands before, and enough of the same sentence after."""
    found: list[int] = []
    n_before, complete = 0, False
    for sentence in _SENTENCE.finditer(answer):
        spans = [match.span() for match in _WORD.finditer(answer, *sentence.span())]
        first = 0 if complete else max(0, LEAST_BEFORE[language] - n_before)
        last = len(spans) - LEAST_AFTER[language]
        if first < last:
            found += range(spans[first][1], spans[last][0])
        n_before += len(spans)
        complete = complete or sentence[0][-1] in ".!?。！？"
    return found


def _inside(text: str, at: int, language: str) -> bool:
    """Two characters before and two after the place belong to one clause; three of Chinese."""
    n_around = 3 if language == "zh" else 2
    around = text[at - n_around : at + n_around]
    return len(around) == 2 * n_around and not _CLOSERS.intersection(around) and text[at - 1] != " "


def echo(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """An answer that gives the prompt back."""
    prompt = row.prompt.strip()
    if len(words(prompt)) < (8 if row.language == "zh" else 5) or len(prompt) > 2000 or "```" in prompt:
        return None
    variant = random.choice(("same", "prefix", "case and width"))
    if variant == "prefix":
        return Edited(row.answered(random.choice(wordings.echo_prefixes[row.language]) + prompt), variant)
    return Edited(row.answered(prompt if variant == "same" else _recased(prompt, random)), variant)


def _recased(text: str, random: Random) -> str:
    changed = random.choice((str.upper, str.lower, _widened, lambda text: text.rstrip("。.？?！!") + " "))(text)
    return changed if changed != text else f" {text}"


def _widened(text: str) -> str:
    return text.translate(_WIDE)


def _narrowed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


_TRIVIAL = (
    ("same", str),
    ("same", str),
    ("case", str.upper),
    ("case", str.lower),
    ("width", _widened),
    ("width", _narrowed),
    ("space", lambda text: "  " + text.replace("\n", "\n\n") + " \n"),
    ("space", lambda text: text.replace(" ", "  ").replace("。", "。 ").replace("，", "， ")),
)
