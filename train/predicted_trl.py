"""What the trainers of TRL 1.16 keep, cut, drop and end on when they are given a file as it is, without this workbench.

>>> told = predict_trl("medical.jsonl", template)  # doctest: +SKIP
>>> told.notes[0]  # doctest: +SKIP
'every token is trained, those of the questions too'

What is longer than `max_length` (1,024 unless one says so) loses its right end; an example of which no trained token is
left, and a pair whose prompt fills the length, are gone without a word. Files are read by `datasets` 5.2, which keeps
messages of different keys as JSON; older ones give every message the keys of all others, null where it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.errors import InputError, RowError
from tunesmith.train.jinja import rendered
from tunesmith.train.predicted_rows import Facts, FileRows, RawRows, RowsOfKind, facts_of
from tunesmith.train.predicted_trl_pairs import PAIRED, absent_column, sides_of, with_prompt
from tunesmith.train.predicted_types import Predicted, Verdict, first_end, lines_of
from tunesmith.train.preferences_tokens import sequences_of, tokens_of
from tunesmith.train.special import pattern_of
from tunesmith.train.template import Template
from tunesmith.train.types import Row, Stage

VERSION = "1.16 (datasets 5.2)"
MAX_LENGTH = 1024  # of every trainer's configuration
_SOURCE = "the source of trl 1.16: data_utils.py, trainer/, experimental/"
_KINDS: dict[str, str] = {"sft": "sft", "pretrain": "text", "kto": "kto"}
_CHATS = ("messages", "conversations")


class _Run(NamedTuple):
    rows: RawRows
    facts: Facts
    template: Template
    max_length: int
    stage: Stage


def predict_trl(
    data: str | Path | Iterable[Row],
    template: Template,
    *,
    max_length: int | None = None,
    stage: Stage = "sft",
    format: str | None = None,
) -> Predicted:
    """A verdict for each row; see `predict_for`.

    :raises InputError: for `grpo`, whose rows are prompts: nothing of them is cut or dropped.
    """
    if stage == "grpo":
        raise InputError("GRPO takes every prompt as it is", remedy="ask for sft, dpo, kto, orpo, simpo or reward")
    rows = _opened(data, stage, format)
    facts = facts_of(rows)
    run = _Run(rows, facts, template, max_length or MAX_LENGTH, stage)
    missing = _missing(run)
    ids, verdicts = [], []
    for row_id, row in rows:
        ids.append(row_id)
        verdicts.append(_verdict(row, run, missing))
    lines = lines_of(ids, verdicts)
    return Predicted("trl", VERSION, stage, _SOURCE, lines, _notes(run), missing or first_end(lines))


def _opened(data: str | Path | Iterable[Row], stage: Stage, format: str | None) -> RawRows:
    if isinstance(data, str | Path):
        return FileRows(data)
    return RowsOfKind(data, _KINDS.get(stage, "preference"), format or "auto")


def _missing(run: _Run) -> str | None:
    """What ends the run at its first row, whatever the rows say."""
    columns = run.facts.columns
    if not columns:
        return None
    if run.stage in PAIRED:
        return absent_column(run.stage, columns)
    if "prompt" in columns:
        return None if "completion" in columns else "KeyError: 'completion'"
    return None if columns & {*_CHATS, "text"} else "KeyError: 'text'"


def _verdict(row: Any | RowError, run: _Run, missing: str | None) -> Verdict:
    if isinstance(row, RowError):
        if row.code in ("wrong_kind", "cannot_export"):
            return Verdict("drop", row.code, row.what)
        return Verdict("crash", "invalid_json", f"DatasetGenerationError: {row.what}")
    if not isinstance(row, dict):
        return Verdict("crash", "not_an_object", "DatasetGenerationError: the row is no JSON object")
    if missing is not None:
        return Verdict("crash", "missing_column", missing)
    judge: Callable[[dict[str, Any], _Run], Verdict] = _pair if run.stage in PAIRED else _example
    try:
        return judge(row, run)
    except RowError as error:
        return Verdict("crash", error.code, error.what)


def _example(row: dict[str, Any], run: _Run) -> Verdict:
    columns = run.facts.columns
    if "prompt" in columns:
        return _completion(row, run)
    name = next((name for name in _CHATS if name in columns), None)
    if name is None:
        return _cut(_text_tokens(_ended(row.get("text"), run), run), run, reason=None)
    turns = _turns(row, name, run)
    tools = _tools(row, run)
    text = _rendered(turns, tools, run)
    return _cut(_count(text, run), run, reason=_odd(turns, run))


def _completion(row: dict[str, Any], run: _Run) -> Verdict:
    """Only the completion is trained; where the cut leaves none of it, the example is gone."""
    prompt, completion = row.get("prompt"), row.get("completion")
    if isinstance(prompt, list):
        turns = [_turns(row, name, run) for name in ("prompt", "completion")]
        tools = _tools(row, run)
        start = _count(_rendered(turns[0], tools, run, prompt=True), run)
        total = _count(_rendered(turns[0] + turns[1], tools, run), run)
    else:
        start = _text_tokens(prompt, run)
        total = _text_tokens(f"{prompt or ''}{_ended(completion, run)}", run)
    if total > run.max_length <= start:
        what = f"its prompt alone has {start:,} tokens, so none that is trained is left, and it is left out in silence"
        return Verdict("drop", "no_trained_token", what, total)
    return _cut(total, run, reason=None)


def _pair(row: dict[str, Any], run: _Run) -> Verdict:
    is_implicit = "prompt" not in run.facts.columns
    if is_implicit:
        row = with_prompt(run.stage, row)
    names = sides_of(run.stage, run.facts.columns)
    if not isinstance(row.get("prompt"), list):
        return _text_pair(row, names, run)
    read = names if run.stage == "reward" and is_implicit else ("prompt", *names)
    given: dict[str, Any] = {"prompt": [], **{name: _turns(row, name, run) for name in read}}
    tools = _tools(row, run)
    if run.stage in ("orpo", "simpo"):
        given = _as_texts(given, run)
    given["tools"] = jsontext.dumps(tools) if tools else None
    if run.stage == "reward":
        wholes = [_count(_rendered([*given["prompt"], *given[name]], tools, run), run) for name in names]
        return _sized([(size, 0) for size in wholes], run, same=given["chosen"] == given["rejected"])
    tries = [{**given, "completion": given[name]} for name in names] if run.stage == "kto" else [given]
    held = [sequences_of(run.stage, tokens_of(run.stage, one, run.template)) for one in tries]
    sizes = [(len(ids), start) for sequences in held for ids, start in sequences]
    return _sized(sizes, run, same=run.stage != "kto" and given["chosen"] == given["rejected"])


def _text_pair(row: dict[str, Any], names: Sequence[str], run: _Run) -> Verdict:
    prompt = row.get("prompt") or ""
    if not all(isinstance(text, str) for text in (prompt, *(row.get(name) for name in names))):
        raise RowError("not_text", "TypeError: prompt and answers are neither all texts nor all messages")
    start = _text_tokens(prompt, run) if prompt else 0
    sizes = [(_text_tokens(prompt + _ended(row[name], run), run), start) for name in names]
    return _sized(sizes, run, same=run.stage != "kto" and row["chosen"] == row["rejected"])


def _as_texts(given: Mapping[str, Any], run: _Run) -> dict[str, Any]:
    """ORPO and CPO render the messages without the tools of the row."""
    if given["prompt"][-1].get("role") not in ("user", "tool", "assistant"):
        role = given["prompt"][-1].get("role")
        raise RowError("prompt_end", f"ValueError: Invalid role in the last message: {role}")
    prompt = _rendered(given["prompt"], None, run, prompt=True)
    wholes = [_rendered([*given["prompt"], *given[side]], None, run) for side in ("chosen", "rejected")]
    letters = takewhile(lambda letters: len(set(letters)) == 1, zip(prompt, *wholes))
    shared = "".join(letter for letter, *_ in letters)
    return {"prompt": shared, "chosen": wholes[0][len(shared) :], "rejected": wholes[1][len(shared) :]}


def _sized(sizes: list[tuple[int, int]], run: _Run, *, same: bool) -> Verdict:
    """By the tokens of each sequence and of the prompt in it."""
    longest, prompt = max(size for size, _ in sizes), max(start for _, start in sizes)
    total = sum(size for size, _ in sizes)
    if longest > run.max_length and run.stage == "reward":
        what = f"one side has {longest:,} tokens, more than {run.max_length:,}; the pair is left out"
        return Verdict("drop", "too_long", what, total)
    if prompt >= run.max_length and run.stage in ("dpo", "kto"):
        what = f"its prompt alone has {prompt:,} tokens; it is left out"
        return Verdict("drop", "prompt_too_long", what, total)
    lost = sum(max(size - run.max_length, 0) for size, _ in sizes)
    if lost:
        reason = "no_trained_token" if prompt >= run.max_length else "too_long"
        return Verdict("cut", reason, f"{lost:,} tokens at the end of its answers go, end tokens too", total, lost)
    if same:
        return Verdict("keep", "identical", "chosen and rejected are the same and are trained all the same", total)
    return Verdict("keep", n_tokens=total)


def _cut(total: int, run: _Run, *, reason: tuple[str, str] | None) -> Verdict:
    lost = max(total - run.max_length, 0)
    if lost:
        return Verdict("cut", "too_long", f"{lost:,} of {total:,} tokens at its end go, its end token too", total, lost)
    noticed, what = reason or (None, None)
    return Verdict("keep", noticed, what, total)


def _odd(turns: list[Any], run: _Run) -> tuple[str, str] | None:
    """What such a row teaches that nobody meant."""
    roles = {turn.get("role") for turn in turns} - {"system", "user", "assistant", "tool"}
    if roles:
        return "unknown_role", f"the role {', '.join(sorted(map(str, roles)))} is trained as it is written"
    marks = pattern_of(run.template.special)
    if any(isinstance(turn.get("content"), str) and marks.search(turn["content"]) for turn in turns):
        return "special_tokens_in_text", "a mark of the template in its text becomes a real special token"
    return None


def _turns(row: Mapping[str, Any], name: str, run: _Run) -> list[Any]:
    """The messages of a column."""
    value = row.get(name)
    if not isinstance(value, list):
        raise RowError("no_turns", f"ValueError: `{name}` is no list of messages")
    if not value:
        raise RowError("no_turns", f"IndexError: `{name}` is an empty list")
    if not all(isinstance(turn, dict) for turn in value):
        raise RowError("broken_turn", f"a turn of `{name}` is no object")
    return [_in_roles(turn) for turn in value]


def _in_roles(turn: dict[str, Any]) -> dict[str, Any]:
    """`from` and `value` are taken for role and content, their values as they are; transformers leaves out what is
    null, so that a template that joins a null text ends with an error."""
    names = {"from": "role", "value": "content"}
    return {names.get(key, key): value for key, value in turn.items() if value is not None}


def _tools(row: Mapping[str, Any], run: _Run) -> Any:
    value = row.get("tools")
    if isinstance(value, str):
        try:
            return jsontext.loads(value.encode()) or None
        except ValueError:
            raise RowError("tools_not_json", "JSONDecodeError: the tools are no JSON") from None
    return value or None


def _rendered(turns: list[Any], tools: Any, run: _Run, *, prompt: bool = False) -> str:
    template = run.template
    return rendered(template.source_for(tools), template.variables, turns, tools, add_generation_prompt=prompt).text


def _count(text: str, run: _Run) -> int:
    return len(run.template.tokenizer(text, add_special_tokens=False)["input_ids"])


def _text_tokens(text: Any, run: _Run) -> int:
    """Text is encoded as the tokenizer does it by itself: with BOS where it writes one."""
    if not isinstance(text, str):
        raise RowError("not_text", "ValueError: text input must be of type str")
    return len(run.template.tokenizer(text)["input_ids"])


def _ended(text: Any, run: _Run) -> str:
    if not isinstance(text, str):
        raise RowError("not_text", "AttributeError: 'NoneType' object has no attribute 'endswith'")
    eos = str(run.template.tokenizer.eos_token)
    return text if text.endswith(eos) else text + eos


def _notes(run: _Run) -> tuple[str, ...]:
    columns = run.facts.columns
    if run.stage in PAIRED:
        more = ("the tools of a row are not rendered", "EOS is added behind what the template writes after its own end")
        return more if run.stage in ("orpo", "simpo") else ()
    if "prompt" in columns:
        return ("completions are trained, prompts are masked",)
    return ("every token is trained, those of the questions too",) if columns & {*_CHATS} else ()
