"""The table of rules, in the order in which they judge: the first dropping rule that a row fails drops it.

A rule is one entry: its parameters with a number for each language, its judge, the signals it reads, and its words. An
example is a row that fails: `prompt → answer`, of a pair `prompt → chosen | rejected`.

>>> RULES["refusal"].policy, RULES["refusal"].defaults["from_score"]["zh"]
('drop', 0.5)

Limits were set on the 20,000 rows of public demonstration sets in both languages (gsm8k, alpaca, huatuo, tool calls,
preferences): no row that reads well reaches one. The nearest that read well have a loop of .17 of the answer, .24 of
their sentences repeated, .19 of symbols, .57 of symbols and punctuation (lists in quotes), .93 of the prompt again.
"""

from __future__ import annotations

from tunesmith.curate.rule_content import CONTENT, PAIRS
from tunesmith.curate.rule_shape import DAMAGE, SHAPE
from tunesmith.curate.rule_types import Rule

RULES: dict[str, Rule] = {rule.name: rule for rule in (*SHAPE, *DAMAGE, *CONTENT, *PAIRS)}
