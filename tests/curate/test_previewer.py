"""The previewer gives what `preview` gives, for any changes one after another, and its bins count every row once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import previewer as previewing
from tunesmith.curate.preview import Preview, preview
from tunesmith.curate.preview_bins import SIGNALS, highest, languages, spread, steps
from tunesmith.curate.previewer import Previewer
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.rules import RULES
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError, RecipeError

MakeRun = Callable[..., RunData]


def _pair(question: str, answer: str) -> dict[str, str]:
    return {"instruction": question, "input": "", "output": answer}


ROWS: list[Any] = [
    *(_pair(f"Why {i}" + "?" * i, "so" * (i + 1)) for i in range(14)),
    *(_pair(f"为什么{i}" + "？" * i, "因为" * (i + 1)) for i in range(10)),
    *(_pair(f"Почему {i}", "да" * (i + 1)) for i in range(4)),
    _pair("Who are you, friend?", "I am {{name}}."),
    _pair("The same", "the same"),
    _pair("", ""),
    _pair("Kept", "{{name}}"),
    _pair("Dropped", "no"),
    "{broken",
    {"text": "x"},
    {"text": "Dear {{name}}"},
]
RULES_OF_RUN = {
    "answer_too_short": {"min_characters": {"zh": 3, "en": 9}},
    "prompt_equals_answer": False,
    "placeholder": {"policy": "flag"},
    "tiny": {"when": "answer_characters < 4"},
    "odd": {"when": "prompt_characters > 6 and language == 'zh'", "policy": "flag"},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("previewer")
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in ROWS]
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "decisions.jsonl").write_text("")
    recipe = {"sources": ["rows.jsonl"], "decisions": "decisions.jsonl", "rules": RULES_OF_RUN}
    (folder / "recipe.yaml").write_text(json.dumps(recipe))
    first = open_run(run(load_recipe(folder / "recipe.yaml"), folder / "first", workers=1).out).ledger.to_pylist()
    ids = {line["row_id"]: line["content_id"] for line in first}
    place = {row["instruction"]: f"rows:{n}" for n, row in enumerate(ROWS, 1) if "instruction" in row}
    decided = [
        {"content_id": ids[place["Kept"]], "action": "keep"},
        {"content_id": ids[place["Dropped"]], "action": "drop"},
    ]
    (folder / "decisions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in decided))
    return open_run(run(load_recipe(folder / "recipe.yaml"), folder / "second", workers=1).out)


@pytest.fixture(scope="module")
def held(finished: RunData) -> Previewer:
    return Previewer(finished)


def _without_rows(found: Preview) -> Preview:
    rules = tuple(replace(one, passing=(), failing=()) for one in found.rules)
    return replace(found, rules=rules, seconds=0.0)


_NUMBERS = st.integers(0, 30) | st.floats(0, 30).map(lambda number: round(number, 2))
_NUMBER_CHANGES = st.sampled_from([(name, key) for name, rule in RULES.items() for key in rule.defaults]).flatmap(
    lambda place: st.tuples(st.just(".".join(place)), st.sampled_from(["", ".zh", ".en", ".other"]), _NUMBERS).map(
        lambda one: f"{one[0]}{one[1]}={one[2]}"
    )
)
_SWITCHES = st.sampled_from([*RULES]).flatmap(
    lambda name: st.sampled_from([f"{name}=off", f"{name}.policy=flag", f"{name}.policy=drop", f"{name}=on"])
)
_CHANGES = st.lists(_NUMBER_CHANGES | _SWITCHES, max_size=5)
_WHEN = st.lists(st.sampled_from(["tiny=answer_characters < 9", "new=turns > 1 or prompt_characters < 5"]), max_size=2)


@settings(max_examples=120, deadline=None)
@given(changes=_CHANGES, when=_WHEN)
def test_it_gives_what_a_preview_of_all_rows_gives(
    finished: RunData, held: Previewer, changes: list[str], when: list[str]
) -> None:
    assert _without_rows(held.preview(changes, (), when)) == _without_rows(preview(finished, changes, (), when))


def test_without_changes_it_tells_the_run(finished: RunData, held: Previewer) -> None:
    assert _without_rows(held.usual) == _without_rows(preview(finished))
    assert held.usual.kept_by_decision == 1
    assert held.usual.dropped_after > 0


def test_the_nearest_rows_are_those_of_a_preview(finished: RunData, held: Previewer) -> None:
    changes = ["answer_too_short.min_characters=8", "tiny=off"]
    after = held.changed_rules(changes)
    for one in preview(finished, changes, nearest=3).rules:
        assert held.borderline(one.rule, after.get(one.rule), 3) == (one.passing, one.failing)


def test_counting_by_sorting_gives_the_same(
    finished: RunData, held: Previewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "_LARGEST_TABLE", 1)
    changes = [f"{name}.{key}=2" for name, rule in RULES.items() for key in rule.defaults][:9]
    assert _without_rows(held.preview(changes)) == _without_rows(preview(finished, changes))


def test_masks_that_are_held_do_not_grow_without_end(held: Previewer) -> None:
    for number in range(60):
        held.preview([f"answer_too_short.min_characters={number}"])
    assert len(held._masks) <= 24


def test_a_wrong_change_is_refused_as_in_a_recipe(held: Previewer) -> None:
    with pytest.raises(RecipeError, match="unknown rule `answer_to_short`"):
        held.preview(["answer_to_short.min_characters=4"])


def test_a_run_that_measured_lengths_only_is_refused(tmp_path: Path) -> None:
    from tunesmith.curate.dedup import dedup_recipe

    (tmp_path / "a.jsonl").write_text(json.dumps(_pair("Question?", "x")) + "\n")
    made = run(dedup_recipe([str(tmp_path / "a.jsonl")], threshold=0.7, on="row", ngram=5), tmp_path / "out", workers=1)
    with pytest.raises(InputError, match="measured no more than lengths"):
        Previewer(open_run(made.out))


@pytest.mark.parametrize(("rule", "parameter"), [(name, key) for name, one in RULES.items() for key in one.defaults])
def test_bins_count_every_judged_row_once(held: Previewer, rule: str, parameter: str) -> None:
    found = spread(held, rule, parameter)
    if found is None:
        assert parameter not in SIGNALS[rule]
        return
    assert found.edges == sorted(set(found.edges))
    for language, rows in languages(held).items():
        assert sum(found.counts[language]) + found.nothing[language] == int(rows.sum())


def test_bins_hold_the_rows_of_their_values(held: Previewer) -> None:
    found = spread(held, "answer_too_short", "min_characters")
    assert found is not None
    lengths = held.columns.numbers("answer_characters")[languages(held)["zh"]]
    wanted = [int(((lengths >= low) & (lengths < high)).sum()) for low, high in zip(found.edges, found.edges[1:])]
    assert found.counts["zh"] == wanted
    assert found.whole
    assert not found.share


def test_every_named_signal_is_one_that_its_rule_reads() -> None:
    for rule, parameters in SIGNALS.items():
        assert set(parameters) <= set(RULES[rule].defaults)
        assert set(parameters.values()) <= set(RULES[rule].columns)
    alone = [name for name, rule in RULES.items() if len(rule.defaults) > 1]
    assert alone == [*SIGNALS]


def test_steps_rise_and_have_what_is_set_now() -> None:
    numbers = steps(0, highest(None, [30_000]), share=False, also=(37, 30_000))
    assert numbers == sorted(set(numbers))
    assert {0, 1, 2, 37, 30_000} <= set(numbers)
    assert (np.diff(numbers[25:]) / numbers[25:-1]).max() <= 0.1001
    assert len(numbers) < 400
    assert steps(0, 1, share=True, also=(0.125,))[12:14] == [0.12, 0.125]
