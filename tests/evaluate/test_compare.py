"""Two systems or more compared: verdicts, flips, slices, regressions, and what the folder gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError
from tunesmith.evaluate.compare import compare_files, regressions_of
from tunesmith.evaluate.compare_cases import MOST_CHARACTERS
from tunesmith.evaluate.compare_inputs import load_systems
from tunesmith.evaluate.compare_pair import compare_pair
from tunesmith.evaluate.compare_statistics import Side
from tunesmith.evaluate.compare_stored import score_systems
from tunesmith.evaluate.compare_text import as_text
from tunesmith.evaluate.holm import holm
from tunesmith.evaluate.pairing import pair

Line = dict[str, Any]
SAID = {"template_hash": "t", "decoding": {"temperature": 0}}
FEW = ["correct", "exact_match", "rougeL", "characters"]  # metrics: each kind but the slow ones
#: Gained and lost, counted from the marks of the file with a few lines of their own.
FLIPS = {
    ("6b_finetuning", "6b_verification"): (293, 64),
    ("6b_finetuning", "175b_finetuning"): (260, 88),
    ("6b_finetuning", "175b_verification"): (499, 43),
    ("6b_verification", "175b_finetuning"): (152, 209),
    ("6b_verification", "175b_verification"): (306, 79),
    ("175b_finetuning", "175b_verification"): (360, 76),
}


def line(number: int, answer: str | None, *, right: bool | None = None, **more: Any) -> Line:
    found = {
        "id": f"q{number:03d}",
        "messages": [{"role": "user", "content": f"What is the name of river number {number}?"}],
        "prediction": answer,
        "reference": f"River number {number} is called the Long Water.",
        "meta": SAID,
        **more,
    }
    return found if right is None else found | {"correct": right}


def marks(rights: Sequence[bool], **more: Any) -> list[Line]:
    """Answers of which only the mark matters."""
    return [line(number, "An answer.", right=right, **more) for number, right in enumerate(rights)]


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("before", lines)`: a file of predictions."""

    def put(name: str, lines: Sequence[Line]) -> Path:
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines), encoding="utf-8")
        return path

    return put


def compared(*paths: Path, **how: Any) -> dict[str, Any]:
    return compare_files(list(paths), None, **{"metrics": FEW, **how})


def codes(summary: Mapping[str, Any]) -> list[str]:
    return [warning["code"] for warning in summary["warnings"]]


# Verdicts


def test_a_plain_improvement_is_better_and_the_other_way_round_it_is_worse(write: Write) -> None:
    few, many = (
        write("few", marks([n % 4 == 0 for n in range(60)])),
        write("many", marks([n % 4 != 1 for n in range(60)])),
    )
    up, down = compared(few, many), compared(many, few)
    one, other = up["metrics"]["correct"], down["metrics"]["correct"]
    assert (up["primary"], up["verdict"], down["verdict"]) == ("correct", "better", "worse")
    assert (one["before"], one["after"], one["difference"]) == (0.25, 0.75, 0.5)
    assert one["flips"] == {"gained": 30, "lost": 0}
    assert other["flips"] == {"gained": 0, "lost": 30}
    assert [len(ids) for ids in up["pairs"][0]["flips"]["correct"].values()] == [30, 0]
    assert one["p"] == other["p"]
    assert one["interval"] == pytest.approx([-bound for bound in reversed(other["interval"])])
    assert regressions_of(up) == []
    assert regressions_of(down) == ["correct is worse in few than in many"]


def test_the_same_answers_are_never_better_or_worse_and_that_is_told(write: Write) -> None:
    lines = [line(n, f"Answer {n}", right=n % 2 == 0) for n in range(40)]
    summary = compared(write("a", lines), write("b", lines))
    assert {entry["verdict"] for entry in summary["metrics"].values()} <= {"no clear change", "too few"}
    assert summary["metrics"]["correct"]["flips"] == {"gained": 0, "lost": 0}
    assert "identical" in codes(summary)
    assert summary["pairs"][0]["n_regressions"] == summary["pairs"][0]["n_improvements"] == 0


def test_the_order_of_the_lines_changes_nothing(write: Write) -> None:
    before = [line(n, f"River {n}", right=n % 2 == 0) for n in range(12)]
    after = [line(n, f"River number {n} is long" if n % 3 else "?", right=n % 3 > 0) for n in range(12)]
    how: dict[str, Any] = {"metrics": ["correct", "bleu", "rougeL"]}
    one = compared(write("a", before), write("b", after), **how)
    other = compared(write("a", before), write("b", after[::-1]), **how)
    assert one["pairs"] == other["pairs"]
    assert one["metrics"]["bleu"]["difference"] != 0


