"""Which option an answer in free text chooses, in Chinese and English, and whether that is the right one.

>>> options = {"A": "卵巢", "B": "前庭大腺", "C": "前庭球", "D": "乳腺"}
>>> [read_choice(text, options) for text in ("答案是B。", "不是A，应该选 D", "女性生殖腺是卵巢", "很难说")]
['B', 'D', 'A', None]
>>> read_choice("The answer is **A**, C and D.", options, several=True)
'ACD'

Read in this order: what is boxed; what is said to be the answer, the last time; a verdict on every option; letters
that open the text; a last line that does; weaker words (选 B, "B is correct"); the text of one option, repeated; the
one letter that stands anywhere. What is denied ("not A", 不选A, 排除A) does not count. Where several options are named
and one is asked for, nothing is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tunesmith.evaluate.answers import question_of, without_thoughts
from tunesmith.evaluate.choice_marks import CLOSED, OPENED, Marks, marks_for
from tunesmith.evaluate.choice_options import LETTERS, options_in, reference_letters
from tunesmith.evaluate.exact import normalised, places_of
from tunesmith.evaluate.metric_types import Items, Scored

_SIGNATURE = "letters:A-J|unreadable:wrong|refs:any|version:tunesmith-1"


Options = Mapping[str, str] | Sequence[str]


def read_choice(text: str, options: Options, *, several: bool = False) -> str | None:
    """The letter that an answer chooses, None where it cannot be read.

    :param options: letters `A` to `J` with the text of each option, or the texts in their order.
    :param several: the question may have several right options; all letters chosen are then given in their order.
    """
    named = _named(options)
    if not named or not text.strip():
        return None
    answer = _Answer(_cleaned(text), named, marks_for("".join(named)), several)
    for read in _READERS:
        found = read(answer)
        if found is not None:
            return found or None
    return None


def score_choice(items: Items) -> Scored:
    """1.0 where the answer chooses the letters of the reference, all of them and no other.

    NaN where no reference is a letter or the text of an option. An answer that cannot be read is wrong, as an examiner
    would have it; `choices_of` tells which.
    """
    values = np.full(len(items.ids), np.nan)
    for place, choice in enumerate(choices_of(items)):
        if choice is not None:
            values[place] = float(choice.said in choice.wanted)
    return Scored(values, _SIGNATURE)


class Choice(NamedTuple):
    """What was read of one answer: the letters that it chooses, None where unreadable, and those that are right."""

    said: str | None
    wanted: tuple[str, ...]


def choices_of(items: Items) -> Iterator[Choice | None]:
    """What each answer chooses; None for one that failed and for a question that has no letter for its reference."""
    for prediction, references, messages in zip(items.predictions, items.references, items.messages):
        options = options_in(question_of(messages)) if references else {}
        wanted = tuple(letters for text in references if (letters := reference_letters(text, options)))
        if prediction is None or not wanted:
            yield None
            continue
        several = any(len(letters) > 1 for letters in wanted)
        yield Choice(read_choice(prediction, options or dict.fromkeys(LETTERS, ""), several=several), wanted)


class _Answer(NamedTuple):
    """A cleaned answer with its options by letter."""

    text: str
    options: dict[str, str]
    marks: Marks
    several: bool


def _named(options: Options) -> dict[str, str]:
    if isinstance(options, Mapping):
        return {letter: text for letter, text in options.items() if letter in LETTERS}
    return dict(zip(LETTERS, options))


def _cleaned(text: str) -> str:
    """Without thoughts, emphasis and LaTeX; a letter in brackets or quotes gets marks of its own."""
    text = without_thoughts(text)
    if len(text) > 2 * _END:
        text = f"{text[:_END]}\n{text[-_END:]}"
    text = _LONG_SPACE.sub(_shortened, unicodedata.normalize("NFKC", text))
    for pattern, replacement in _CLEANING:
        text = pattern.sub(replacement, text)
    return text.strip()


def _shortened(space: re.Match[str]) -> str:
    """Less white space, on which patterns would spend minutes; a line still ends."""
    return space[0][: _MOST_SPACE - 1] + ("\n" if "\n" in space[0] else " ")


def _read_boxed(answer: _Answer) -> str | None:
    boxed = [match[1] or match[2] for match in _BOXED.finditer(answer.text)]
    return _opened(answer, boxed[-1]) if boxed else None


def _read_said(answer: _Answer) -> str | None:
    return _last(answer, answer.marks.said.finditer(answer.text))


def _read_hinted(answer: _Answer) -> str | None:
    found = [match for pattern in answer.marks.hinted for match in pattern.finditer(answer.text)]
    return _last(answer, sorted(found, key=lambda match: match.end("letters")))


def _last(answer: _Answer, matches: Iterable[re.Match[str]]) -> str | None:
    """The letters of the last match that is not denied."""
    for match in reversed(list(matches)):
        if _is_denied(answer.text, match.start()) or _ASKED.match(answer.text, match.end()):
            continue
        letters = _letters(answer, match)
        if letters is not None:
            return letters
    return None


def _is_denied(text: str, place: int) -> bool:
    """Whether what stands before a place takes it back: not, 不选, 如果, 排除."""
    return _DENIED.search(text, max(0, place - _DENIED_WITHIN), place) is not None


def _letters(answer: _Answer, match: re.Match[str]) -> str | None:
    """The letters of a match; "" for several where one is asked for, None where they are no letters of options."""
    fields = match.groupdict()
    group = "letters" if fields.get("letters") else "low"
    place, written = match.start(group), match[group].replace(OPENED, "").replace(CLOSED, "").upper()
    if _ARE_WRONG.match(answer.text, match.end(group)):  # "C, A and B are wrong" chooses C
        written, comma, _ = written.partition(",")
        written = written if comma else ""
    letters = [character for character in re.sub(r"AND|OR", " ", written) if character in answer.options]
    distinct = sorted(set(letters))
    if not letters or (written.isalpha() and written.isascii() and letters != distinct):
        return None  # BAD is a word
    if any(text.startswith(letters[0]) and _starts_with(answer.text, place, text) for text in answer.options.values()):
        return None  # C反应蛋白 is an option, not its letter
    return "".join(distinct) if answer.several or len(distinct) == 1 else ""


def _starts_with(text: str, place: int, option: str) -> bool:
    return len(option) > 1 and text.startswith(option, place)


def _read_verdicts(answer: _Answer) -> str | None:
    """Where each option has a line with a verdict: the right one, or the one that stands against all others."""
    right: set[str] = set()
    wrong: set[str] = set()
    for line in answer.text.splitlines():
        match = answer.marks.opening.match(line)
        letter = match["letters"] if match else None
        if letter and letter in answer.options and (verdict := _VERDICT.search(line)):
            (wrong if verdict["wrong"] else right).add(letter)
    if right | wrong != set(answer.options) or right & wrong:
        return None
    if answer.several:
        return "".join(sorted(right))
    return next((odd.pop() for odd in (right, wrong) if len(odd) == 1), None)


def _read_listed(answer: _Answer) -> str | None:
    """Several options, each on a line of its own."""
    lines = answer.text.splitlines() if answer.several else []
    found = [_opened(answer, line) for line in lines if line.strip()]
    return "".join(sorted(set(map(str, found)))) if len(found) > 1 and all(found) else None


def _read_opening(answer: _Answer) -> str | None:
    found = _opened(answer, answer.text)
    letters = list(answer.options)
    if found == letters[0] and len(letters) > 1 and re.search(_LINE_OF.format(letters[1]), answer.text):
        return None  # it goes through all options
    return found


def _read_last_line(answer: _Answer) -> str | None:
    head, _, line = answer.text.rpartition("\n")
    found = _opened(answer, line) if head else None
    if found and re.search(_LINE_OF.format(f"[{''.join(answer.options).replace(found[0], '')}]"), f"\n{head}"):
        return None  # the last of all options
    return found


def _opened(answer: _Answer, text: str) -> str | None:
    """The letters that a text opens with, where what follows leaves no doubt that they are the choice."""
    match = answer.marks.opening.match(text)
    if match is None:
        return None
    group = "letters" if match["letters"] else "low"
    letters = _letters(answer._replace(text=text), match)
    after = text[match.end(group) :]
    if not letters or _DENIES.match(after) or _ARE_WRONG.match(after):
        return letters if letters == "" and not after.strip(" .。") else None
    sure = not after.strip() or match[group].startswith(OPENED) or _GOES_ON.match(after)
    option = answer.options[letters[0]]
    return letters if sure or (option and normalised(after).startswith(normalised(option))) else None


def _read_text(answer: _Answer) -> str | None:
    """The options whose text the answer repeats, the longer ones first: what lies within them is not counted again."""
    text = normalised(answer.text)
    parts = {letter: normalised(option) for letter, option in answer.options.items()}
    found = []
    for letter, part in sorted(parts.items(), key=lambda pair: -len(pair[1])):
        if not part or part == letter.lower():
            continue
        places = list(places_of(text, part))
        if not all(_is_denied(text, place) for place in places):
            found.append(letter)
        if places:
            text = text.replace(part, "\0" * len(part))
    return "".join(sorted(found)) if len(found) == 1 or (found and answer.several) else None


def _read_single(answer: _Answer) -> str | None:
    found: set[str] = set()
    for match in answer.marks.single.finditer(answer.text):
        joined = _JOINED.search(answer.text, max(0, match.start() - _DENIED_WITHIN), match.start())
        if not _is_denied(answer.text, joined.start() if joined else match.start()):
            found.add(match["inside"] or match["alone"])
            found.update(letter for letter in (joined[0] if joined else "") if letter in answer.options)
    return found.pop() if len(found) == 1 else None


_READERS = (
    _read_boxed,
    _read_said,
    _read_verdicts,
    _read_listed,
    _read_opening,
    _read_last_line,
    _read_hinted,
    _read_text,
    _read_single,
)

_END = 10_000  # characters at both ends of a longer answer that are read
_MOST_SPACE = 32  # characters in a row
_LONG_SPACE = re.compile(rf"\s{{{_MOST_SPACE + 1},}}")
_DENIED_WITHIN = 16  # characters before a letter that may deny it
_JOINED = re.compile(  # "both A and B" names two, of which the second alone stands between marks
    rf"(?:(?<![A-Za-z0-9])[A-J]{CLOSED}?\s{{0,2}}(?:[/&]|(?:and|n?or)\b|以?及|和|与|或者?|还是)\s{{0,2}})+$"
)
_DENIED = re.compile(
    r"(?:如果|假如|倘若|若是?|不能?|不会|不应该?|不要|不可|(?<![分特区个])别|没有?|并非|而非|排除|除了|误以为|误|错误的?|不正确的?|"
    r"\b(?:if|not|never|whether|why|than|of|except|incorrect|wrong)|n't)"
    r"(?:是|选择?|的|答案|选项|(?:\s|,)*(?:the|a|an|my|correct|right|best|option|choice|answer|is|to))*\s*$",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\s*[.、:,)]?\s*(?:选项|项|是|为|的|说法)*\s*"
    r"(?:错|不|并不|并非|(?i:incorrect|wrong|false|is (?:not|wrong|incorrect|false)|isn't))"
)
_ARE_WRONG = re.compile(r"\s*(?:选项)?(?:都|均|是|are|is|were)*\s*(?i:错|不|incorrect|wrong|not\b|false)")
_ASKED = re.compile(r"\s*(?:吗|呢|还是)?\s*\?|吗")
_VERDICT = re.compile(
    r"(?P<wrong>不正确|不对|错|×|✗|✘|❌|不符合|不属于|(?i:\b(?:incorrect|wrong|false|not (?:correct|right|true))\b))|"
    r"正确|对(?:[。的]|$)|√|✓|✔|✅|符合|(?i:\b(?:correct|right|true)\b)"
)
_GOES_ON = re.compile(r"\s*(?:[.,:;、。!)\n=—-]|是|为|选项|项|正确|对|符合|(?i:is\b|because\b|since\b|as\b))")
_LINE_OF = r"\n[^\S\n]*[-*•#]*[^\S\n]*" + OPENED + "?{0}" + CLOSED + r"?\s*(?:[.、:)]|选项|项)"
_BOXED = re.compile(r"\\f?boxed\s*(?:(" + OPENED + r"[A-Ja-j]" + CLOSED + r")|\{([^{}]{1,40})\})")
_CLEANING = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[\u2018\u2019]", "'"),
        (r"[\u201c\u201d]", '"'),
        (r"\\(?:text|mathrm|mathbf|textbf|mbox)\s*\{([^{}]*)\}", r"\1"),
        (r"\*\*|__|`|\$|\\[()\[\]]", ""),
        (r"[(\[{【「『<\"']\s*([A-Ja-j])\s*[)\]}】」』>\"']", rf"{OPENED}\1{CLOSED}"),
    )
)
