"""Answers that repeat the training set word for word: what counts, what does not, and which row it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError
from tunesmith.evaluate.memorised import LEAST_WINDOWS, WINDOW, find_memorised, repeats_within

ENGLISH = (
    "Rest for two days, drink plenty of water, keep the ankle raised above the heart, and cool it for ten minutes at a "
    "time; see a doctor if the swelling has not gone down by the end of the week."
)
CHINESE = (
    "先休息两天，多喝水，把脚踝抬高到心脏以上，每次冷敷十分钟；"
    "如果一周后肿胀还没有消退，请到骨科门诊复查并拍片排除骨折。"
)
OTHER = (
    "The library opens at nine and closes at eight, apart from Sundays, when only the reading room on the ground floor "
    "is open."
)
DROPPED = "我们建议您在出发之前检查轮胎的气压、机油的油位以及所有车灯是否正常工作，并带上备胎和三角警示牌。"
PLAIN = "rules: {}\nduplicates: {exact: false, near: off}\nsplit: {validation: 0}\n"


def _chat(answer: str, question: str = "?") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def _run(folder: Path, rows: Sequence[Any], recipe: str = PLAIN) -> RunData:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "recipe.yaml").write_text(f"sources: [train.jsonl]\n{recipe}", encoding="utf-8")
    return open_run(run(load_recipe(folder / "recipe.yaml"), folder / "run", workers=1).out)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    rows = [
        _chat(OTHER, "When is the library open?"),
        _chat(ENGLISH, "My ankle hurts."),
        _chat(CHINESE, "脚崴了怎么办？"),
        {"instruction": "Pick one.", "input": "", "output": "B"},
        {"text": " ".join(f"word{number}" for number in range(200))},
        {"prompt": "Which?", "chosen": "chosen " + OTHER[::-1], "rejected": " ".join(f"bad{n}" for n in range(40))},
    ]
    return _run(tmp_path_factory.mktemp("memorised"), rows)


def test_an_answer_of_the_training_set_is_found_in_both_languages_with_its_row(trained: RunData) -> None:
    found = find_memorised(["", ""], [ENGLISH, CHINESE], trained)
    assert found.marks.tolist() == [1, 1]
    assert found.row_ids == ("train:2", "train:3")
    assert found.containment.tolist() == [1, 1]
    assert found.longest.tolist() == [len(tokens_of(ENGLISH)), len(tokens_of(CHINESE))]


def test_case_width_and_punctuation_make_no_difference(trained: RunData) -> None:
    found = find_memorised([""], [ENGLISH.upper().replace(",", " –").replace("week", "ｗｅｅｋ")], trained)
    assert found.containment.tolist() == [1]


def test_another_answer_repeats_nothing_and_names_no_row(trained: RunData) -> None:
    found = find_memorised(
        [""],
        ["None of these words has ever stood in this order in any row that was trained on here, or so I hope."],
        trained,
    )
    assert (found.marks.tolist(), found.row_ids, found.longest.tolist()) == ([0], ("",), [0])


def test_half_of_the_windows_are_enough_and_a_sentence_in_a_long_answer_is_not(trained: RunData) -> None:
    words = ENGLISH.split()
    new = [f"new{number}" for number in range(200)]
    half = " ".join([*words, *new[: len(words) - 2 * WINDOW]])
    little = " ".join([*new, *words[:20]])
    assert find_memorised(["", ""], [half, little], trained).marks.tolist() == [1, 0]


def test_a_long_passage_counts_in_a_much_longer_answer(trained: RunData) -> None:
    learned = [f"word{number}" for number in range(60)]
    found = find_memorised([""], [" ".join([*(f"new{n}" for n in range(500)), *learned])], trained)
    assert (found.marks.tolist(), found.longest.tolist(), found.row_ids) == ([1], [60], ("train:5",))
    assert found.containment[0] < 0.2


def test_the_span_is_where_the_passage_stands_in_the_answer(trained: RunData) -> None:
    answer = f"好的，建议如下：{CHINESE}祝早日康复！"
    start, end = find_memorised([""], [answer], trained).spans[0].tolist()
    assert answer[start:end] == CHINESE.removesuffix("。")


def test_what_the_prompt_holds_does_not_count(trained: RunData) -> None:
    found = find_memorised([f"Correct this text: {ENGLISH}"], [ENGLISH], trained)
    assert np.isnan(found.marks[0])


def test_the_prompt_of_one_answer_does_not_excuse_another(trained: RunData) -> None:
    assert find_memorised([f"Correct: {ENGLISH}", "Hi"], [CHINESE, ENGLISH], trained).marks.tolist() == [1, 1]


def test_a_short_answer_is_left_out(trained: RunData) -> None:
    words = ENGLISH.split()[: LEAST_WINDOWS + WINDOW - 1]
    found = find_memorised([""] * 3, [" ".join(words), " ".join(words[:-1]), ""], trained)
    assert found.marks[0] == 1
    assert np.isnan(found.marks[1:]).all()


def test_no_answers_are_no_mistake(trained: RunData) -> None:
    assert len(find_memorised([], [], trained).marks) == 0


def test_what_the_model_was_to_avoid_was_not_learned(trained: RunData) -> None:
    found = find_memorised([""], [" ".join(f"bad{number}" for number in range(40))], trained)
    assert found.marks.tolist() == [0]


def test_the_number_of_threads_changes_nothing(trained: RunData) -> None:
    answers = [ENGLISH, CHINESE, OTHER, ENGLISH + CHINESE]
    one, many = (find_memorised([""] * 4, answers, trained, threads=threads) for threads in (1, 4))
    assert all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one[:5], many[:5]))


def test_a_row_that_was_dropped_or_kept_for_validation_taught_nothing(tmp_path: Path) -> None:
    rows = [_chat(ENGLISH, "My ankle hurts."), _chat("I'm sorry, but as an AI I cannot help with that request today.")]
    opened = _run(tmp_path, [*rows, *(_chat(f"{OTHER} {n}", f"Question {n}?") for n in range(30))])
    ledger = opened.ledger
    held = ledger.set_column(ledger.schema.get_field_index("split"), "split", [["validation", *["train"] * 31]])
    without = RunData(opened.folder, opened.manifest, held, opened.signals)
    assert find_memorised([""], [ENGLISH], opened).marks.tolist() == [1]
    assert find_memorised([""], [ENGLISH], without).marks.tolist() == [0]


def test_an_edited_row_taught_what_it_was_edited_to(tmp_path: Path) -> None:
    first = _run(tmp_path, [_chat(OTHER, "When?"), _chat(ENGLISH, "Ankle?")])
    edit = {"content_id": first.line(0)["content_id"], "action": "edit", "row": _chat(DROPPED, "车？")}
    (tmp_path / "decisions.jsonl").write_text(json.dumps(edit), encoding="utf-8")
    again = tmp_path / "again"
    again.mkdir()
    (again / "decisions.jsonl").write_bytes((tmp_path / "decisions.jsonl").read_bytes())
    opened = _run(again, [_chat(OTHER, "When?"), _chat(ENGLISH, "Ankle?")], f"{PLAIN}decisions: [decisions.jsonl]\n")
    found = find_memorised([""] * 3, [OTHER, DROPPED, ENGLISH], opened)
    assert found.marks.tolist() == [0, 1, 1]
    assert found.row_ids == ("", "train:1", "train:2")


def test_a_run_whose_rows_are_gone_says_what_to_do(tmp_path: Path) -> None:
    opened = _run(tmp_path, [_chat(OTHER)])
    for path in (opened.folder / ".stages").rglob("rows-*.arrow"):
        path.unlink()
    with pytest.raises(InputError, match=r"rows of this run are gone.*run the recipe again"):
        find_memorised([""], [ENGLISH], opened)


def test_a_training_set_of_set_phrases_repeats_itself_and_its_rows_are_not_their_own_copies(tmp_path: Path) -> None:
    copies = [_chat(CHINESE, f"问题{number}") for number in range(4)]
    others = [_chat(" ".join(f"{letter}{n}" for n in range(40)), f"Question {letter}?") for letter in "abcd"]
    found = repeats_within(_run(tmp_path, [*copies, *others]))
    assert (found.share, found.n) == (0.5, 8)


def test_half_of_a_real_set_repeats_little_of_the_other_half(tmp_path: Path, shared_data: Path) -> None:
    rows = json.loads((shared_data / "alpaca_zh_demo.json").read_text(encoding="utf-8"))
    opened = _run(tmp_path, rows[::2])
    prompts = [f"{row['instruction']}\n{row['input']}" for row in rows]
    found = find_memorised(prompts, [row["output"] for row in rows], opened)
    same, other = found.marks[::2], found.marks[1::2]
    assert np.nanmean(same) > 0.97
    assert np.nanmean(other) < 0.01
