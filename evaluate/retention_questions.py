"""One row of a file as a question with options: whatever the benchmarks call their columns.

>>> read_question({"": "7", "Question": "2 + 2 = ?", "A": "3", "B": "4", "Answer": "B"}, 1)
('7', Question(id='7', text='2 + 2 = ?', options=('3', '4'), answer=1))
>>> read_question(b'{"question": "2 + 2 = ?", "choices": ["3", "4"], "answer": 1}', 5)[1].expected
'B'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats.multiple_choice import LETTERS
from tunesmith.errors import RowError
from tunesmith.evaluate.retention_types import Question

_QUESTION = ("question", "query", "prompt")
_OPTIONS = ("choices", "options")
_ANSWER = ("answer", "label", "target", "gold")
_KEY = ("id", "", "unnamed: 0", "index")

_AROUND = "".join(sorted(set("() .（）。")))  # of a letter, as in `(B)` and `B.`
_FULL_WIDTH = str.maketrans("ＡＢＣＤＥＦＧＨＩＪ", LETTERS)


def read_question(row: bytes | Mapping[str, Any] | None, number: int) -> tuple[str, Question]:
    """The row's own key (its id or index, else its number) and the question.

    The answer is a letter, the number of an option from 0 (in JSON only, where it is a number), or an option's text.

    :raises RowError: with what was expected and seen.
    """
    values = {str(name).strip().lower(): value for name, value in _object(row).items()}
    text = _text(_first(values, _QUESTION), "question")
    options = _options(values)
    answer = _answer(_first(values, _ANSWER), options)
    key = next((str(values[name]).strip() for name in _KEY if _is_key(values.get(name))), str(number))
    return key, Question(key, text, options, answer)


def _object(row: bytes | Mapping[str, Any] | None) -> Mapping[str, Any]:
    if isinstance(row, Mapping):
        return row
    try:
        value = jsontext.loads(row or b"")
    except ValueError as error:
        raise RowError("invalid_json", f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RowError("wrong_type", f"expected an object, saw {type(value).__name__}")
    return value


def _first(values: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        if name in values:
            return values[name]
    raise RowError("missing_field", f"expected a field {' or '.join(names[:2])}, saw {', '.join(values) or 'none'}")


def _is_key(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and bool(str(value).strip())


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RowError("wrong_type", f"expected a text as {name}, saw {_seen(value)}")
    return value.strip()


def _options(values: Mapping[str, Any]) -> tuple[str, ...]:
    """From the columns A, B …, or from a list or an object of options."""
    given: Any = [values.get(letter.lower()) for letter in LETTERS if letter.lower() in values]
    expected = LETTERS[: len(given)].lower()
    if any(letter not in values for letter in expected):
        raise RowError("missing_field", f"expected the options {', '.join(expected.upper())} without a gap")
    if not given:
        given = _first(values, _OPTIONS)
    if isinstance(given, Mapping):
        given = list(given.values())
    while isinstance(given, list) and given and given[-1] in (None, ""):  # a row with fewer options than the widest
        given = given[:-1]
    if not isinstance(given, list) or not 2 <= len(given) <= len(LETTERS):
        raise RowError("wrong_type", f"expected 2 to {len(LETTERS)} options, saw {_seen(given)}")
    return tuple(_option(option, letter) for option, letter in zip(given, LETTERS))


def _option(option: Any, letter: str) -> str:
    if isinstance(option, (int, float)) and not isinstance(option, bool):
        option = str(option)
    return _text(option, f"option {letter}")


def _answer(value: Any, options: tuple[str, ...]) -> int:
    letters = LETTERS[: len(options)]
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value < len(options):
            return value
    elif isinstance(value, str):
        letter = value.strip().translate(_FULL_WIDTH).upper().strip(_AROUND)
        if len(letter) == 1 and letter in letters:
            return letters.index(letter)
        if options.count(value.strip()) == 1:
            return options.index(value.strip())
    expected = f"{letters[0]} to {letters[-1]}, the number of an option from 0, or its text"
    raise RowError("wrong_value", f"expected as answer {expected}, saw {_seen(value)}")


def _seen(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} of them" if value else "an empty list"
    if value is None or value == "":
        return "nothing"
    return repr(value)[:60]
