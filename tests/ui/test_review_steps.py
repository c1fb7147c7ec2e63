"""What a task asks, step by step."""

from __future__ import annotations

from tests.ui.review_given import CRITERIA
from tunesmith.evaluate.review_types import Answer, Criterion, Mode, Task
from tunesmith.ui.review_steps import KEYS, Step, current, key_of, last_prompt, scores, steps_of


def task(mode: Mode, criteria: tuple[Criterion, ...] = (), missing: tuple[str, ...] = ()) -> Task:
    messages = ({"role": "user", "content": "first"}, {"role": "user", "content": "last"}, {"role": "assistant"})
    return Task("t", "spring", mode, messages, ("one", "two"), (), criteria, "", None, 0.0, 0, 4, missing)


def test_a_choice_comes_before_the_criteria_and_a_rubric_has_none() -> None:
    assert steps_of(task("pairwise")) == (Step(),)
    assert steps_of(task("pairwise", CRITERIA)) == (Step(), Step(CRITERIA[0]), Step(CRITERIA[1]))
    assert steps_of(task("rubric", CRITERIA)) == (Step(CRITERIA[0]), Step(CRITERIA[1]))


def test_an_answer_that_stands_is_asked_only_for_what_it_lacks() -> None:
    assert steps_of(task("pairwise", CRITERIA, (CRITERIA[1].name,))) == (Step(CRITERIA[1]),)


def test_the_step_to_take_is_the_first_without_an_answer() -> None:
    steps = steps_of(task("pairwise", CRITERIA))
    assert current(steps, Answer(), None) == 0
    assert current(steps, Answer("left"), None) == 1
    both = Answer("left", {criterion.name: 2 for criterion in CRITERIA})
    assert current(steps, both, None) is None
    assert current(steps, both, 1) == 1


def test_a_choice_that_was_taken_back_can_be_chosen_again() -> None:
    assert current((Step(),), Answer("left"), None) == 0


def test_no_key_is_one_that_streamlit_keeps_for_itself_or_that_two_buttons_share() -> None:
    assert not {"C", "R"} & set(KEYS.values())
    assert len(set(KEYS.values())) == len(KEYS)
    assert {len(key) for key in KEYS.values()} == {1}


def test_a_scale_has_keys_as_far_as_one_digit_goes() -> None:
    assert [key_of(score) for score in scores(Criterion("x", low=-1, high=10))][:3] == [None, "0", "1"]
    assert key_of(10) is None


def test_an_edit_changes_the_last_question() -> None:
    assert last_prompt(task("curation")) == "last"
