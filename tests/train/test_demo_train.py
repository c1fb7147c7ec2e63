"""The demo of training in small: the same code, fewer facts, a smaller model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tunesmith.errors import OutputError
from tunesmith.train.demo import ALONE, MIXED, run_demo
from tunesmith.train.demo_data import rehearsed, write_data
from tunesmith.train.demo_facts import LETTERS, all_facts, facts_of, options_of
from tunesmith.train.demo_text import demo_text
from tunesmith.train.demo_types import Places, Size

SMALL = Size(facts=4, hidden=64, layers=2, vocabulary=1024, epochs=50, tuned_epochs=20, tuned_rate=3e-3)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("demo") / "out"
    return run_demo(out, SMALL), out


def test_no_question_is_asked_twice_and_none_has_two_right_answers() -> None:
    facts = all_facts()
    assert len({fact.question for fact in facts}) == len(facts) == 240
    for fact in facts:
        options = options_of(fact, facts, seed=0)
        assert len({*options}) == len(LETTERS)
        assert options.count(fact.answer) == 1
    by_kind = {kind: sum(fact.kind == kind for fact in facts_of(4)) for kind in {fact.kind for fact in facts}}
    assert sum(by_kind.values()) == 32
    assert by_kind["word-zh"] == 8


def test_two_thirds_are_rehearsed_and_the_rest_is_asked_all_the_same(tmp_path: Path) -> None:
    places = Places(tmp_path)
    write_data(places, SMALL)
    sizes = {path.stem: len(path.read_text(encoding="utf-8").splitlines()) for path in places.tasks.iterdir()}
    assert sizes == {"rehearsed": 21, "not_rehearsed": 11}
    general = (places.data / "general.jsonl").read_text(encoding="utf-8")
    for line in (places.tasks / "not_rehearsed.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.dumps(json.loads(line)["question"], ensure_ascii=False)[1:-1] not in general
    assert rehearsed([*range(30)], seed=1) != rehearsed([*range(30)], seed=2)


def test_the_model_knows_four_fifths_before_it_is_tuned(demo: tuple[dict[str, Any], Path]) -> None:
    found, _ = demo
    assert found["knows_enough"]
    assert {name: known["n"] for name, known in found["known_before"].items()} == {"options": 32, "words": 32}
    assert all(known["share"] >= 0.8 for known in found["known_before"].values())


def test_both_runs_train_on_the_same_domain_rows_and_the_mix_on_five_times_as_many_others(
    demo: tuple[dict[str, Any], Path],
) -> None:
    found, out = demo
    alone, mixed = (found["tuned"][name]["rows"] for name in (ALONE, MIXED))
    assert [*alone] == ["domain"]
    assert mixed["general"] == 5 * mixed["domain"]
    for name in (ALONE, MIXED):
        manifest = json.loads((out / name / "manifest.json").read_text())
        assert manifest["outcome"] == "finished"


def test_the_domain_alone_forgets_and_never_less_than_the_mix(demo: tuple[dict[str, Any], Path]) -> None:
    """In words: at this size, with 32 facts and 7 domain rows, no more can be claimed; `make demo-train` has 160."""
    found, _ = demo
    words = {name: found["tuned"][name]["in_words"] for name in (ALONE, MIXED)}
    assert words[ALONE]["after"] < words[ALONE]["before"]
    assert words[ALONE]["after"] <= words[MIXED]["after"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_says_what_was_measured_with_n_and_intervals(
    demo: tuple[dict[str, Any], Path], language: Any
) -> None:
    found, _ = demo
    text = demo_text(found, language)
    known = found["known_before"]["options"]
    assert f"{known['share']:.1%}" in text
    assert all(cell_len(line) <= 100 for line in text.splitlines() if str(found["out"]) not in line)
    for tuned in found["tuned"].values():
        loss = tuned["domain_loss"]
        assert loss["n"] > 0
        assert f"{loss['tokens']:,}" in text
        entry = tuned["retention"]["overall"]
        assert f"{100 * entry['interval'][0]:+.1f}" in text
        assert f"{entry['n']}" in text
        assert Path(tuned["comparison_report"]).is_file()
        assert Path(tuned["retention_report"]).is_file()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty and no demo"):
        run_demo(tmp_path, SMALL)
    assert (tmp_path / "notes.txt").read_text() == "mine"
