"""Preview of policies and of a recipe's own rules: what it tells is what the rules stage of a run does and writes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import preview as previewing
from tunesmith.curate.flags import flag_lists
from tunesmith.curate.ledger import DROPPED, INVALID, Verdicts, ledger_table
from tunesmith.curate.preview import Preview, preview
from tunesmith.curate.recipe import parse_recipe, resolved
from tunesmith.curate.rules import POLICIES, RULES
from tunesmith.curate.rundata import RunData
from tunesmith.curate.signals import LANGUAGES
from tunesmith.curate.stage_rules import apply_rules, failed_rules, judge_rules, rule_flags
from tunesmith.curate.stages import CACHE, write_table
from tunesmith.errors import InputError, RecipeError

N_ROWS = 300

#: A choice of values for each signal; of few different ones, so that thresholds meet them.
VALUES: dict[str, tuple[pa.DataType, list[Any]]] = {
    **{name: (pa.bool_(), [False] * 9 + [True]) for name in ("missing_answer", "prompt_equals_answer", "sides_equal")},
    **{name: (pa.bool_(), [False] * 9 + [True]) for name in ("politeness_only", "stub_answer", "language_mismatch")},
    **{name: (pa.int32(), [0] * 9 + [1, 2]) for name in ("empty_turns", "disordered_turn", "placeholders")},
    **{name: (pa.int32(), [0] * 9 + [1, 2]) for name in ("replacement_characters", "template_marks", "unsafe")},
    "broken_tool_calls": (pa.int32(), [0] * 9 + [1]),
    "prompt_characters": (pa.int32(), [0, 1, 5, 20, 400]),
    "answer_characters": (pa.int32(), [0, 1, 8, 30, 31, 500]),
    "answer_words": (pa.int32(), [0, 1, 5, 40, 80]),
    "loop_count": (pa.int32(), [0, 3, 4]),
    "ending": (pa.string(), ["complete", "open", "cut", "mid_word", "empty"]),
    "task": (pa.string(), ["qa", "rewriting", "other"]),
    "side_ratio": (pa.float32(), [0.0, 0.2, 1.0, 4.0, 5.5]),
    **{
        name: (pa.float32(), [0.0, 0.0, 0.1, 0.3, 0.5, 0.7, 1.0])
        for name in (
            *("symbol_share", "punctuation_share", "refusal", "loop_share", "repeated_line_share"),
            *("repeated_sentence_share", "repeated_ngram_share", "code_share", "math_share", "list_share"),
            *("url_share", "answer_overlap", "prompt_overlap", "side_similarity"),
        )
    },
}


def _signals() -> pa.Table:
    """A signals file, made up: what the signals of a row are is told by the tests of the measurements."""
    dice = random.Random(4)
    columns: dict[str, Any] = {
        "row_id": pa.array([f"a:{number}" for number in range(1, N_ROWS + 1)]),
        "kind": pa.array([*(dice.choice(["sft", "text", "preference"]) for _ in range(N_ROWS))]),
        "language": pa.array([dice.choice(LANGUAGES) for _ in range(N_ROWS)]),
    }
    columns |= {name: pa.array([dice.choice(few) for _ in range(N_ROWS)], kind) for name, (kind, few) in VALUES.items()}
    return pa.table(columns)


class Stage:
    """The rules stage on one table of signals: decide and write the ledger as a run does, and open it as a run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.signals = folder, _signals()
        places = np.arange(N_ROWS)
        self.keep, self.gone = places % 15 == 0, places % 20 == 1
        self.invalid = places % 30 == 2
        (folder / CACHE).mkdir()
        write_table(
            folder / CACHE / "decided.arrow",
            pa.table({"number": np.flatnonzero(self.keep), "action": ["keep"] * int(self.keep.sum())}),
        )

    def run(self, rules: dict[str, Any]) -> RunData:
        plain = resolved(parse_recipe({"sources": ["a.jsonl"], "rules": rules}, "a test"))
        verdicts = Verdicts(N_ROWS)
        verdicts.leave(self.invalid, INVALID, stage="ingest", rule="invalid_json")
        verdicts.leave(self.gone, DROPPED, stage="decisions", rule="decision")
        columns = self._columns()
        outcome = judge_rules(columns, {k: v for k, v in plain["rules"].items() if v is not False}, ~self.invalid)
        apply_rules(outcome, verdicts, self.keep)
        nothing = pa.array([[]] * N_ROWS, pa.list_(pa.string()))
        stayed = (verdicts.verdict != DROPPED) & (verdicts.verdict != INVALID)
        flags = {"kept by decision": self.keep, **rule_flags(outcome, stayed & ~self.keep)}
        ledger = ledger_table(
            verdicts,
            row_ids=self.signals["row_id"].to_pylist(),
            columns=columns,
            failed=failed_rules(outcome).to_pylist(),
            flags=flag_lists(flags),
            edits=nothing,
        )
        manifest = {"recipe": json.loads(json.dumps(plain)), "applied": "decided.arrow"}
        return RunData(self.folder, manifest, ledger, self.signals)

    def _columns(self) -> pa.Table:
        columns = self.signals
        for name in ("source", "group", "content_id", "detail"):
            columns = columns.append_column(name, pa.array(["a"] * N_ROWS))
        return columns.append_column("position", pa.array(range(1, N_ROWS + 1)))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


