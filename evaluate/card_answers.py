"""The answers of a predictions file as the report card sees them: those that came, and what each of them does.

    answers = answers_of(read_predictions(Path("after.jsonl")))
    marks_of(answers)["refusals"]  # 1.0 where an answer is a refusal, else 0.0; NaN where that cannot be asked

The marks are those by which a training set is judged: the rules `refusal`, `loop` and `wrong_language` of the curation
stage, and its signal `unknown_answer`. What a rule drops from the training data is what is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.measured import measure_batch
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.rules import RULES, judge_all
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.predictions import Prediction, Predictions

Places = npt.NDArray[np.int64]

#: A mark, and the rule of the curation stage that makes it.
_BY_RULE = {"refusals": "refusal", "language": "wrong_language", "loops": "loop"}


class Answers(NamedTuple):
    """The predictions that came: the failed ones are left out and counted, an empty answer is one.

    :param signals: one row an answer, the columns of `SIGNALS`.
    """

    rows: tuple[Prediction, ...]
    failed: int
    signals: pa.Table

    @property
    def texts(self) -> list[str]:
        """What the model wrote."""
        return [row.prediction or "" for row in self.rows]

    @property
    def prompts(self) -> list[str]:
        """All that stands before each answer, every turn."""
        return ["\n".join(turn_text(turn) for turn in row.messages) for row in self.rows]


class Pairs(NamedTuple):
    """The answers of both systems to the same item: places in `Answers.rows`, shape `(n_pairs,)` each."""

    before: Places
    after: Places


class Systems(NamedTuple):
    """The model that the card is about, and what it was before where that is known."""

    after: Answers
    before: Answers | None
    pairs: Pairs

    @property
    def coverage(self) -> dict[str, int | None]:
        """Answers that came and that failed, and items that both systems answered."""
        before = self.before
        return {
            "answers": len(self.after.rows),
            "failed": self.after.failed,
            "answers_before": len(before.rows) if before else None,
            "failed_before": before.failed if before else None,
            "pairs": len(self.pairs.after) if before else None,
        }


def systems_of(before: Predictions | None, after: Predictions) -> Systems:
    """Measure the answers of both."""
    mine, theirs = answers_of(after), answers_of(before) if before else None
    return Systems(mine, theirs, pair(theirs, mine) if theirs else Pairs(*np.zeros((2, 0), np.int64)))


def answers_of(predictions: Predictions) -> Answers:
    """Measure the answers of a file."""
    rows = tuple(row for row in predictions.rows if row.prediction is not None)
    batch = to_batch([_record(row) for row in rows])
    columns = dict(zip((name for name, _, _ in SIGNALS), measure_batch(batch)))
    signals = pa.table({"kind": batch.column("kind"), **columns})
    return Answers(rows, len(predictions.rows) - len(rows), signals)


def pair(before: Answers, after: Answers) -> Pairs:
    """The items that both answered, in the order of `after`."""
    places = {row.id: place for place, row in enumerate(before.rows)}
    found = [(places[row.id], place) for place, row in enumerate(after.rows) if row.id in places]
    both = np.array(found, np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1])


def marks_of(answers: Answers) -> dict[str, Floats]:
    """`refusals`, `unknown`, `language` and `loops`: 1.0 where an answer has the fault, shape `(n_answers,)` each.

    `language` is NaN where the language of the answer, or the one to expect, cannot be told: a letter, a number, code.
    """
    settings = {rule: RULES[rule].defaults for rule in _BY_RULE.values()}
    judged = judge_all(answers.signals, settings)
    marks = {name: judged[rule].failed.astype(np.float64) for name, rule in _BY_RULE.items()}
    told = _have_text(answers, "answer_language")
    expected = _have_text(answers, "prompt_language") | _have_text(answers, "asked_language")
    marks["language"][~(told & expected)] = np.nan
    marks["unknown"] = _column(answers, "unknown_answer")
    return marks


def characters_of(answers: Answers) -> Floats:
    """The length of each answer in Unicode characters, without outer white space."""
    return _column(answers, "answer_characters")


def last_question(row: Prediction) -> str:
    """What the user said last."""
    return next((turn_text(turn) for turn in reversed(row.messages) if turn.get("role") == "user"), "")


def system_turn(row: Prediction) -> str:
    """What the system turns say."""
    return "\n".join(turn_text(turn) for turn in row.messages if turn.get("role") == "system")


def turn_text(turn: Mapping[str, Any]) -> str:
    """The text of a turn; of one in parts, those that are text."""
    content = turn.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _record(row: Prediction) -> Record:
    turns = [Message(str(turn.get("role")), turn_text(turn)) for turn in row.messages]
    return Record("sft", (*turns, Message("assistant", row.prediction)))


def _column(answers: Answers, name: str) -> Floats:
    values: Floats = answers.signals[name].to_numpy().astype(np.float64)
    return values


def _have_text(answers: Answers, name: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = answers.signals[name].to_numpy() != ""
    return found