def test_few_items_are_too_few_and_one_item_is_enough_to_say_so(write: Write) -> None:
    summary = compared(write("a", marks([False])), write("b", marks([True])))
    assert summary["verdict"] == "too few"
    assert summary["metrics"]["correct"]["n"] == 1


def test_p_values_are_adjusted_over_the_directional_metrics_of_all_pairs(write: Write) -> None:
    base = write("base", marks([n % 3 == 0 for n in range(45)]))
    one = write("one", marks([n % 3 != 1 for n in range(45)]))
    two = write("two", [line(n, f"River number {n} is called the Long Water.", right=n % 2 == 0) for n in range(45)])
    summary = compared(base, one, two)
    entries = [entry for pair in summary["pairs"] for entry in pair["metrics"].values()]
    assert len(entries) == 6
    assert [entry["p_adjusted"] for entry in entries] == holm([entry["p"] for entry in entries])
    assert [(pair["before"], pair["after"]) for pair in summary["pairs"]] == [("base", "one"), ("base", "two")]
    assert summary["metrics"] == summary["pairs"][-1]["metrics"]
    assert list(summary["shifts"]) == ["characters"]
    assert summary["shifts"]["characters"]["verdict"] is None


def test_the_mark_decides_where_there_is_one_else_answers_that_most_items_have_else_rouge(write: Write) -> None:
    def primary(lines: list[Line], **how: Any) -> str | None:
        found: str | None = compared(write("a", lines), write("b", lines), metrics=None, **how)["primary"]
        return found

    numbers = [line(n, f"It is {n}.") | {"reference": f"{n}"} for n in range(8)]
    texts = [line(n, "An answer.") for n in range(8)]
    assert primary([numbers[0] | {"correct": True}, *numbers[1:]]) == "correct"
    assert primary(numbers) == "numeric_match"
    assert primary([*numbers[:3], *texts[3:]]) == "rougeL"
    assert primary(numbers, primary="exact_match") == "exact_match"
    with pytest.raises(InputError, match="'characters' cannot be the primary metric: expected one of"):
        primary(texts, primary="characters")


def test_without_references_and_marks_nothing_is_judged(write: Write) -> None:
    lines = [line(n, f"Answer {n}") | {"reference": None} for n in range(40)]
    summary = compared(
        write("a", lines), write("b", [*lines[:39], line(39, "Other") | {"reference": None}]), metrics=None
    )
    assert (summary["primary"], summary["verdict"]) == (None, "too few")
    assert "no_primary" in codes(summary)
    assert "characters" in summary["shifts"]


# Which items count


def test_a_metric_that_only_one_side_has_is_told_and_not_dropped_in_silence(write: Write) -> None:
    unmarked = [{key: value for key, value in one.items() if key != "correct"} for one in marks([True] * 4)]
    summary = compared(write("a", marks([True] * 4)), write("b", unmarked), metrics=["rougeL", "correct"])
    (told,) = [warning["en"] for warning in summary["warnings"] if warning["code"] == "metrics_missing"]
    assert (summary["primary"], told) == (
        "rougeL", "No item has a value of correct both in a and in b, so that is not compared.",
    )  # fmt: skip


def test_only_shared_items_are_compared_and_the_others_are_told(write: Write) -> None:
    summary = compared(write("a", marks([True] * 40)), write("b", marks([False] * 45)[5:]))
    coverage = summary["pairs"][0]["coverage"]
    assert (summary["metrics"]["correct"]["n"], coverage["shared"]) == (35, 35)
    assert coverage["only_before"] == [f"q00{n}" for n in range(5)]
    assert coverage["only_after"] == [f"q04{n}" for n in range(5)]
    assert "ids_missing" in codes(summary)


def test_a_failed_answer_leaves_its_pair_out_and_uneven_failures_are_told(write: Write) -> None:
    after = marks([False] * 40)
    for failed in after[:7]:
        failed |= {"prediction": None, "failure": "timeout"}
    summary = compared(write("a", marks([True] * 40)), write("b", after))
    entry = summary["metrics"]["correct"]
    assert (entry["n"], entry["before"], entry["after"]) == (33, 1.0, 0.0)
    assert summary["systems"][1]["failures"] == {"timeout": 7}
    coverage = summary["pairs"][0]["coverage"]
    assert (coverage["failed_before"], len(coverage["failed_after"])) == ([], 7)
    assert coverage["failed_p"] == pytest.approx(2 / 2**7)
    (warning,) = [warning for warning in summary["warnings"] if warning["code"] == "failures_uneven"]
    assert "a failed to answer 0 items and b 7" in warning["en"]
    assert "7 题只有一方失败" in warning["zh"]


