"""Whether a planted fault is what its name says, by other means than those that planted it.

>>> CHECKS["resident id"](Row("s", "zh", (Turn("human", "11010519491231002X"), Turn("gpt", ""))), None)
True
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from fault_planting import Planted
from fault_rows import Row, Turn
from fault_shingles import highest_jaccard, lowest_jaccard, words
from fault_text import SIMILARITY
from fault_wordings import Wordings, written

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # the table printed in GB 11643


def cut_inside(row: Row, base: Row) -> bool:
    """The answer is a start of the real one, which goes on in the same clause and for ten words (twenty characters)."""
    rest = base.answer[len(row.answer) :]
    sentence = re.split(r"[。！？\n]|[.!?](?=\s|$)", rest)[0]
    lasts = len(words(sentence)) >= (20 if row.language == "zh" else 10)
    same_clause = bool(re.match(r"[^\s\W] ?|[ ]\w", rest)) and row.answer[-1].isalnum()
    return base.answer.startswith(row.answer) and same_clause and lasts


def still_alike(row: Row, base: Row) -> bool:
    """Not the same words, and alike by both counts."""
    return words(row.text) != words(base.text) and lowest_jaccard(row.text, base.text) >= SIMILARITY


def same_words(row: Row, base: Row) -> bool:
    """Only case, width and spacing differ."""
    return words(row.text) == words(base.text)


def holds_id(row: Row, base: Row | None) -> bool:
    """A number whose weighted sum fits its check character."""
    found = re.findall(r"\d{6} ?\d{8} ?\d{3}[\dX]", row.text)
    return any(_fits(number.replace(" ", "")) for number in found)


def _fits(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS))
    return "10X98765432"[total % 11] == number[-1]


def loops(row: Row, base: Row) -> bool:
    """Some stretch stands three times in a row, numbers of lines and steps left aside."""
    plain = re.sub(r"\n?(?:^|(?<=\n))(?:\d+\. |Step \d+: |第\d+步：)", "\n", row.answer)
    return bool(re.search(r"(.{1,420}?)\1{2,}", plain, re.DOTALL))


def echoes(row: Row, base: Row) -> bool:
    """Nearly all words of prompt and answer are the same."""
    asked, said = words(row.prompt), words(row.answer)
    return said[-len(asked) :] == asked and len(said) - len(asked) <= 8


def uncallable(row: Row, base: Row) -> bool:
    """A call that is no JSON object, names no tool, or lacks a required parameter."""
    tools = {tool["name"]: tool.get("parameters", {}).get("required", []) for tool in json.loads(row.tools)}
    return any(not _callable(turn, tools) for turn in row.turns if turn.name)


def _callable(turn: Turn, tools: dict[str, list[str]]) -> bool:
    try:
        arguments = json.loads(turn.text)
    except json.JSONDecodeError:
        return False
    return isinstance(arguments, dict) and turn.name in tools and set(tools[turn.name]) <= set(arguments)


def changed_only_elsewhere(row: Row, base: Row) -> bool:
    """Another answer to the same prompt."""
    return row.prompt == base.prompt and highest_jaccard(row.answer, base.answer) < 0.5


def unseen(sources: Path, wordings: Wordings) -> None:
    """Stops where a wording of the set stands whole in the rules' own sources, of which only that is asked."""
    known = "\n".join(path.read_text(encoding="utf-8") for path in sorted(sources.glob("*.py"))).lower()
    seen = [phrase for phrase in written(wordings) if phrase.lower().strip(".。!！?？") in known]
    if seen:
        raise SystemExit(f"{len(seen)} wordings stand in {sources}; choose others: {seen[:5]}")


def checked(planted: Mapping[str, Planted]) -> None:
    """Stops at a row whose fault is not what its name says."""
    for row_id, one in planted.items():
        check = CHECKS.get(one.fault)
        if check and not check(one.row, one.was):
            raise SystemExit(f"{row_id}: {one.fault} ({one.variant}) is not one: {one.row.answer[-80:]!r}")


CHECKS: dict[str, Callable[[Row, Row], bool]] = {
    "truncated answer": cut_inside,
    "edited duplicate": still_alike,
    "exact duplicate": same_words,
    "resident id": holds_id,
    "repetition loop": loops,
    "answer echoes prompt": echoes,
    "broken tool JSON": uncallable,
    "refusal boilerplate": changed_only_elsewhere,
    "wrong answer language": changed_only_elsewhere,
}
