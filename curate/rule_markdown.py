"""The table of rules as Markdown, which docs/recipe.md and docs/recipe.zh.md hold between marks.

>>> print(rule_table_markdown("en").splitlines()[2])
| `empty_turn` | drop | a turn without text or tool call teaches nothing | | What is AI? → |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tunesmith.curate.rules import RULES, Rule
from tunesmith.curate.said import Said

#: The table stands between these marks.
MARKS = ("<!-- rules -->", "<!-- end of rules -->")

_HEADS = Said(
    "| rule | policy | a row fails with | parameters and defaults | such a row |",
    "| 规则 | 默认处理 | 不合格的行 | 参数与默认值 | 例子 |",
)
_POLICY = {"drop": Said("drop", "剔除"), "flag": Said("flag", "标记")}


def rule_table_markdown(language: str) -> str:
    """A line for each rule, in the order in which they judge.

    :param language: `en` or `zh`.
    """
    heads = _HEADS.in_language(language)
    rows = (_row(rule, language) for rule in RULES.values())
    return "\n".join((heads, "|" + "---|" * heads.count(" |"), *rows)) + "\n"


def _row(rule: Rule, language: str) -> str:
    cells = (
        f"`{rule.name}`",
        _POLICY[rule.policy].in_language(language),
        _escaped(rule.why.in_language(language)),
        _parameters(rule, language),
        _escaped(rule.example.in_language(language)),
    )
    return "|" + "|".join(f" {cell.strip()} " if cell.strip() else " " for cell in cells) + "|"


def _parameters(rule: Rule, language: str) -> str:
    colon, between = ("：", "；") if language == "zh" else (": ", "; ")
    return "<br>".join(
        f"`{name}`{colon}{between.join(_numbers(numbers, language))}" for name, numbers in rule.defaults.items()
    )


def _numbers(numbers: Mapping[str, float], language: str) -> Iterator[str]:
    """Each different number with its languages; a number that all have alone."""
    for number in dict.fromkeys(numbers.values()):
        names = [name for name in numbers if numbers[name] == number]
        is_for = f"{'、'.join(names)} 为 " if language == "zh" else f"{', '.join(names)} "
        yield f"{is_for if len(names) < len(numbers) else ''}{number:g}"


def _escaped(text: str) -> str:
    """As a cell: a bar would end it, and marks in angles would be taken for HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;")
