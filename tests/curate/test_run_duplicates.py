"""Duplicates in a whole run: what the ledger says of rows that left, of rows that are flagged, and of the sample's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.dedup import COUNTS, dedup_recipe
from tunesmith.curate.preview import preview
from tunesmith.curate.recipe import load_recipe, resolved
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError, RecipeError

MakeRun = Callable[..., RunData]
Row = dict[str, Any]

ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
PASSAGE = " ".join(f"word{i}" for i in range(60))


def _pair(question: str, answer: str) -> Row:
    return {"instruction": question, "input": "", "output": answer}


def _kto(question: str, answer: str, label: bool) -> Row:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, "label": label}


ORIGINAL = _pair("Tell me the story again.", f"{PASSAGE} and that was the end.")
COPY = _pair("Tell me the story again, please.", f"{PASSAGE} and that was all.")


def _lines(run: RunData) -> list[dict[str, Any]]:
    return run.ledger.to_pylist()


def _verdicts(run: RunData) -> list[tuple[str, str | None]]:
    return [(line["verdict"], line["partner"]) for line in _lines(run)]


def _decided(run: RunData, tmp_path: Path, **actions: Any) -> str:
    """A decisions file about rows of source `a` by their number; the recipe's line for it."""
    told = [{"content_id": run.line(int(row[1:]) - 1)["content_id"], **what} for row, what in actions.items()]
    (tmp_path / "decisions.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in told))
    return ALONE + "decisions: [decisions.jsonl]\n"


KEEP = {"action": "keep"}


def test_a_near_duplicate_leaves_with_its_partner_and_exact_similarities(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE)
    left, stayed = _lines(opened)
    assert (stayed["verdict"], stayed["flags"], stayed["partner"]) == ("kept", [], None)
    assert (left["verdict"], left["stage"], left["rule"]) == ("dropped", "duplicates", "near_duplicate")
    assert (left["partner"], left["threshold"]) == ("a:2", 0.7)
    # whole: 66 runs of five words each, 60 in common; answer: 61 and 60 runs, 59 in common
    assert left["answer_similarity"] == pytest.approx(59 / 62)
    assert left["value"] == left["similarity"] == pytest.approx(60 / 72)


def test_the_same_rows_in_one_run_agree_byte_for_byte_in_another(make_run: MakeRun, tmp_path: Path) -> None:
    rows = [ORIGINAL, COPY, *(_pair(f"Q {i}?", f"{PASSAGE} {i}.") for i in range(9)), _pair("Q 3?", "Other.")]
    folders = [make_run({"a.jsonl": rows}, "sources: [a.jsonl]\n", out=name).folder for name in ("one", "other")]
    one, other = (
        {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "run.log.json"}
        for folder in folders
    )
    assert one == other


def test_with_policy_flag_a_near_duplicate_stays_and_says_of_whom(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE + "duplicates: {near: {policy: flag}}\n")
    flagged, other = _lines(opened)
    assert (flagged["verdict"], flagged["flags"], flagged["partner"]) == ("kept", ["near_duplicate"], "a:2")
    assert flagged["similarity"] == pytest.approx(60 / 72)
    assert (other["verdict"], other["flags"]) == ("kept", [])
    assert opened.named_as_partner == {}


def test_two_questions_about_one_passage_stay_unless_the_whole_alone_is_compared(make_run: MakeRun) -> None:
    rows = [_pair(f"{PASSAGE} What comes first?", "word0"), _pair(f"{PASSAGE} What comes last?", "word59")]
    both = make_run({"a.jsonl": rows}, ALONE)
    assert [(line["verdict"], line["flags"]) for line in _lines(both)] == [("kept", ["variant"]), ("kept", [])]
    assert _lines(both)[0]["partner"] == "a:2"
    assert _lines(both)[0]["similarity"] >= 0.7 > _lines(both)[0]["answer_similarity"]
    whole = make_run({"a.jsonl": rows}, ALONE + "duplicates: {near: {on: whole}}\n", out="whole")
    assert sorted(verdict for verdict, _ in _verdicts(whole)) == ["dropped", "kept"]


def test_off_compares_nothing(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE + "duplicates: {near: off}\n")
    assert _verdicts(opened) == [("kept", None), ("kept", None)]


def test_a_row_that_a_person_keeps_stays_and_its_partner_leaves(make_run: MakeRun, tmp_path: Path) -> None:
    first = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE, out="first")
    assert _verdicts(first) == [("dropped", "a:2"), ("kept", None)]
    again = make_run({"a.jsonl": [COPY, ORIGINAL]}, _decided(first, tmp_path, a1=KEEP))
    assert _verdicts(again) == [("kept", None), ("dropped", "a:1")]
    assert _lines(again)[0]["flags"] == ["kept by decision"]


