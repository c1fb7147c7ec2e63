"""The report card on planted faults in both languages, on the bundled predictions, and on people's answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError
from tunesmith.evaluate.card import report_card
from tunesmith.evaluate.card_lines import RULES
from tunesmith.evaluate.predictions import Prediction, Predictions, read_predictions

REFUSALS = (
    "I'm sorry, but as an AI language model I cannot help with that.",
    "抱歉，作为一个人工智能，我无法回答这个问题。",
)
UNKNOWN = ("I don't know.", "这个我不知道。")
LOOP = "需要多休息，多喝水。" * 12
ANSWER = (
    "Keep the ankle raised above the heart, cool it for ten minutes at a time, and rest for two days before you walk "
    "again."
)


def _item(number: int, prompt: str, answer: str | None, **fields: Any) -> Prediction:
    messages = ({"role": "user", "content": prompt},)
    return Prediction(f"q{number}", messages, answer, (), {}, None if answer is not None else "timeout", fields)


def _file(answers: Sequence[str | None], prompts: Sequence[str] | None = None) -> Predictions:
    asked = prompts or [f"Please explain point number {number} of the plan." for number in range(len(answers))]
    rows = tuple(_item(number, prompt, answer) for number, (prompt, answer) in enumerate(zip(asked, answers)))
    return Predictions(Path("after.jsonl"), rows, "")


def _lines(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    json.dumps(card, allow_nan=False)  # plain data, without NaN
    return {line["name"]: line for line in card["lines"]}


def _words(number: int) -> str:
    return f"Answer number {number} talks about topic{number} and thing{number} and ends with word{number * 7} at last."


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("card")
    rows = [_learned(number) for number in range(40)] + [ANSWER]
    lines = [{"instruction": f"Question {n}?", "input": "", "output": row} for n, row in enumerate(rows)]
    (folder / "train.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    recipe = "sources: [train.jsonl]\nduplicates: {near: off}\nsplit: {validation: 0}\n"
    (folder / "recipe.yaml").write_text(recipe, encoding="utf-8")
    return open_run(run(load_recipe(folder / "recipe.yaml"), folder / "run", workers=1).out)


def test_every_line_stands_on_the_card_measured_or_not() -> None:
    lines = _lines(report_card(None, _file([_words(number) for number in range(40)])))
    assert list(lines) == list(RULES)
    for name in ("forgetting", "memorised"):
        assert (lines[name]["verdict"], lines[name]["note"], lines[name]["n"]) == (None, "not_measured", 0)
    assert (lines["format"]["verdict"], lines["format"]["note"]) == (None, "no_items")


@pytest.mark.parametrize("said", REFUSALS)
def test_refusals_that_are_new_are_worth_a_look(said: str) -> None:
    answers = [_words(number) for number in range(60)]
    lines = _lines(report_card(_file(answers), _file([said] * 20 + answers[20:])))
    assert lines["refusals"]["value"] == pytest.approx(1 / 3)
    assert (lines["refusals"]["verdict"], lines["refusals"]["note"]) == ("look", "more")
    assert [one["id"] for one in lines["refusals"]["examples"]] == ["q0", "q1", "q2"]
    assert lines["refusals"]["examples"][0]["before"] == answers[0]


@pytest.mark.parametrize("said", UNKNOWN)
def test_answers_that_do_not_know_are_counted_apart_from_refusals(said: str) -> None:
    lines = _lines(report_card(None, _file([said] * 3 + [_words(number) for number in range(57)])))
    assert (lines["unknown"]["values"]["found"], lines["refusals"]["values"]["found"]) == (3, 0)


def test_an_answer_in_another_language_is_drift_and_says_which() -> None:
    prompts = ["请介绍一下杭州的西湖有哪些景点。"] * 40
    answers = ["西湖有断桥、苏堤和雷峰塔等景点，四季景色各不相同。"] * 38
    drifted = ["The West Lake is known for its causeways and its pagodas, which many people visit."] * 2
    line = _lines(report_card(None, _file(drifted + answers, prompts)))["language"]
    assert (line["n"], line["values"]["found"]) == (40, 2)
    assert line["examples"][0]["values"] == {"expected": "zh", "seen": "en"}


def test_an_answer_whose_language_nobody_can_tell_is_not_in_the_share() -> None:
    line = _lines(report_card(None, _file(["B", "42", _words(1)])))["language"]
    assert line["n"] == 1


def test_loops_are_found() -> None:
    line = _lines(report_card(None, _file([LOOP, *(_words(number) for number in range(39))])))["loops"]
    assert (line["values"]["found"], line["examples"][0]["id"]) == (1, "q0")


def test_openings_that_became_the_same_are_worse_and_named() -> None:
    answers = [f"{_words(number)}"[7:] for number in range(60)]
    before = [f"{number} first {number} {answer}" for number, answer in enumerate(answers)]
    after = [f"Sure, here is the best answer: {answer}" for answer in answers]
    line = _lines(report_card(_file(before), _file(after)))["openings"]
    assert (line["value"], line["verdict"], line["note"]) == (1.0, "bad", "worse")
    assert line["values"]["common"] == [{"text": "Sure, here is the best answer", "count": 60}]


def test_answers_that_all_became_one_have_lost_their_variety() -> None:
    answers = [_words(number) for number in range(60)]
    lines = _lines(report_card(_file(answers), _file([answers[0]] * 60)))
    assert (lines["variety"]["verdict"], lines["variety"]["note"]) == ("bad", "worse")
    assert lines["openings"]["values"]["identical"] == 59


def test_shorter_answers_alone_are_a_look_at_length_and_no_loss_of_variety() -> None:
    long = [" ".join(f"w{number}x{place}" for place in range(40)) for number in range(60)]
    short = [" ".join(answer.split()[:10]) for answer in long]
    lines = _lines(report_card(_file(long), _file(short)))
    assert (lines["length"]["verdict"], lines["length"]["note"]) == ("look", "fewer")
    assert lines["length"]["values"]["ratio"] == pytest.approx(0.22, abs=0.01)
    assert lines["variety"]["verdict"] == "fine"


def test_a_form_that_is_asked_for_and_missed_is_counted_by_kind() -> None:
    prompts = ["Name 3 fruits."] * 40 + ["以JSON格式输出姓名。"] * 10
    answers = ["1. Fig\n2. Pear\n3. Plum"] * 35 + ["1. Fig"] * 5 + ['{"姓名": "张三"}'] * 10
    line = _lines(report_card(None, _file(answers, prompts)))["format"]
    assert (line["n"], line["value"]) == (50, 0.9)
    assert line["values"]["kinds"]["items"] == {"asked": 40, "followed": 35, "unclear": 0}
    example = line["examples"][0]
    assert (example["id"], example["note"]) == ("q35", "items")
    assert {key: example["values"][key] for key in ("least", "most", "seen")} == {"least": 3, "most": 3, "seen": 1}


def test_answers_of_the_training_set_are_found_with_their_rows(trained: RunData) -> None:
    answers = [_learned(number) for number in range(20)] + [ANSWER] * 2 + [_other(number) for number in range(38)]
    line = _lines(report_card(None, _file(answers), run=trained))["memorised"]
    assert line["values"]["found"] == 22
    assert (line["verdict"], line["note"]) == ("bad", "high")
    shown = line["examples"][0]["values"]
    assert shown["row_id"] == "train:1"
    assert shown["training_answer"] == answers[0]
    assert answers[0][slice(*shown["span"])] == answers[0]


def test_a_model_that_repeated_before_as_well_did_not_become_worse(trained: RunData) -> None:
    answers = [ANSWER, *(_other(number) for number in range(99))]
    line = _lines(report_card(_file(answers), _file(answers), run=trained.folder))["memorised"]
    assert (line["difference"], line["verdict"]) == (0, "fine")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no manifest\.json"):
        report_card(None, _file([ANSWER]), run=tmp_path)


def test_identical_systems_have_no_line_that_is_worse() -> None:
    answers = [REFUSALS[0], UNKNOWN[1], LOOP, *(_words(number) for number in range(57))]
    lines = _lines(report_card(_file(answers), _file(answers)))
    assert {line["difference"] for line in lines.values()} <= {0, None}
    assert {line["note"] for line in lines.values()} <= {
        "unchanged",
        "undecided",
        "not_measured",
        "no_items",
        "described",
    }


def test_failed_answers_are_counted_and_no_line_counts_them_as_empty() -> None:
    card = report_card(None, _file([None, None, "", _words(1)]))
    assert card["settings"]["coverage"] == {
        "answers": 2, "failed": 2, "answers_before": None, "failed_before": None, "pairs": None,
    }  # fmt: skip
    assert _lines(card)["refusals"]["n"] == 2


@pytest.mark.parametrize("answers", [[], [None], [""], ["B"], [_words(1)]])
def test_a_file_of_next_to_nothing_makes_a_card_without_verdicts(answers: list[str | None]) -> None:
    for before in (None, _file(answers)):
        verdicts = {line["verdict"] for line in _lines(report_card(before, _file(answers))).values()}
        assert verdicts <= {None, "too few"}


def test_systems_that_share_no_item_have_figures_and_no_difference() -> None:
    after = _file([_words(number) for number in range(3)])
    before = after._replace(rows=tuple(row._replace(id=f"x{row.id}") for row in after.rows))
    lines = _lines(report_card(before, after))
    assert {line["difference"] for line in lines.values()} == {None}
    assert lines["length"]["value"] is not None


def test_the_same_input_gives_the_same_card() -> None:
    before, after = (_file([_words(number * step) for number in range(50)]) for step in (1, 3))
    assert report_card(before, after, seed=3) == report_card(before, after, seed=3)


def test_text_in_parts_and_text_that_is_no_text_are_read_as_what_they_say() -> None:
    row = _item(0, "?", "1. Fig\n2. Pear\n3. Plum")
    parts = [{"type": "text", "text": "Name 3 fruits."}, {"type": "image_url", "image_url": {"url": "x"}}]
    asked = row._replace(messages=({"role": "user", "content": parts},))
    empty = row._replace(id="q1", messages=({"role": "user", "content": None},))
    line = _lines(report_card(None, Predictions(Path("a"), (asked, empty), "")))["format"]
    assert (line["n"], line["value"]) == (1, 1.0)


def test_the_bundled_models_differ_in_length_and_in_nothing_that_they_do_not(bundled_data: Path) -> None:
    before, after = (read_predictions(bundled_data / f"predictions_{name}.jsonl") for name in ("before", "after"))
    lines = _lines(report_card(before, after))
    assert (lines["length"]["verdict"], lines["length"]["note"]) == ("look", "fewer")
    assert {name for name, line in lines.items() if line["verdict"] == "bad"} == set()
    assert lines["refusals"]["values"]["found"] == 0


def test_people_s_answers_have_next_to_no_fault(shared_data: Path) -> None:
    for name in ("alpaca_en_demo", "alpaca_zh_demo"):
        data = json.loads((shared_data / f"{name}.json").read_text(encoding="utf-8"))
        asked = [f"{row['instruction']}\n{row['input']}" for row in data]
        lines = _lines(report_card(None, _file([row["output"] for row in data], asked)))
        assert lines["format"]["value"] > 0.95
        assert lines["loops"]["value"] < 0.005
        assert lines["language"]["value"] < 0.02
        assert lines["refusals"]["value"] < 0.05


def _other(number: int) -> str:
    return " ".join(f"u{number}v{place}" for place in range(30))


def _learned(number: int) -> str:
    return " ".join(f"row{number}word{place}" for place in range(30))
