"""What a row's story says of duplicates: partner, similarities, differing words, flags, and what a person can do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.decide import decide
from tunesmith.curate.explain import Story, as_json, as_text, explain
from tunesmith.curate.rundata import RunData
from tunesmith.curate.shown import ratio, width_of, wrap_painted

MakeRun = Callable[..., RunData]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
PASSAGE = " ".join(f"word{i}" for i in range(60))


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


COPY = _pair("Tell me the story again, please.", f"{PASSAGE} and that was all.")
ORIGINAL = _pair("Tell me the story again.", f"{PASSAGE} and that was the end.")
SAME_QUESTION = [_pair("How tall is it?", "Two metres."), _pair("How tall is it?", "Three feet.")]


def _text(story: Story, **settings: Any) -> str:
    """The page as one line, so that a sentence is found wherever it was wrapped."""
    return " ".join(as_text(story, **settings).split())


def _commands(story: Story) -> list[tuple[str, str | None]]:
    return [(advice.what, advice.command and advice.command.split(" ", 4)[4]) for advice in story.advice]


def test_a_near_duplicate_names_its_partner_similarities_and_threshold(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE)
    story = explain(run, "a:1")
    assert story.partner is not None
    assert (story.partner.row_id, story.partner.verdict) == ("a:2", "kept")
    assert (story.partner.similarity, story.partner.answer_similarity) == (
        pytest.approx(60 / 72),
        pytest.approx(59 / 62),
    )
    assert (story.looked.on, story.looked.threshold) == ("row", 0.7)
    text = _text(story)
    assert text.startswith("a:1 was dropped: it nearly repeats a:2")
    assert "a:2 stayed in its place: similarity 0.833 of the whole, 0.951 of the answer; threshold 0.7" in text


def test_the_differing_words_are_marked_and_the_rest_is_cut(make_run: MakeRun) -> None:
    story = explain(make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE), "a:1")
    text = _text(story)
    assert "[-only in a:1-] {+only in a:2+}" in text
    assert "user: Tell me the story again[-, please-]." in text
    assert "word59 and that was [-all-]{+the end+}." in text
    assert "word30" not in text.partition("Duplicates")[2]
    coloured = as_text(story, color=True, width=200)
    assert "\x1b[1;31mall\x1b[0m \x1b[1;32mthe end\x1b[0m" in coloured
    assert "[-" not in coloured


def test_the_differences_of_a_story_hold_both_texts_whole(make_run: MakeRun) -> None:
    story = explain(make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE), "a:1")
    told = json.loads(json.dumps(as_json(story)))["partner"]["differences"]
    assert ["".join(part["text"] for part in turn["here"]) for turn in told] == [COPY["instruction"], COPY["output"]]
    assert ["".join(part["text"] for part in turn["there"]) for turn in told] == [
        ORIGINAL["instruction"],
        ORIGINAL["output"],
    ]


def test_rows_whose_turns_do_not_correspond_are_told_as_one_text(make_run: MakeRun) -> None:
    turns = [{"role": "user", "content": ORIGINAL["instruction"]}, {"role": "assistant", "content": ORIGINAL["output"]}]
    with_system = {"messages": [{"role": "system", "content": "Be kind."}, *turns]}
    story = explain(make_run({"a.jsonl": [COPY, with_system]}, ALONE), "a:1")
    assert story.partner is not None
    assert [turn.role for turn in story.partner.differences] == [""]
    assert "{+system: Be kind.+}" in _text(story)


def test_a_near_duplicate_can_be_kept_alone_or_with_its_partner(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE)
    story = explain(run, "a:1")
    assert _commands(story)[:2] == [
        ("keep this one in place of a:2", 'a:1 keep --reason "…"'),
        ("or keep both, with this as well", 'a:2 keep --reason "…"'),
    ]
    assert "`duplicates: {near: {threshold: 0.834}}`, which these two do not reach" in _text(story)
    assert decide(run, "a:1", "keep").notes == ("a:2 leaves in its place; to have both, keep that one too",)
    decided = ALONE + "decisions: [decisions.jsonl]\n"
    swapped = make_run({"a.jsonl": [COPY, ORIGINAL]}, decided, out="swapped")
    assert _commands(explain(swapped, "a:2"))[0] == ("keep both; a person keeps a:1 already", 'a:2 keep --reason "…"')
    assert decide(swapped, "a:2", "keep").notes == ("a:1 stays too, for a person keeps it already",)
    both = make_run({"a.jsonl": [COPY, ORIGINAL]}, decided, out="both")
    assert [explain(both, row).verdict for row in ("a:1", "a:2")] == ["kept", "kept"]
    assert "stays whatever it is like, as a person decided" in _text(explain(both, "a:2"))


def test_the_threshold_that_a_story_proposes_keeps_both_rows(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE + "duplicates: {near: {threshold: 0.834}}\n")
    assert [explain(run, row).verdict for row in ("a:1", "a:2")] == ["kept", "kept"]


def test_what_an_exact_duplicate_is_told_keeps_it_even_where_near_ones_leave(make_run: MakeRun) -> None:
    rows = {"a.jsonl": [ORIGINAL, {**ORIGINAL, "instruction": "TELL me the story again."}]}
    story = explain(make_run(rows, ALONE), "a:2")
    assert "a:1 stayed in its place: the same after normalisation" in _text(story)
    assert "set `duplicates: {exact: false, near: off}` in the recipe" in _text(story)
    followed = make_run(rows, ALONE + "duplicates: {exact: false, near: off}\n", out="followed")
    assert explain(followed, "a:2").verdict == "kept"


def test_on_whole_the_answers_may_be_compared_too(make_run: MakeRun) -> None:
    rows = [_pair(f"{PASSAGE} What comes first?", "word0"), _pair(f"{PASSAGE} What comes last?", "word59")]
    story = explain(make_run({"a.jsonl": rows}, ALONE + "duplicates: {near: {on: whole}}\n"), "a:1")
    assert "0 of the answer; threshold 0.7 of the whole" in _text(story)
    assert "`duplicates: {near: {on: row}}`" in _text(story)


def test_a_variant_is_told_with_similarities_and_the_other_answer(make_run: MakeRun) -> None:
    rows = [_pair(f"{PASSAGE} What comes first?", "word0"), _pair(f"{PASSAGE} What comes last?", "word59")]
    story = explain(make_run({"a.jsonl": rows}, ALONE), "a:1")
    (finding,) = story.findings
    assert (finding.flag, finding.what, story.partner) == ("variant", "variant", None)
    assert "nearly a:2 with another answer: similarity 0.9" in _text(story)
    assert "assistant: [-word0-]{+word59+}" in _text(story)


def test_a_conflict_shows_the_other_answer_and_how_to_drop_the_wrong_one(make_run: MakeRun) -> None:
    rows = [*SAME_QUESTION, _pair("How tall is it?", "A mile.")]
    story = explain(make_run({"a.jsonl": rows}, ALONE), "a:1")
    (finding,) = story.findings
    assert (finding.flag, finding.others) == ("conflict", ("a:2", "a:3"))
    text = _text(story)
    assert "a:2 has the same prompt and another answer (the prompt stands in a:3 too)" in text
    assert "assistant: [-Two metres-]{+Three feet+}." in text
    assert _commands(story)[0] == ("take it out", 'a:1 drop --reason "…"')
    assert _commands(story)[-1] == ("where a:2 is the wrong one, take that one out", 'a:2 drop --reason "…"')


def test_a_conflict_of_kto_is_about_the_label(make_run: MakeRun) -> None:
    turns = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because it is so."}]
    run = make_run({"a.jsonl": [{"messages": turns, "label": True}, {"messages": turns, "label": False}]}, ALONE)
    assert "a:2 has the same prompt and answer with the other label" in _text(explain(run, "a:1"))


def test_a_template_names_its_rows_and_its_skeleton(make_run: MakeRun) -> None:
    rows = [
        _pair(f"Write a short and friendly description of a new {thing}", f"The {thing}: {thing} {thing}.")
        for thing in ("bike", "bicycle", "lamp", "pen")
    ]
    story = explain(make_run({"a.jsonl": rows}, ALONE), "a:2")
    (finding,) = story.findings
    assert (finding.flag, finding.what, finding.others) == ("template", "skeleton", ("a:1", "a:3", "a:4"))
    assert finding.shared == "Write a short and friendly description of a new …"
    assert (
        "prompt skeleton shared by 4 rows, “Write a short and friendly description of a new …”: with a:1, a:3"
        in _text(story)
    )


def test_a_stock_answer_names_the_rows_that_share_it(make_run: MakeRun) -> None:
    stock = "Please ask a person who knows about that, for I am here to talk of other things."
    asked = (
        "Is the blue car that stands outside of this house really mine?",
        "When was the bridge at the end of our long street made?",
        "Who takes part in the dance that they hold every other summer?",
        "What does it cost to keep a boat in the harbour for a year?",
    )
    story = explain(make_run({"a.jsonl": [_pair(one, stock) for one in asked]}, ALONE), "a:1")
    (finding,) = story.findings
    assert (finding.what, finding.shared) == ("stock_answer", stock)
    assert "stock answer shared by 4 rows: with a:2, a:3, a:4" in _text(story)


def test_a_survivor_names_only_the_rows_that_left_for_it(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL, *SAME_QUESTION]}, ALONE)
    assert explain(run, "a:2").partner_of == ("a:1",)
    assert "stayed in place of a:1" in _text(explain(run, "a:2"))
    assert explain(run, "a:3").partner_of == explain(run, "a:4").partner_of == ()


def test_a_flagged_near_duplicate_is_told_as_kept(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE + "duplicates: {near: {policy: flag}}\n")
    story = explain(run, "a:1")
    assert (story.verdict, story.partner, [finding.flag for finding in story.findings]) == (
        "kept",
        None,
        ["near_duplicate"],
    )
    text = _text(story)
    assert "kept with a flag, as `policy: flag` says" in text
    assert "nearly the same as a:2: similarity 0.833 of the whole" in text
    assert "`duplicates: {near: {policy: drop}}`" in text


def test_where_nobody_looked_the_story_does_not_claim_that_nothing_was_found(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": SAME_QUESTION}, ALONE + "duplicates: {near: off}\n")
    assert "no other row is the same; near-duplicates were not looked for" in _text(explain(run, "a:1"))
    run = make_run({"a.jsonl": SAME_QUESTION}, ALONE + "duplicates: {near: off, exact: off}\n", out="off")
    assert "Duplicates not looked for" in _text(explain(run, "a:1"))
    assert "the recipe asks for no validation side" in _text(explain(run, "a:1"))


def test_rows_of_like_prompts_are_named_under_split(make_run: MakeRun) -> None:
    rows = [_pair(f"Which of these towns lies the farthest from town {i}?", f"Number {i}.") for i in range(3)]
    story = explain(make_run({"a.jsonl": [*rows, _pair("Why?", "So.")]}, "sources: [a.jsonl]\n"), "a:1")
    assert story.split is not None
    assert (story.split.sharing, story.split.row_ids) == (2, ("a:2", "a:3"))
    assert "2 other rows have like prompts and share its side: a:2, a:3" in _text(story)


def test_a_row_that_the_registry_left_out_shares_no_side(make_run: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_text(json.dumps({"x": {"file_name": "a.jsonl", "num_samples": 2}}))
    rows = [_pair(f"Question {i}?", f"Answer {i}.") for i in range(5)]
    run = make_run({"a.jsonl": rows}, "sources: ['dataset_info.json#x']\n")
    left = next(line["row_id"] for line in run.ledger.to_pylist() if line["rule"] == "num_samples")
    story = explain(run, left)
    assert story.split is None
    assert "not among the rows that the registry asks for" in _text(story)
    assert "raise `num_samples` of x in its dataset_info.json" in _text(story)


def test_dropping_a_survivor_says_who_may_come_back(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [COPY, ORIGINAL]}, ALONE)
    assert decide(run, "a:2", "drop").notes == ("a:1 left as its duplicate and is judged again without it",)
    assert decide(run, "a:1", "drop").notes == ()


def test_every_line_of_a_comparison_fits_the_terminal(make_run: MakeRun) -> None:
    story_text = "".join(chr(0x4E00 + i) for i in range(200))
    copy = _pair("请再讲一遍这个故事\x1b[2J。", f"{story_text}山里有一座庙\t庙里有个老和尚。")
    original = _pair("请再讲一遍这个故事。", f"{story_text}山里有一座庙\t庙里有个小和尚。")
    story = explain(make_run({"a.jsonl": [copy, original]}, ALONE), "a:2")
    lines = [line for line in as_text(story, width=60).split("\n") if "tunesmith curate" not in line]
    assert max(map(width_of, lines)) <= 60
    assert "[-小-]{+老+}" in _text(story)
    assert "\x1b" not in as_text(story)


def test_a_similarity_is_never_rounded_up_to_a_threshold() -> None:
    assert [ratio(value) for value in (0.6999, 0.7, 2 / 3, 0.57, 1.0, 0.0)] == [
        "0.699",
        "0.7",
        "0.666",
        "0.57",
        "1",
        "0",
    ]


def test_painted_words_keep_their_colour_over_the_end_of_a_line() -> None:
    parts = [("one ", None), ("two three", "bold"), (" four", None)]
    assert wrap_painted(parts, width=8, color=False) == ["one two", "three", "four"]
    assert wrap_painted(parts, width=8, color=True) == ["one \x1b[1mtwo\x1b[0m", "\x1b[1mthree\x1b[0m", "four"]
