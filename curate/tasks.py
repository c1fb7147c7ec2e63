"""The task of a row, and how many of its tool calls are broken.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> prompts = ("Write a poem about rain.", "把下面的句子翻译成英语：早上好", "What is the capital of Peru?")
>>> rows = to_batch([Record("sft", (Message("user", text), Message("assistant", "..."))) for text in prompts])
>>> measure_tasks(rows)[0].to_pylist()
['writing', 'translation', 'qa']

A cheap label for shares, caps and strata, not a judgement of one row: it goes by cues in the first `HEAD` and the last
`TAIL` bytes of the prompt, where instructions stand, and for code and calculations by the answer. Of 150 rows of two
Alpaca sets, labelled by hand before the cues were asked, 124 agreed: 66 of 75 in English, 58 of 75 in Chinese.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.records import MESSAGE_TYPE
from tunesmith.curate.sides import Sides, sides_of
from tunesmith.curate.task_cues import CALCULATED, CUES, NOTHING, NUMBER, POLITE, STATEMENT
from tunesmith.curate.task_ends import ends_of
from tunesmith.curate.tool_calls import count_broken_calls

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

TASKS = (
    "math",
    "code",
    "translation",
    "summary",
    "classification",
    "extraction",
    "writing",
    "rewriting",
    "brainstorm",
    "qa",
    "dialogue",
    "tools",
    "other",
)

#: Bytes of the prompt that are looked at, and those in which its first verb stands.
HEAD, TAIL, OPENING = 160, 120, 100

_CALLS = MESSAGE_TYPE.get_field_index("tool_calls")
_FENCE = "```"
# A result, a number with an operator before another, and what gsm8k and LaTeX write around results.
_CALCULATION = r"=\s*[-$¥€£]?\d|\d\s*[+*×÷]\s*\$?\d|####|\\boxed"
_NEEDS = {NUMBER: r"\d", STATEMENT: r"^[^?？]*$"}


def measure_tasks(rows: pa.RecordBatch, *, sides: Sides | None = None) -> list[pa.Array]:
    """The columns of `TASK_SIGNALS`.

    :param sides: the row's texts where they are known already.
    """
    tasks = tasks_of(rows, sides or sides_of(rows))
    return [pa.array(tasks, pa.string()), pa.array(count_broken_calls(rows), pa.int32())]


def tasks_of(rows: pa.RecordBatch, sides: Sides) -> npt.NDArray[np.object_]:
    """The task of each row, one of `TASKS`; "" for a row that could not be read."""
    tasks = np.full(len(rows), "other", object)
    tools = _have_tools(rows)
    code = _matching(sides.answer, _FENCE) & ~tools
    tasks[tools], tasks[code] = "tools", "code"
    asks = pc.binary_length(sides.prompt).to_numpy(zero_copy_only=False) > 0
    left = np.flatnonzero(asks & ~tools & ~code)
    whole = len(left) == len(rows)
    tasks[left] = _by_cues(*(side if whole else side.take(pa.array(left)) for side in (sides.prompt, sides.answer)))
    tasks[pc.equal(rows.column("kind"), "invalid").to_numpy(zero_copy_only=False)] = ""
    return tasks


def _by_cues(prompts: pa.Array, answers: pa.Array) -> npt.NDArray[np.object_]:
    """The task that the first cue tells; the others are tried only on the rows that it does not fit."""
    tasks = np.full(len(prompts), "other", object)
    ends = ends_of(prompts, head=HEAD, tail=TAIL)
    openings = pc.replace_substring_regex(ends_of(prompts, head=OPENING, tail=0), POLITE, "", max_replacements=1)
    has = {NOTHING: np.ones(len(prompts), np.bool_)} | {need: _matching(ends, text) for need, text in _NEEDS.items()}
    has[CALCULATED] = _matching(answers, _CALCULATION)
    left = np.arange(len(prompts))
    for cue in CUES:
        found = has[cue.needs][left] & _matching(openings if cue.opens else ends, cue.pattern)
        tasks[left[found]] = cue.task
        if found.any():
            kept = pa.array(~found)
            left, ends, openings = left[~found], ends.filter(kept), openings.filter(kept)
    return tasks


def _have_tools(rows: pa.RecordBatch) -> Mask:
    """The rows that offer tools or call one."""
    tools = pc.fill_null(pc.match_substring(rows.column("tools"), "{"), False).to_numpy(zero_copy_only=False)
    messages = rows.column("messages")
    if messages.null_count == len(messages):
        return np.asarray(tools)
    calls = messages.flatten().field(_CALLS).is_valid().to_numpy(zero_copy_only=False)
    ends = np.cumsum(pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False))
    before = np.concatenate([[0], np.cumsum(calls)])
    found: Mask = tools | (np.diff(before[np.concatenate([[0], ends])]) > 0)
    return found


def _matching(texts: pa.Array, pattern: str) -> Mask:
    found: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found
