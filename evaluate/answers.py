"""The answers of a predictions file as the metrics see them: texts, references, and the language that is expected.

>>> items_of(read_predictions(Path("data/predictions_after.jsonl"))).languages[:2]  # doctest: +SKIP
['zh', 'zh']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tunesmith.curate.language_asked import asked_languages
from tunesmith.curate.languages import tell
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.signals import language_of
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.predictions import Prediction, Predictions

#: Of `meta`, and so of an item's fields: `length` where the model was cut off.
FINISH_REASON = "finish_reason"
_THINKING, _THOUGHT = "<think>", "</think>"
#: The languages that metrics tell apart; every other one is `other`.
LANGUAGES = ("zh", "en", "ja", "ko", "other")


def items_of(predictions: Predictions) -> Items:
    """A predictions file as the metrics see it; a blank reference is none.

    The language of an item is that of its references; where they are too short to tell, the one that the prompt asks
    for, or else that of the prompt, or else what the letters look like.
    """
    rows = predictions.rows
    references = [tuple(text for text in row.references if text.strip()) for row in rows]
    return Items(
        ids=[row.id for row in rows],
        predictions=[row.prediction for row in rows],
        references=references,
        languages=_languages(references, [row.messages for row in rows]),
        messages=[row.messages for row in rows],
        fields=[_fields_of(row) for row in rows],
    )


def _fields_of(row: Prediction) -> Mapping[str, Any]:
    """The fields of the line, and why the model stopped, where its meta says so."""
    reason = row.meta.get(FINISH_REASON)
    return {FINISH_REASON: reason, **row.fields} if isinstance(reason, str) else row.fields


def text_of(message: Mapping[str, Any]) -> str:
    """The text of one turn; of a turn in parts, those that are text."""
    content = message.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def question_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the user said last, "" where no turn is the user's."""
    return next((text_of(turn) for turn in reversed(messages) if turn.get("role") == "user"), "")


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """All that the user said."""
    return "\n".join(text_of(turn) for turn in messages if turn.get("role") == "user")


def without_thoughts(text: str) -> str:
    """The answer after the block in which a model thinks; "" where the block does not end."""
    if _THOUGHT in text:
        return text.rpartition(_THOUGHT)[2]
    return text.partition(_THINKING)[0]


def as_rows(items: Items) -> pa.RecordBatch:
    """Prompts and answers as rows of the curation stage, whose signals then tell about them; a failed answer is "".

    Each row has the columns of `RECORD_SCHEMA`.
    """
    records = []
    for messages, prediction in zip(items.messages, items.predictions):
        turns = [Message(str(turn.get("role")), text_of(turn)) for turn in messages]
        records.append(Record("sft", (*turns, Message("assistant", prediction or ""))))
    return to_batch(records)


def _languages(references: list[tuple[str, ...]], messages: list[tuple[Mapping[str, Any], ...]]) -> list[str]:
    answers = ["\n".join(texts) for texts in references]
    prompts = [prompt_of(turns) for turns in messages]
    questions = pa.array([question_of(turns) for turns in messages], pa.string())
    told = [tell(pa.array(texts, pa.string())).language.tolist() for texts in (answers, prompts)]
    asked = asked_languages(questions).tolist()
    found = []
    for place, (answer, prompt) in enumerate(zip(answers, prompts)):
        language = told[0][place] or asked[place] or told[1][place] or language_of(answer, prompt)
        found.append(language if language in LANGUAGES else "other")
    return found
