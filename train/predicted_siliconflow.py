"""Which rows SiliconFlow's upload takes, by the rules that its guide to fine-tuning publishes.

>>> broken_rule({"messages": [{"role": "assistant", "content": "Hi"}]})
('first_turn', 'the first turn that is no system turn is assistant; it must be user')

The rules were read in the guide (docs.siliconflow.cn/en/userguide/guides/fine-tune); the platform itself was never
asked. The guide does not say what becomes of a file with one broken line, nor how many lines, bytes or tokens a row may
have, so no row is said to be cut, and a broken one counts as the end of the upload.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tunesmith.curate.formats.base import describe
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError, RowError
from tunesmith.train.predicted_rows import ExportedRows, FileRows, RawRows
from tunesmith.train.predicted_types import Predicted, Verdict, first_end, lines_of
from tunesmith.train.template import Template
from tunesmith.train.types import Row, Stage

VERSION = "its published guide"
_SOURCE = (
    "docs.siliconflow.cn/en/userguide/guides/fine-tune, section on data for language models; not verified on the "
    "platform. Limits of size and length, and what one broken line does to the others, are not published there"
)
_ROLES = ("system", "user", "assistant")


def predict_siliconflow(data: str | Path | Iterable[Row], template: Template, *, stage: Stage = "sft") -> Predicted:
    """A verdict for each row; see `predict_for`.

    :raises InputError: for other stages than `sft`: the guide knows conversations only.
    """
    if stage != "sft":
        raise InputError(f"SiliconFlow's guide knows no stage {stage}", remedy="ask for sft")
    is_file = isinstance(data, str | Path)
    rows: RawRows = FileRows(data) if isinstance(data, str | Path) else ExportedRows(data, "siliconflow")
    ids, verdicts = [], []
    for row_id, row in rows:
        ids.append(row_id)
        verdicts.append(_verdict(row, template))
    lines = lines_of(ids, verdicts)
    ends = _wrong_file(str(data)) if is_file else None
    notes = ("how long a row may be is not published: no row is said to be cut",)
    return Predicted("siliconflow", VERSION, stage, _SOURCE, lines, notes, ends or first_end(lines))


def _wrong_file(path: str) -> str | None:
    info = open_input(path).files[0]
    if not info.name.endswith(".jsonl"):
        return f"{info.name}: only files that end in .jsonl are taken"
    return None if info.container == "json_lines" else f"{info.name}: each line must be a JSON object of its own"


def _verdict(row: Any | RowError, template: Template) -> Verdict:
    if isinstance(row, RowError):
        if row.code == "cannot_export":
            return Verdict("drop", row.code, row.what)
        return Verdict("crash", "invalid_json", row.what)
    broken = broken_rule(row)
    if broken is not None:
        return Verdict("crash", *broken)
    texts = [turn["content"] for turn in row["messages"]]
    n_tokens = sum(len(template.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts)
    further = sorted(row.keys() - {"messages"})
    if further:
        return Verdict("keep", "further_fields", f"nothing is published about {', '.join(further)}", n_tokens)
    return Verdict("keep", n_tokens=n_tokens)


def broken_rule(row: Any) -> tuple[str, str] | None:
    """The first published rule that a row breaks, as a code and in words; None where it may be uploaded."""
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not messages:
        return "no_messages", f"`messages` is {describe(messages)}; it must be a list that is not empty"
    for number, turn in enumerate(messages, 1):
        if not isinstance(turn, dict) or not {"role", "content"} <= turn.keys():
            return "turn_fields", f"turn {number} has no `role` or no `content`"
        if turn["role"] not in _ROLES:
            return "unknown_role", f"turn {number} is {turn['role']}; it must be one of {', '.join(_ROLES)}"
        if not isinstance(turn["content"], str):
            return "not_text", f"turn {number} has {describe(turn['content'])} where text belongs"
    return _broken_order([turn["role"] for turn in messages])


def _broken_order(roles: list[str]) -> tuple[str, str] | None:
    start = next((place for place, role in enumerate(roles) if role != "system"), len(roles))
    talk = roles[start:]
    if "system" in talk:
        return "system_place", "a system turn stands behind another; it must be at the beginning"
    if not talk or talk[0] != "user":
        return (
            "first_turn",
            f"the first turn that is no system turn is {talk[0] if talk else 'missing'}; it must be user",
        )
    if len(talk) % 2 or any(role != ("user", "assistant")[place % 2] for place, role in enumerate(talk)):
        return "pairs", "user and assistant do not speak by turns, in pairs"
    return None