def test_who_fails_on_the_hard_items_does_not_look_better_for_it(write: Write) -> None:
    before = marks([n >= 20 for n in range(60)])
    after = marks([n >= 20 for n in range(60)])
    for failed in (before[59], *after[15:30], after[59]):  # the last on both sides: it stays out
        failed |= {"prediction": None}
    summary = compared(write("a", before), write("b", after))
    (pair,) = summary["pairs"]
    as_wrong = pair["coverage"]["failed_as_wrong"]
    assert (pair["metrics"]["correct"]["difference"], pair["verdict"]) == (0.0, "no clear change")
    assert (as_wrong["n"], as_wrong["before"], as_wrong["after"]) == (59, 39 / 59, 29 / 59)
    assert (as_wrong["flips"], as_wrong["verdict"]) == ({"gained": 0, "lost": 10}, "worse")
    assert regressions_of(summary) == ["correct is worse in b than in a, with failed answers as wrong"]
    assert "with failed answers as wrong: correct −16.9" in as_text(summary)


def test_failures_on_the_same_items_change_no_verdict(write: Write) -> None:
    lines = [line(0, None), *marks([True] * 4)[1:]]
    coverage = compared(write("a", lines), write("b", lines))["pairs"][0]["coverage"]
    assert (coverage["failed_before"], coverage["failed_after"]) == (["q000"], ["q000"])
    assert coverage["failed_as_wrong"] is None


def test_an_empty_answer_is_an_answer(write: Write) -> None:
    summary = compared(
        write("a", [line(n, "") for n in range(5)]), write("b", [line(n, "Long Water") for n in range(5)])
    )
    assert summary["metrics"]["rougeL"]["before"] == 0.0
    assert summary["metrics"]["rougeL"]["n"] == 5
    assert (summary["systems"][0]["empty"], summary["systems"][0]["failed"]) == (5, 0)


def test_where_all_answers_failed_nothing_is_compared(write: Write) -> None:
    lines = [line(n, None) | {"failure": "http_500"} for n in range(4)]
    summary = compared(write("a", lines), write("b", marks([True] * 4)))
    assert (summary["primary"], summary["metrics"], summary["verdict"]) == (None, {}, "too few")
    assert "all_failed" in codes(summary)
    assert "no_primary" not in codes(summary)  # the references are there


# Slices and groups


def test_a_fall_in_one_slice_is_found_there(write: Write) -> None:
    topics = ["history" if n < 40 else "law" for n in range(80)]
    before = [line(n, "x", right=True, topic=topic) for n, topic in enumerate(topics)]
    after = [line(n, "x", right=topic == "law", topic=topic) for n, topic in enumerate(topics)]
    slices = compared(write("a", before), write("b", after))["pairs"][0]["slices"]
    assert slices["topic"]["history"]["correct"]["verdict"] == "worse"
    assert slices["topic"]["law"]["correct"]["verdict"] == "no clear change"
    assert sum(metrics["correct"]["n"] for metrics in slices["topic"].values()) == 80
    family = [one["correct"] for values in slices.values() for one in values.values()]
    assert [entry["p_adjusted"] for entry in family] == holm([entry["p"] for entry in family])


def test_a_field_that_tells_of_the_answers_makes_no_slices(write: Write) -> None:
    one, other = marks([True, False] * 5), marks([True, False] * 5)
    for place in range(10):
        one[place]["speed"], other[place]["speed"] = place % 2, place % 3 % 2
    assert "speed" not in compared(write("a", one), write("b", other))["pairs"][0]["slices"]
    with pytest.raises(InputError, match="the field 'speed' is not the same in"):
        compared(write("a", one), write("b", other), slices=["speed"])


def test_lengths_are_divided_into_quarters_that_cover_every_item_in_order(write: Write) -> None:
    lines = [line(n, "x") | {"messages": [{"role": "user", "content": "?" * (n + 1)}]} for n in range(40)]
    quarters = compared(write("a", lines), write("b", lines))["pairs"][0]["slices"]["length"]
    assert list(quarters) == ["0–10", "11–20", "21–30", "31–40"]
    assert [metrics["rougeL"]["n"] for metrics in quarters.values()] == [10] * 4


def test_an_unknown_slice_names_those_that_there_are(write: Write) -> None:
    lines = [line(n, "x", topic="law") for n in range(3)]
    with pytest.raises(InputError, match="no line has the field 'topics'; choose from language, length, topic"):
        compared(write("a", lines), write("b", lines), slices=["topics"])


def test_grouped_items_count_by_group(write: Write) -> None:
    """Sixty items that fall together in three groups say no more than three items."""
    before = [line(n, "x", right=True, book=f"b{n % 3}") for n in range(60)]
    after = [line(n, "x", right=False, book=f"b{n % 3}") for n in range(60)]
    alone, together = (compared(write("a", before), write("b", after), group=group) for group in (None, "book"))
    assert alone["verdict"] == "worse"
    assert (together["verdict"], together["metrics"]["correct"]["n_groups"]) == ("too few", 3)
    assert together["metrics"]["correct"]["n"] == 60
    assert "few_groups" in codes(together)


