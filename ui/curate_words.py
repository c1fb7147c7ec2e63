"""What rules, their parameters, languages and verdicts are called: the words of the report, for the pages.

>>> rule_name(Words("en"), "truncated_answer"), rule_name(Words("en"), "my*rule")
('The answer breaks off', 'my\\\\*rule')
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.ui.words import Words, escaped


def rule_name(say: Words, name: str, *, plain: bool = False) -> str:
    """A rule, or another reason of the ledger, in Markdown; one of the recipe's own as it is called there.

    :param plain: for a place that renders no Markdown, or as a value of `say`, which escapes it.
    """
    return _named(say, "rule", name, plain=plain)


def reason(say: Words, name: str, settings: Mapping[str, Any] | None) -> str:
    """What is wrong with a row that fails a rule, in Markdown."""
    from tunesmith.curate.rules import RULES, rule_of

    if name not in RULES and settings is None:
        return ""
    rule = RULES[name] if name in RULES or settings is None else rule_of(name, settings)
    told = rule.why.in_language(say.language)
    example = rule.example.in_language(say.language)
    sentence = f"{told[:1].upper()}{told[1:]}{say.plain('curate.stop')}"
    return escaped(f"{sentence} {say.plain('curate.for_example', example=example)}" if example else sentence)


def parameter_name(say: Words, name: str) -> str:
    """A parameter of a rule of the table."""
    return say(f"curate.parameter_{name}")


def language_name(say: Words, name: str, *, plain: bool = False) -> str:
    """A language that a run tells rows by."""
    return _named(say, "language", name, plain=plain)


def verdict_name(say: Words, name: str) -> str:
    """What became of a row."""
    return say(f"curate.verdict_{name}")


def left_because(say: Words, stage: str | None, rule: str | None, *, plain: bool = False) -> str:
    """Why a row left, in a few words; a reason that has none is shown as the ledger has it."""
    return rule_name(say, rule, plain=plain) if rule else _named(say, "stage", stage or "", plain=plain)


def shown_number(number: float) -> str:
    """A number for a person: `100,000`, `0.35`."""
    return f"{int(number):,}" if float(number).is_integer() else f"{number:.4g}"


def _named(say: Words, prefix: str, code: str, *, plain: bool) -> str:
    from tunesmith.curate.report_text import name

    told = name(say.language, prefix, code)
    return told if plain else escaped(told)
