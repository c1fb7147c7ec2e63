"""Real rows that faults are planted into, and the files that they are written to.

All rows are conversations here, whatever form their set has. Half of the tool-calling rows are written as OpenAI
messages, the rest of the rows as ShareGPT conversations, which is how such sets go around.

>>> row = Row("alpaca_en", "en", (Turn("human", "Hi"), Turn("gpt", "Hello.")))
>>> row.answered("Bye.").answer
'Bye.'
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

OPENAI = "_openai"  # how the names of sources end that are written as OpenAI messages


class Turn(NamedTuple):
    """One turn; of a function call the text is the JSON of its arguments."""

    role: str
    text: str
    name: str = ""


class Row(NamedTuple):
    """One conversation that ends with an answer."""

    source: str
    language: str  # of its set: zh or en
    turns: tuple[Turn, ...]
    tools: str = ""
    public: str = ""  # file and position in the public set, as a run of that file names it; "" for a row that was made

    @property
    def prompt(self) -> str:
        """The last user turn."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "human"), "")

    @property
    def answer(self) -> str:
        """The last turn."""
        return self.turns[-1].text

    @property
    def text(self) -> str:
        """Everything that is said."""
        return "\n".join(turn.text for turn in self.turns)

    def answered(self, answer: str) -> Row:
        """The same row with another last answer."""
        return self._replace(turns=(*self.turns[:-1], Turn("gpt", answer)))

    def asked(self, prompt: str) -> Row:
        """The same row with another last user turn."""
        at = max(i for i, turn in enumerate(self.turns) if turn.role == "human")
        return self.turned(at, Turn("human", prompt))

    def turned(self, at: int, turn: Turn) -> Row:
        """The same row with another turn at this place."""
        return self._replace(turns=(*self.turns[:at], turn, *self.turns[at + 1 :]))


class Set(NamedTuple):
    """One public set: its file, its language, and the largest share of that language's rows that it may take."""

    name: str
    file: str
    language: str
    share: float
    read: Callable[[str, str, dict[str, Any]], Row]


def load(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON array or of JSON Lines."""
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def read_set(data: Path, name: str) -> list[Row]:
    """All rows of one public set."""
    chosen = next(one for one in SETS if one.name == name)
    rows = (chosen.read(chosen.name, chosen.language, row) for row in load(data / chosen.file))
    stem = Path(chosen.file).stem
    return [row._replace(public=f"{stem}:{position}") for position, row in enumerate(rows, 1)]


def base_rows(data: Path, n_rows: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Clean rows, half of them in each language, and the Chinese medical rows that are left for an evaluation set."""
    base: list[Row] = []
    left: list[Row] = []
    for language in ("en", "zh"):
        wanted = n_rows // 2
        for one in (one for one in SETS if one.language == language):
            rows = read_set(data, one.name)
            Random(f"{seed}:{one.name}").shuffle(rows)
            n_taken = min(len(rows), wanted, int(n_rows // 2 * one.share))
            wanted -= n_taken
            base += _spread(one.name, rows[:n_taken])
            left += rows[n_taken:] if one.name == "huatuo" else []
    return base, left


def _spread(name: str, rows: list[Row]) -> list[Row]:
    """Every other tool-calling row goes to the source in OpenAI's form."""
    if not name.startswith("glaive"):
        return rows
    return [row._replace(source=name + OPENAI * (i % 2)) for i, row in enumerate(rows)]


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """JSON Lines, in the form that the name of the source says."""
    written = [_openai(row) if row.source.endswith(OPENAI) else _sharegpt(row) for row in rows]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written), encoding="utf-8")


def _sharegpt(row: Row) -> dict[str, Any]:
    said = [{"from": turn.role, "value": _call(turn) if turn.name else turn.text} for turn in row.turns]
    return {"conversations": said, **({"tools": row.tools} if row.tools else {})}


def _call(turn: Turn) -> str:
    return f'{{"name": {json.dumps(turn.name, ensure_ascii=False)}, "arguments": {turn.text}}}'


def _openai(row: Row) -> dict[str, Any]:
    messages: list[dict[str, Any]] = []
    for turn in row.turns:
        message: dict[str, Any] = {"role": _ROLES[turn.role], "content": turn.text}
        if turn.name:
            call = {"name": turn.name, "arguments": turn.text}
            message |= {
                "content": None,
                "tool_calls": [{"id": f"call_{len(messages)}", "type": "function", "function": call}],
            }
        if turn.role == "observation":
            message["tool_call_id"] = f"call_{len(messages) - 1}"
        messages.append(message)
    tools = [{"type": "function", "function": tool} for tool in json.loads(row.tools or "[]")]
    return {"messages": messages, **({"tools": tools} if tools else {})}


_ROLES = {"system": "system", "human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}


def _alpaca(source: str, language: str, row: dict[str, Any]) -> Row:
    prompt = "\n".join(filter(None, (row["instruction"], row["input"])))
    return Row(source, language, (Turn("human", prompt), Turn("gpt", row["output"])))


def _question(source: str, language: str, row: dict[str, Any]) -> Row:
    return Row(source, language, (Turn("human", row["question"]), Turn("gpt", row["answer"])))


def _preference(source: str, language: str, row: dict[str, Any]) -> Row:
    return Row(source, language, tuple(map(_turn, (*row["conversations"], row["chosen"]))))


def _tools(source: str, language: str, row: dict[str, Any]) -> Row:
    tools = "" if row["tools"] == "[]" else row["tools"]
    return Row(source, language, tuple(map(_turn, row["conversations"])), tools)


def _turn(turn: dict[str, str]) -> Turn:
    if turn["from"] != "function_call":
        return Turn(turn["from"], turn["value"])
    call = json.loads(turn["value"])
    return Turn("function_call", json.dumps(call["arguments"], ensure_ascii=False), call["name"])


SETS = (
    Set("alpaca_en", "alpaca_en_demo.json", "en", 0.25, _alpaca),
    Set("dpo_en", "dpo_en_demo.json", "en", 0.1, _preference),
    Set("glaive_en", "glaive_toolcall_en_demo.json", "en", 0.2, _tools),
    Set("gsm8k", "gsm8k_train.jsonl", "en", 1.0, _question),
    Set("alpaca_zh", "alpaca_zh_demo.json", "zh", 0.25, _alpaca),
    Set("dpo_zh", "dpo_zh_demo.json", "zh", 0.1, _preference),
    Set("glaive_zh", "glaive_toolcall_zh_demo.json", "zh", 0.2, _tools),
    Set("huatuo", "huatuo_med_zh.json", "zh", 1.0, _alpaca),
)
