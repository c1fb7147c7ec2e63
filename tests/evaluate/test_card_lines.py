"""The verdict of a line: what its interval and its adjusted p allow to be said, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunesmith.errors import InputError
from tunesmith.evaluate.card_answers import Pairs
from tunesmith.evaluate.card_examples import faults
from tunesmith.evaluate.card_lines import RULES, Judgement, Line, Marks, Rule, judge, line_of, share_line, unmeasured
from tunesmith.evaluate.card_retention import forgetting_line, read_retention
from tunesmith.evaluate.results import Difference, Estimate, Interval

MORE = Rule("loops", "share", "more", 0.05, 0.02, 0.1)
LESS = Rule("format", "share", "less", 0.05, 0.9, 0.5)
EITHER = Rule("refusals", "share", "either", 0.05)


def _line(rule: Rule, change: Interval | None, p: float | None, figure: Interval = (0.0, 0.01), n: int = 200) -> Line:
    middle = (figure[0] + figure[1]) / 2
    found = Estimate(middle, n, figure, "")
    if change is None:
        return line_of(rule, found)
    seen = (change[0] + change[1]) / 2
    difference = Difference(n, middle - seen, middle, seen, change, p, None, "", None, None, "")
    return {**line_of(rule, found, found, difference), "p_adjusted": p}


@pytest.mark.parametrize(
    ("rule", "change", "p", "expected"),
    [
        (MORE, (0.06, 0.1), 0.001, ("bad", "worse")),
        (MORE, (0.01, 0.1), 0.03, ("look", "worse")),
        (MORE, (0.01, 0.04), 0.03, ("fine", "unchanged")),  # it changed, and by less than matters
        (MORE, (0.01, 0.1), 0.2, ("too few", "undecided")),  # significant only before the adjustment
        (MORE, (-0.01, 0.04), 0.3, ("fine", "unchanged")),
        (MORE, (-0.01, 0.06), 0.3, ("too few", "undecided")),
        (MORE, (-0.1, -0.01), 0.01, ("fine", "improved")),
        (LESS, (-0.1, -0.06), 0.001, ("bad", "worse")),
        (LESS, (0.01, 0.2), 0.01, ("fine", "improved")),
        (LESS, (-0.04, 0.3), 0.3, ("fine", "unchanged")),
        (EITHER, (0.01, 0.1), 0.01, ("look", "more")),
        (EITHER, (-0.1, -0.01), 0.01, ("look", "fewer")),
        (EITHER, (-0.04, 0.04), 0.9, ("fine", "unchanged")),
        (EITHER, (-0.06, 0.01), 0.2, ("too few", "undecided")),
    ],
)
def test_a_change_is_judged_by_its_interval_and_its_adjusted_p(
    rule: Rule, change: Interval, p: float, expected: tuple[str, str]
) -> None:
    figure = (0.95, 0.99) if rule is LESS else (0.0, 0.01)
    assert judge(rule, _line(rule, change, p, figure))[:2] == expected


@pytest.mark.parametrize(
    ("rule", "figure", "n", "expected"),
    [
        (MORE, (0.11, 0.2), 200, ("bad", "high")),
        (MORE, (0.11, 0.9), 9, ("look", "high")),  # of so few nothing is called bad
        (MORE, (0.03, 0.2), 200, ("look", "high")),
        (MORE, (0.0, 0.03), 200, ("fine", "low")),
        (MORE, (0.0, 0.03), 9, ("too few", "undecided")),
        (MORE, (0.0, 0.2), 200, ("too few", "undecided")),
        (LESS, (0.2, 0.4), 200, ("bad", "high")),
        (LESS, (0.6, 0.8), 200, ("look", "high")),
        (LESS, (0.93, 0.99), 200, ("fine", "low")),
        (EITHER, (0.4, 0.5), 200, (None, "described")),
    ],
)
def test_without_a_model_before_only_what_is_a_fault_by_itself_is_judged(
    rule: Rule, figure: Interval, n: int, expected: tuple[str | None, str]
) -> None:
    assert judge(rule, _line(rule, None, None, figure, n))[:2] == expected


def test_a_fault_that_was_there_before_is_a_fault() -> None:
    assert judge(MORE, _line(MORE, (-0.01, 0.01), 1.0, (0.2, 0.3)))[:2] == ("bad", "high")


def test_what_is_expected_without_any_fault_is_no_fault() -> None:
    line = _line(MORE, None, None, (0.11, 0.14))
    assert judge(MORE, line).verdict == "bad"
    assert judge(MORE, {**line, "values": {"expected": 0.12}}).verdict == "fine"


def test_fewer_than_thirty_items_rule_nothing_out() -> None:
    assert judge(MORE, _line(MORE, (0.0, 0.0), 1.0, n=29))[:2] == ("too few", "undecided")
    assert judge(MORE, _line(MORE, (0.0, 0.0), 1.0, n=30)).verdict == "fine"


def test_a_line_that_cannot_decide_says_how_many_answers_would() -> None:
    assert judge(MORE, _line(MORE, (-0.1, 0.1), 0.9, n=100)) == Judgement("too few", "undecided", 400)


def test_lengths_are_judged_as_a_ratio() -> None:
    rule = RULES["length"]
    line = _line(rule, (-30.0, -10.0), 0.001)
    assert judge(rule, {**line, "values": {"ratio_interval": [0.9, 1.1]}})[:2] == ("fine", "unchanged")
    assert judge(rule, {**line, "values": {"ratio_interval": [0.4, 0.6]}})[:2] == ("look", "fewer")


def test_identical_answers_are_never_worse() -> None:
    marks = np.tile([0.0, 1.0, 0.0, np.nan], 50)
    line = share_line(MORE, Marks(marks, marks, marks), ())
    assert judge(EITHER, {**line, "p_adjusted": line["p"]}).verdict == "fine"
    assert line["difference"] == 0


def test_before_and_difference_are_of_the_same_items() -> None:
    after, before = np.array([1.0, np.nan, 1.0]), np.array([0.0, 1.0, 1.0])
    line = share_line(MORE, Marks(after, before, after), ())
    assert (line["pairs"], line["before"], line["difference"]) == (2, 0.5, 0.5)


def test_nothing_to_measure_is_said_and_not_judged() -> None:
    assert judge(MORE, share_line(MORE, Marks(np.array([np.nan])), ())) == Judgement(None, "no_items")
    line = unmeasured(MORE, "not_measured")
    assert judge(MORE, line) == Judgement(None, "not_measured")
    assert line["value"] is None
    json.dumps(line, allow_nan=False)


def test_examples_show_new_faults_first() -> None:
    pairs = Pairs(np.array([0, 1, 2, 3]), np.array([0, 1, 2, 3]))
    after = np.array([True, True, False, True, True])
    assert faults(pairs, after, np.array([True, False, True, False])) == [1, 3, 4]
    assert faults(pairs, after, None) == [0, 1, 3]


def _entry(verdict: str | None, **more: Any) -> dict[str, Any]:
    known = {"name": "x", "n": 100, "before": 0.6, "after": 0.5, "difference": -0.1, "interval": [-0.2, 0.0]}
    known |= {"before_interval": [0.5, 0.7], "after_interval": [0.4, 0.6], "p": 0.04, "p_adjusted": 0.04}
    return known | {"margin": 0.02, "verdict": verdict, "needed": None, "gained": [], "lost": ["a"]} | more


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        ({"overall": _entry("retained")}, ("fine", "retained")),
        ({"overall": _entry("not shown", needed=900)}, ("too few", "not_shown")),
        ({"overall": _entry("forgotten")}, ("bad", "forgotten")),
        ({"overall": _entry("retained"), "subjects": [_entry("forgotten")]}, ("bad", "forgotten_subjects")),
        ({"overall": _entry("retained"), "bits_per_byte": {"verdict": "forgotten"}}, ("bad", "forgotten_text")),
        ({"overall": _entry("retained"), "bits_per_byte": None, "subjects": []}, ("fine", "retained")),
    ],
)
def test_forgetting_takes_the_verdict_of_the_retention_run(
    retention: dict[str, Any], expected: tuple[str, str]
) -> None:
    line, judged = forgetting_line(RULES["forgetting"], retention)
    assert judged[:2] == expected
    assert (line["value"], line["before"], line["difference"], line["interval"]) == (0.5, 0.6, -0.1, [0.4, 0.6])


def test_forgetting_of_one_system_alone_has_its_figure_and_no_verdict() -> None:
    alone = _entry(None, before=None, difference=None, interval=[0.4, 0.6], before_interval=None, p=None)
    line, judged = forgetting_line(RULES["forgetting"], {"overall": alone})
    assert (judged.verdict, line["interval"], line["before"]) == (None, [0.4, 0.6], None)


def test_without_a_retention_run_forgetting_is_not_measured() -> None:
    assert forgetting_line(RULES["forgetting"], None)[1] == Judgement(None, "not_measured")


@pytest.mark.parametrize("text", ["{", "[]", '{"overall": 3}'])
def test_what_is_no_retention_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "retention.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"retention\.json: expected"):
        read_retention(tmp_path)
    with pytest.raises(InputError, match="found nothing; name the folder"):
        read_retention(tmp_path / "none")
