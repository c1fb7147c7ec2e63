"""What the fuzzing begins with: rows of every format, real rows of the bundled sample, and of other sets where named.

>>> rows()[0]
{'instruction': 'Translate', 'input': '猫', 'output': 'cat', 'history': [['Hi', 'Hello']]}
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
#: Rows of each file that are taken.
_ROWS_A_FILE = 40
_FILES = ("general.jsonl", "medical_zh.jsonl", "evaluation.jsonl")
_LONGEST_ROW = 3000

_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
_TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
_SHAPES: tuple[dict[str, Any], ...] = (
    {"instruction": "Translate", "input": "猫", "output": "cat", "history": [["Hi", "Hello"]]},
    {"instruction": "Hi", "output": "<think>\nhm\n</think>\n\nHello", "system": "Be brief.", "tools": "[]"},
    {"messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}], "id": 7},
    {
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": [_CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "3"},
            {"role": "assistant", "content": "so 3", "reasoning_content": "r"},
        ],
        "tools": [_TOOL],
    },
    {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
    {
        "conversations": [
            {"from": "human", "value": "q"},
            {"from": "function_call", "value": '{"name": "f", "arguments": {"x": 1}}'},
            {"from": "observation", "value": "3"},
            {"from": "gpt", "value": "a"},
        ],
        "tools": '[{"name": "f"}]',
    },
    {"prompt": "q", "completion": "a"},
    {"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}]},
    {"question": "q", "answer": "a", "reference": "b"},
    {"question": "q", "A": "x", "B": "y", "C": "z", "answer": "B"},
    {"instruction": "q", "input": "", "chosen": "good", "rejected": "bad"},
    {"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "g"},
     "rejected": {"from": "gpt", "value": "b"}},
    {"prompt": "q", "chosen": "good", "rejected": "bad"},
    {"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "assistant", "content": "g"}],
     "rejected": [{"role": "assistant", "content": "b"}]},
    {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "label": True},
    {"prompt": "q", "completion": "a", "label": False},
    {"instruction": "q", "output": "a", "kto_tag": "true"},
    {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "kto_tag": False},
    {"text": "The quick brown fox.\nA second line."},
    {"instruction": "q", "output": "a", "_tunesmith": {"alpaca": {"absent": ["input"]}}},
    {"conversation": [{"human": "q", "assistant": "a"}], "conversation_id": 1, "category": "x"},
)  # fmt: skip


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, Any], ...]:
    """A row of every shape, then real rows; more of them where TUNESMITH_SHARED_DATA names a folder of sets."""
    found = [*_SHAPES]
    for path in (*(DATA / name for name in _FILES), *_others()):
        found += [row for row in islice(_rows_of(path), _ROWS_A_FILE) if isinstance(row, dict)]
    return tuple(row for row in found if len(str(row)) < _LONGEST_ROW)


def _others() -> list[Path]:
    folder = os.environ.get("TUNESMITH_SHARED_DATA")
    found = Path(folder).glob("*.json*") if folder else ()
    return sorted(path for path in found if path.suffix in (".json", ".jsonl") and path.name != "dataset_info.json")


def _rows_of(path: Path) -> Any:
    """Its rows, whether it is an array or has one a line, whatever its ending says."""
    with path.open(encoding="utf-8") as file:
        if file.read(1) != "[":
            file.seek(0)
            yield from map(json.loads, islice(file, _ROWS_A_FILE))
            return
    yield from json.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def texts() -> tuple[bytes, ...]:
    """The texts of all rows, as bytes."""
    found: dict[str, None] = {}
    for row in rows():
        _collect(row, found)
    return tuple(text.encode("utf-8", "surrogatepass") for text in found)


def _collect(value: Any, found: dict[str, None]) -> None:
    if isinstance(value, str):
        found[value] = None
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _collect(item, found)


@lru_cache(maxsize=1)
def predictions() -> tuple[dict[str, Any], ...]:
    """Lines of predictions: the bundled ones, and those of another tool."""
    found: list[dict[str, Any]] = [*_rows_of(DATA / "predictions_before.jsonl")]
    found += [{"prompt": "q", "predict": "a", "label": "b"}, {"id": 1, "prediction": None, "failure": "timeout"}]
    found += [{"id": "x", "prediction": "a", "reference": ["a", "b"], "correct": True, "meta": {"model": "m"}, "n": 3}]
    return tuple(row for row in found if len(str(row)) < _LONGEST_ROW)