def test_two_rows_that_a_person_keeps_both_stay(make_run: MakeRun, tmp_path: Path) -> None:
    first = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE, out="first")
    again = make_run({"a.jsonl": [COPY, ORIGINAL]}, _decided(first, tmp_path, a1=KEEP, a2=KEEP))
    assert [verdict for verdict, _ in _verdicts(again)] == ["kept", "kept"]


def test_an_edited_row_is_compared_as_edited(make_run: MakeRun, tmp_path: Path) -> None:
    rows = [ORIGINAL, COPY, _pair("Something else?", "Yes.")]
    first = make_run({"a.jsonl": rows}, ALONE, out="first")
    assert [verdict for verdict, _ in _verdicts(first)].count("dropped") == 1
    away = _decided(first, tmp_path, a2={"action": "edit", "row": _pair("Shorter?", "No.")})
    assert [verdict for verdict, _ in _verdicts(make_run({"a.jsonl": rows}, away, out="away"))] == ["kept"] * 3
    near = _decided(first, tmp_path, a3={"action": "edit", "row": COPY})
    assert [verdict for verdict, _ in _verdicts(make_run({"a.jsonl": rows}, near, out="near"))].count("dropped") == 2


def test_a_good_and_a_bad_answer_of_kto_are_never_duplicates_but_a_conflict(make_run: MakeRun) -> None:
    answer = f"{PASSAGE} and so on."
    rows = [_kto("Why?", answer, True), _kto("Why?", f"{PASSAGE} and so.", False), _kto("Why?", answer, False)]
    good, left, bad = _lines(make_run({"a.jsonl": rows}, ALONE))
    assert (left["verdict"], left["partner"]) == ("dropped", "a:3")
    assert (good["verdict"], good["flags"]) == ("kept", ["conflict"])
    assert (bad["verdict"], bad["flags"]) == ("kept", ["conflict"])


def test_rows_of_different_kinds_are_never_duplicates(make_run: MakeRun) -> None:
    answer = f"{PASSAGE} and so on."
    rows = [
        _pair("Why?", answer),
        {"prompt": "Why?", "chosen": answer, "rejected": "No."},
        _kto("Why?", answer, True),
        {"text": f"Why? {answer}"},
    ]
    assert _verdicts(make_run({"a.jsonl": rows}, ALONE)) == [("kept", None)] * 4


def test_another_answer_to_the_same_prompt_is_a_conflict_and_stays(make_run: MakeRun) -> None:
    rows = [_pair("How tall?", "Two metres."), _pair("how  TALL?", "Three feet."), _pair("How wide?", "Two metres.")]
    lines = _lines(make_run({"a.jsonl": rows}, ALONE))
    assert [line["verdict"] for line in lines] == ["kept"] * 3
    assert [(line["flags"], line["partner"]) for line in lines] == [
        (["conflict"], "a:2"),
        (["conflict"], "a:1"),
        ([], None),
    ]


def test_a_stock_answer_and_a_prompt_skeleton_are_templates_and_stay(make_run: MakeRun) -> None:
    stock = "Please ask a person who knows about that, for I am only here to talk of other things."
    asked = (
        "Is the blue car that stands outside of this house really mine?",
        "When was the bridge at the end of our long street made?",
        "Who takes part in the dance that they hold every other summer?",
        "What does it cost to keep a boat in the harbour for a year?",
    )
    filled = [
        _pair(f"Write a short and friendly description of a new {thing}", f"The {thing}: {thing} {thing}.")
        for thing in ("bike", "cup", "lamp", "pen")
    ]
    lines = _lines(make_run({"a.jsonl": [*(_pair(one, stock) for one in asked), *filled]}, ALONE))
    assert [(line["verdict"], line["flags"]) for line in lines] == [("kept", ["template"])] * 8


def test_rows_of_like_prompts_share_a_side_even_where_duplicates_are_off(make_run: MakeRun) -> None:
    rows = [
        _pair(
            f"Which of these towns lies the farthest from the sea and from town number {i // 3}?",
            f"Number {i}, {PASSAGE[i:]}.",
        )
        if i % 3
        else _pair(f"Town {i}?", f"It is {i}.")
        for i in range(60)
    ]
    off = "sources: [a.jsonl]\nduplicates: {exact: off, near: off}\nsplit: {validation: 10}\n"
    opened = make_run({"a.jsonl": rows}, off)
    sides = [line["split"] for line in _lines(opened)]
    assert sides.count("validation") == 10
    assert {side for side, row in zip(sides, rows) if row["instruction"].startswith("Which")} == {"train"}


#: As data/README.md says, by line: which rows were planted, and the good rows that they were made from.
NEAR = {"medical_zh": {224: 152, 238: 104, 276: 9}, "general": {95: 364, 396: 850, 571: 959, 595: 566}}
SAME_QUESTION = {"medical_zh": {169: 286, 30: 242}, "general": {241: 24, 856: 446, 72: 100, 908: 932}}
TEMPLATES = {"medical_zh": (107, 231, 328, 329), "general": (4, 180, 401, 417, 473, 1011)}


