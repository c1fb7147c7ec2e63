"""Reward functions are tried on the first rows before a model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError
from tunesmith.train.trainer_rewards import read_rewards, try_rewards

PROMPTS: list[dict[str, Any]] = [
    {"prompt": [{"role": "user", "content": "1 + 1?"}], "reference": "2"},
    {"prompt": [{"role": "user", "content": "2 + 2?"}], "reference": "4"},
]


def tried(folder: Path, text: str, name: str = "score") -> None:
    (folder / "rewards.py").write_text(text, encoding="utf-8")
    names = [f"{folder}/rewards.py:{name}"]
    try_rewards(read_rewards(names), names, PROMPTS)


def test_a_function_gets_prompts_completions_and_columns(tmp_path: Path) -> None:
    tried(
        tmp_path,
        "def score(prompts, completions, reference, **columns):\n"
        "    return [float(r in c[0]['content']) for r, c in zip(reference, completions, strict=True)]\n",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def other(completions, **c): return []\n", "there is no function 'score'; it has other"),
        ("def score(completions): return []\n", r"takes `completions` and `\*\*columns`"),
        ("def score(prompts, **c): return []\n", "takes `completions`"),
        ("async def score(completions, **c): return []\n", "asynchronous"),
        ("def score(completions, **c): return [1.0]\n", "returns 1 values for 2 answers"),
        ("def score(completions, **c): return 1.0\n", "returns float for 2 answers"),
        ("def score(completions, **c): return ['a', 'b']\n", "returns 'a' where a finite number"),
        ("def score(completions, **c): return [float('nan')] * 2\n", "returns nan where a finite number"),
        ("def score(completions, **c): return [True] * 2\n", "returns True"),
        ("def score(completions, **c): return 1 / 0\n", "fails on the first rows: ZeroDivisionError"),
        ("import nothing_of_that_name\n", "cannot be run: ModuleNotFoundError"),
        ("def score(:\n", "cannot be run: SyntaxError"),
    ],
)
def test_what_is_wrong_with_a_function_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tried(tmp_path, text)


def test_none_as_a_reward_is_allowed(tmp_path: Path) -> None:
    tried(tmp_path, "def score(completions, **c): return [None, 1.0]\n")


def test_a_missing_file_is_told() -> None:
    with pytest.raises(InputError, match="expected a Python file"):
        read_rewards(["nowhere.py:score"])