_NUMBERS = st.sampled_from([0, 0.1, 0.3, 0.5, 0.7, 1, 2, 5, 30]) | st.floats(0, 40).map(lambda value: round(value, 3))
_POLICY = {"policy": st.sampled_from(POLICIES)}
_OF_TABLE = {
    name: st.just(False)
    | st.fixed_dictionaries(
        {},
        optional=_POLICY
        | {key: _NUMBERS | st.dictionaries(st.sampled_from(LANGUAGES), _NUMBERS) for key in rule.defaults},
    )
    for name, rule in RULES.items()
}
_OWN = {
    name: st.fixed_dictionaries({"when": st.sampled_from(texts)}, optional=_POLICY)
    for name, texts in {
        "thin": ["answer_words < 5", "answer_words <= 5 and language == 'zh'", "not answer_words > 5"],
        "odd": [
            "ending in ('cut', 'open') and kind != 'text'",
            "side_ratio / placeholders > 1",
            "group == 'a' and placeholders > 1",
        ],
    }.items()
}
_RULES = st.fixed_dictionaries({}, optional=_OF_TABLE | _OWN)


def _arguments(wanted: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """Rules as the options of `curate preview`."""
    sets, when = [], []
    for rule, block in wanted.items():
        for key, value in (block or {}).items():
            if key == "when":
                when.append(f"{rule}={value}")
                continue
            named = value if isinstance(value, dict) else {"": value}
            sets += [f"{rule}.{key}{'.' * bool(name)}{name}={number}" for name, number in named.items()]
    return sets, [rule for rule, block in wanted.items() if block is False], when


@settings(max_examples=150, deadline=None)
@given(was=_RULES, wanted=_RULES)
def test_preview_and_the_rules_stage_agree_on_every_rule_threshold_and_policy(
    stage: Stage, was: dict[str, Any], wanted: dict[str, Any]
) -> None:
    before = stage.run(was)
    found = preview(before, *_arguments(wanted))
    merged = {**was, **found.settings}
    after = stage.run({name: block for name, block in merged.items() if block is not False or name in RULES})
    _agree(found, before.ledger.to_pylist(), after.ledger.to_pylist())
    assert all(rule.before == rule.after for rule in found.rules if not rule.changed)
    again = preview(after)
    assert (again.dropped_before, again.flagged_before) == (found.dropped_after, found.flagged_after)


def _agree(found: Preview, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    was, now = ([line["rule"] if line["stage"] == "rules" else None for line in lines] for lines in (before, after))
    assert (found.dropped_before, found.dropped_after) == tuple(
        sum(rule is not None for rule in of) for of in (was, now)
    )
    flagged = [sum(any(name != "kept by decision" for name in line["flags"]) for line in of) for of in (before, after)]
    assert [found.flagged_before, found.flagged_after] == flagged
    for one in found.rules:
        assert [one.drops_before, one.drops_after] == [sum(rule == one.rule for rule in of) for of in (was, now)]
        for lines, flags, fails in (
            (before, one.flags_before, one.fails_before),
            (after, one.flags_after, one.fails_after),
        ):
            assert flags == sum(one.rule in line["flags"] for line in lines)
            judged = [
                line for line in lines if line["stage"] != "decisions" and "kept by decision" not in line["flags"]
            ]
            assert fails == sum(any(fault["rule"] == one.rule for fault in line["failed"]) for line in judged)
        assert one.newly_dropped == sum(a is None and b == one.rule for a, b in zip(was, now))
        assert one.newly_kept == sum(a == one.rule and b is None for a, b in zip(was, now))


def test_the_only_rule_that_drops_a_row_is_told_whatever_flags_it(stage: Stage) -> None:
    rules = {**dict.fromkeys(RULES, False), "thin": {"when": "answer_words < 5"}}
    rules["seen"] = {"when": "answer_words < 9", "policy": "flag"}
    found = preview(stage.run(rules))
    thin, seen = (next(one for one in found.rules if one.rule == name) for name in ("thin", "seen"))
    assert thin.only_before == thin.drops_before == thin.fails_before > 0
    assert (seen.only_before, seen.drops_before) == (0, 0)
    assert 0 < seen.flags_before == seen.fails_before - thin.fails_before


def test_a_first_failing_rule_that_flags_leaves_the_drop_to_the_next(stage: Stage) -> None:
    rules = {**dict.fromkeys(RULES, False), "empty_turn": {"policy": "flag"}, "placeholder": {}}
    lines = stage.run(rules).ledger.to_pylist()
    both = [line for line in lines if [one["rule"] for one in line["failed"]] == ["empty_turn", "placeholder"]]
    left = [line for line in both if line["stage"] == "rules"]
    assert left
    assert {line["rule"] for line in left} == {"placeholder"}
    assert all(line["flags"] == [] for line in left)
    alone = [line for line in lines if [one["rule"] for one in line["failed"]] == ["empty_turn"]]
    assert {tuple(line["flags"]) for line in alone if line["verdict"] == "kept"} == {
        ("empty_turn",),
        ("kept by decision",),
    }


def test_a_new_rule_is_counted_and_written_as_a_recipe_has_it(stage: Stage) -> None:
    found = preview(stage.run({}), ["thin.policy=flag", "unsafe.policy=drop"], [], ["thin=answer_words < 5"])
    assert found.settings == {
        "unsafe": {"from_cues": 1, "policy": "drop"},
        "thin": {"when": "answer_words < 5", "policy": "flag"},
    }
    text = previewing.as_text(found)
    assert '    thin: {when: "answer_words < 5", policy: flag}' in text
    assert "kept with a flag: " in text
    assert json.loads(json.dumps(previewing.as_json(found)))["settings"] == found.settings


def test_a_rule_of_the_recipe_that_is_switched_off_is_taken_out(stage: Stage) -> None:
    found = preview(stage.run({"thin": {"when": "answer_words < 5"}}), off=["thin"])
    assert found.settings == {"thin": False}
    assert "and without its rule thin" in previewing.as_text(found)


def test_a_changed_expression_keeps_its_policy_and_names_the_nearest_rows(stage: Stage) -> None:
    rules = {**dict.fromkeys(RULES, False), "thin": {"when": "answer_words < 5", "policy": "flag", "why": "thin"}}
    found = preview(stage.run(rules), when=["thin=answer_words < 41"])
    one = next(one for one in found.rules if one.rule == "thin")
    assert one.after == {"when": "answer_words < 41", "policy": "flag", "why": "thin"}
    assert {(row.value, row.threshold) for row in one.failing} == {(40, 41)}
    assert {(row.value, row.threshold) for row in one.passing} == {(80, 41)}


def test_a_rule_of_several_conditions_has_no_nearest_rows(stage: Stage) -> None:
    found = preview(stage.run({}), when=["odd=answer_words < 5 and placeholders > 0"])
    one = next(one for one in found.rules if one.rule == "odd")
    assert one.fails_after > 0
    assert one.passing == one.failing == ()


@pytest.mark.parametrize(
    ("sets", "when", "message"),
    [
        ([], ["thin=answer_wrds < 5"], "rules.thin.when: unknown signal `answer_wrds`; did you mean `answer_words`?"),
        ([], ["refusal=answer_words < 5"], "the rule is one of the table; give a rule of your own another name"),
        (
            [],
            ["near_duplicate=answer_words < 5"],
            "a rule cannot be called `near_duplicate`: the ledger uses it already",
        ),
        ([], ["thin=ifd > 1"], "`ifd` is measured only where the recipe has the key `scores`"),
        (["refusal.policy=flga"], [], "rules.refusal.policy: expected drop or flag, saw 'flga'; did you mean `flag`?"),
    ],
)
def test_a_mistake_is_told_as_in_a_recipe(stage: Stage, sets: list[str], when: list[str], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        preview(stage.run({}), sets, [], when)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["thin", "thin=", "=answer_words < 5"])
def test_a_rule_that_is_not_written_as_one_is_told_with_an_example(stage: Stage, text: str) -> None:
    with pytest.raises(InputError, match=r"expected name=expression, saw .*; write thin="):
        preview(stage.run({}), when=[text])


def test_flags_that_other_rules_gave_are_noticed(stage: Stage) -> None:
    run = stage.run({})
    other = stage.run({"unsafe": False})
    with pytest.raises(InputError, match="rows were decided by another version of the rules"):
        preview(RunData(run.folder, run.manifest, other.ledger, run.signals))