@pytest.fixture(scope="module")
def demo(bundled_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """The demo's run."""
    return open_run(run(load_recipe(bundled_data / "recipe.yaml"), tmp_path_factory.mktemp("demo") / "out").out)


def _pairs(planted: dict[str, dict[int, int]]) -> set[frozenset[str]]:
    return {frozenset((f"{name}:{a}", f"{name}:{b}")) for name, made in planted.items() for a, b in made.items()}


def test_of_each_planted_near_duplicate_and_its_original_one_stays(demo: RunData) -> None:
    left = [line for line in _lines(demo) if line["rule"] == "near_duplicate"]
    assert {frozenset((line["row_id"], line["partner"])) for line in left} == _pairs(NEAR)
    assert len(left) == 7
    assert all(line["similarity"] >= 0.7 and line["answer_similarity"] >= 0.7 for line in left)
    assert all(demo.line(demo.number_of(line["partner"]))["verdict"] != "dropped" for line in left)


def test_the_planted_conflicts_and_templates_are_flagged_and_nothing_else(demo: RunData) -> None:
    flagged = {
        flag: {line["row_id"] for line in _lines(demo) if flag in line["flags"]}
        for flag in ("conflict", "template", "variant")
    }
    assert flagged["conflict"] == {row for both in _pairs(SAME_QUESTION) for row in both}
    assert flagged["template"] == {f"{name}:{number}" for name, numbers in TEMPLATES.items() for number in numbers}
    assert flagged["variant"] == set()


def test_the_sample_s_page_names_the_rows_that_leave(demo: RunData, bundled_data: Path) -> None:
    verdicts = [verdict for verdict, _ in _verdicts(demo)]
    page = " ".join((bundled_data / "README.md").read_text(encoding="utf-8").split())
    assert f"reports {verdicts.count('invalid')} rows as invalid and drops {verdicts.count('dropped')}" in page
    assert "flags 12 rows as conflicts and 10 as templates" in page


@pytest.mark.parametrize("page", ["curate.md", "curate.zh.md"])
def test_the_counts_that_the_guide_shows_are_those_of_the_sample(bundled_data: Path, tmp_path: Path, page: str) -> None:
    text = (bundled_data.parent / "docs" / page).read_text(encoding="utf-8")
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    files = [str(bundled_data / name) for name in ("medical_zh.jsonl", "general.jsonl")]
    result = run(dedup_recipe(files), tmp_path / "out")
    assert {name: shown[name] for name in COUNTS} == {name: result.counts[name] for name in COUNTS}
    assert {*shown} == {*COUNTS, "seconds", "out"}


def test_dedup_alone_drops_duplicates_and_nothing_else(tmp_path: Path) -> None:
    rows = [ORIGINAL, COPY, ORIGINAL, _pair("{{name}}?", "{{name}}?"), _pair("Empty?", "")]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    result = run(dedup_recipe([str(tmp_path / "a.jsonl")]), tmp_path / "out")
    assert {name: result.counts[name] for name in COUNTS} == {
        "rows_in": 5,
        "kept": 3,
        "dropped": 2,
        "invalid": 0,
        "exact": 1,
        "near": 1,
        "variants": 0,
        "conflicts": 0,
        "templates": 0,
    }
    assert result.counts["train"] == result.counts["train_lines"] == 3


@pytest.mark.parametrize(
    "settings", [{"threshold": 0}, {"threshold": 1.5}, {"on": "rows"}, {"ngram": 0}, {"policy": "keep"}]
)
def test_dedup_refuses_what_the_recipe_would(settings: dict[str, Any]) -> None:
    (key,) = settings
    with pytest.raises(RecipeError, match=f"duplicates.near.{key}: expected"):
        dedup_recipe(["a.jsonl"], **settings)


def test_the_settings_of_dedup_are_those_of_the_recipe() -> None:
    loaded = dedup_recipe(["a.jsonl"], threshold=0.8, on="whole", ngram=3, policy="flag")
    assert resolved(loaded.recipe)["duplicates"] == {
        "exact": True,
        "near": {"threshold": 0.8, "on": "whole", "ngram": 3, "policy": "flag"},
        "semantic": None,
    }


def test_dedup_measures_no_more_than_it_needs_and_preview_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(ORIGINAL)}\n")
    result = run(dedup_recipe([str(tmp_path / "a.jsonl")]), tmp_path / "out")
    opened = open_run(result.out)
    assert opened.signals["ending"].null_count == 1
    assert opened.line(0)["edits"] == []
    with pytest.raises(InputError, match="no more than lengths"):
        preview(opened, ["refusal=on"])