def test_an_item_without_its_group_is_refused(write: Write) -> None:
    lines = [line(0, "x", book="b"), line(1, "x")]
    with pytest.raises(InputError, match="1 of 2 items have no book, such as q001"):
        compared(write("a", lines), write("b", lines), group="book")
    with pytest.raises(InputError, match="no line has the field 'page'; choose from book"):
        compared(write("a", lines), write("b", lines), group="page")


# What to read first


def test_the_most_severe_regressions_come_first_with_everything_that_a_reader_needs(write: Write) -> None:
    told = "River number {} is called the Long Water."
    before = [line(n, told.format(n), right=True if n < 3 else None) for n in range(6)]
    after = [
        line(0, told.format(0), right=True),
        line(1, "Long Water", right=False),
        line(2, "?", right=False),
        line(3, "The Long Water."),
        line(4, "?"),
        line(5, told.format(5)),
    ]
    pair = compared(write("a", before), write("b", after))["pairs"][0]
    assert [(case["id"], case["by"]) for case in pair["regressions"]] == [
        ("q002", "correct"),
        ("q001", "correct"),
        ("q004", "rougeL"),
        ("q003", "rougeL"),
    ]
    assert pair["n_regressions"] == 4
    first = pair["regressions"][0]
    assert (first["before"], first["after"], first["references"]) == (told.format(2), "?", [told.format(2)])
    assert first["messages"][0]["content"] == "What is the name of river number 2?"
    assert first["lost"] == ["correct", "exact_match"]
    assert first["values"]["correct"] == {"before": 1.0, "after": 0.0}
    assert pair["improvements"] == []
    assert pair["wins"]["rougeL"] == {"win": 0, "tie": 2, "loss": 4}


def test_a_very_long_answer_is_cut_in_the_summary_and_its_length_is_told(write: Write) -> None:
    long = "word " * 200_000
    summary = compared(write("a", [line(0, "Long Water")]), write("b", [line(0, long)]))
    (case,) = summary["pairs"][0]["regressions"]
    assert len(case["after"]) == MOST_CHARACTERS
    assert case["characters"] == {"before": 10, "after": 1_000_000}


# The four systems of the real data


def test_the_flips_of_all_six_pairs_are_those_of_the_marks(shared_data: Path, write: Write) -> None:
    text = (shared_data / "gsm8k_solutions.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(one) for one in text.splitlines()]
    names = list(dict.fromkeys(name for pair in FLIPS for name in pair))
    paths = [write(name, [_solution(number, row, name) for number, row in enumerate(rows)]) for name in names]
    summary = compared(*paths, metrics=["correct"], slices=[])
    found = {(one["before"], one["after"]): one["flips"]["correct"] for one in summary["pairs"]}
    found |= _flips_of_later(paths[1:])
    assert found.keys() == FLIPS.keys()
    for (before, after), flips in found.items():
        was, now = ({f"{n:04d}": row[name]["is_correct"] for n, row in enumerate(rows)} for name in (before, after))
        assert flips["gained"] == [id for id in was if now[id] and not was[id]]
        assert flips["lost"] == [id for id in was if was[id] and not now[id]]
        assert (len(flips["gained"]), len(flips["lost"])) == FLIPS[before, after]
    for one in summary["pairs"]:
        entry, (gained, lost) = one["metrics"]["correct"], FLIPS[one["before"], one["after"]]
        assert entry["flips"] == {"gained": gained, "lost": lost}
        assert entry["difference"] == pytest.approx((gained - lost) / len(rows))
        assert entry["verdict"] == "better"


def _flips_of_later(paths: Sequence[Path]) -> dict[tuple[str, str], Any]:
    """The same of the pairs that one command does not compare, without reading and scoring again for each."""
    systems = load_systems(paths)
    scores = score_systems(systems, ["correct"]).systems
    found = {}
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = pair(systems[i].predictions, systems[j].predictions)
        sides = Side(scores[i], both.rows_before), Side(scores[j], both.rows_after)
        found[systems[i].name, systems[j].name] = compare_pair(both, *sides, {}, groups=None, seed=0).flips["correct"]
    return found


def _solution(number: int, row: Mapping[str, Any], name: str) -> Line:
    return {
        "id": f"{number:04d}",
        "messages": [{"role": "user", "content": row["question"]}],
        "prediction": row[name]["solution"],
        "reference": row["ground_truth"],
        "correct": row[name]["is_correct"],
    }
