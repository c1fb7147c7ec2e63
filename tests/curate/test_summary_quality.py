"""The data behind the report's sections on quality: counts that agree with the ledger, no private value in examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.contamination_items import Item
from tunesmith.curate.ledger import DROPPED, KEPT
from tunesmith.curate.masked import MaskedRows
from tunesmith.curate.preference_bias import advise as advise_on_length
from tunesmith.curate.preference_bias import length_bias, wilson
from tunesmith.curate.recipe_texts import Contamination
from tunesmith.curate.records import Message, Record
from tunesmith.curate.rules import FLAG
from tunesmith.curate.space_diff import mark_spaces
from tunesmith.curate.stage_contamination import OVERLAP
from tunesmith.curate.stage_rules import Failing
from tunesmith.curate.summary import Evidence
from tunesmith.curate.summary_cleaning import summarise_cleaning
from tunesmith.curate.summary_contamination import Sets, mask_pieces, summarise_contamination
from tunesmith.curate.summary_makeup import summarise_makeup
from tunesmith.curate.summary_privacy import pieces_of, summarise_private
from tunesmith.curate.summary_rules import only_failures, summarise_rules
from tunesmith.curate.treatment import Treatment, steps
from tunesmith.curate.unknown_answers import FACTUAL_ROWS, FEW, MANY, UnknownAnswers, advise

PHONE = "13800138000"


class Rows:
    """Records in memory, for those who ask for a store."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records

    def record(self, number: int) -> Record:
        return self.records[number]

    def raw(self, number: int) -> bytes:
        return b""


def pair(question: str, answer: str) -> Record:
    return Record("sft", (Message("user", question), Message("assistant", answer)))


def evidence(records: Sequence[Record], *, failures: Any = None, ledger: Any = None, **columns: Any) -> Evidence:
    """Rows that all stayed and had nothing done to them, but for what is given."""
    size, lists = len(records), pa.list_(pa.string())
    told = {
        "row_id": [f"a:{number + 1}" for number in range(size)],
        "verdict": [KEPT] * size,
        "flags": pa.array([[]] * size, lists),
        "edits": pa.array([[]] * size, lists),
        **{
            name: pa.nulls(size, pa.float64() if name in ("value", "threshold", "similarity") else pa.string())
            for name in ("stage", "rule", "value", "threshold", "partner", "similarity", "detail")
        },
        **(ledger or {}),
    }
    measured = {
        "language": ["en"] * size,
        "source": ["a"] * size,
        "private": pa.array([[]] * size, lists),
        "edits": pa.array([[]] * size, lists),
        **columns,
    }
    return Evidence(pa.table(told), pa.table(measured), Rows(records), failures or {}, seed=0)


def test_each_change_is_counted_and_shown_before_and_after() -> None:
    came = [pair("Why?", "So  it\u200b is."), pair("<b>Why?</b>", "So."), pair("Why?", "So.")]
    treatment = Treatment(clean=("control", "html", "whitespace"))
    edits = pa.array([["clean:control", "clean:whitespace"], ["clean:html"], []])
    run = evidence(came, ledger={"edits": edits})
    found = summarise_cleaning(run, lambda number: steps(came[number], treatment))
    assert found is not None
    assert found["rows"] == 2
    assert [(one["what"], one["rows"]) for one in found["changes"]] == [
        ("clean:control", 1),
        ("clean:html", 1),
        ("clean:whitespace", 1),
    ]
    (example,) = found["changes"][1]["examples"]
    assert example["parts"] == [{"part": "user", "one": "<b>Why?</b>", "other": "Why?"}]
    (both,) = found["changes"][0]["examples"]
    assert both["others"] == ["clean:whitespace"]


def test_a_run_that_changed_nothing_has_no_section_on_cleaning() -> None:
    run = evidence([pair("Why?", "So.")], ledger={"edits": pa.array([["redact:phone"]])})
    assert summarise_cleaning(run, lambda number: ()) is None


def test_an_example_of_cleaning_holds_no_private_value() -> None:
    came = [pair(f"Call  {PHONE}, my phone", "So.")]
    run = evidence(came, ledger={"edits": pa.array([["clean:whitespace"]])}, private=pa.array([["phone"]]))
    found = summarise_cleaning(run, lambda number: steps(came[number], Treatment(clean=("whitespace",))))
    assert found is not None
    (part,) = found["changes"][0]["examples"][0]["parts"]
    assert part["one"] == "Call  [PHONE_1], my phone"


def test_private_values_are_counted_by_kind_and_row_and_shown_as_marks() -> None:
    records = [pair(f"我的手机{PHONE}", f"好，{PHONE}"), pair("Mail li.lei@corp.com", "So."), pair("Why?", "So.")]
    kinds = pa.array([["phone", "phone"], ["email"], []])
    run = evidence(records, private=kinds, language=["zh", "en", "en"], ledger={"verdict": [KEPT, DROPPED, KEPT]})
    found = summarise_private(run, "drop")
    assert found is not None
    assert (found["found"], found["rows"], found["kept"]) == (3, 2, 1)
    told = {one["kind"]: (one["found"], one["rows"], one["kept"]) for one in found["kinds"]}
    assert told == {"phone": (2, 1, 1), "email": (1, 1, 0)}
    phone = next(one["example"] for one in found["kinds"] if one["kind"] == "phone")
    assert phone["pieces"] == ["我的手机", "[手机号_1]", ""]
    assert PHONE not in str(found)
    assert "li.lei" not in str(found)


def test_a_row_without_private_values_is_masked_to_itself() -> None:
    records = [pair("Why?", "So."), pair(f"我的手机{PHONE}", "好")]
    masked = MaskedRows(Rows(records), pa.chunked_array([[[], ["phone"]]]))
    assert masked.record(0) is records[0]
    assert masked.record(1).turns[0].content == "我的手机[手机号_1]"


@given(st.lists(st.sampled_from(["x", "[PHONE_1]", " ", "[EMAIL_2]"]), max_size=8))
def test_the_pieces_of_a_short_text_join_to_it(parts: list[str]) -> None:
    pieces = pieces_of("".join(parts))
    assert "".join(pieces) == "".join(parts)
    assert all(piece.startswith("[") for piece in pieces[1::2])


def _judged(failed: list[bool]) -> Failing:
    rows = np.flatnonzero(failed)
    return Failing(len(failed), rows, np.ones(len(rows)), np.zeros(len(rows)))


def test_a_rule_tells_who_fails_it_alone_and_what_it_flags() -> None:
    judged = {"loop": _judged([True, True, False]), "refusal": _judged([True, False, False])}
    judged |= {"unsafe": _judged([True, True, False]), "noise": _judged([False, False, False])}
    active = {name: {"policy": FLAG if name == "unsafe" else "drop"} for name in judged}
    only = only_failures(judged, active)
    assert {name: rows.tolist() for name, rows in only.items()} == {"loop": [1], "refusal": [], "noise": []}
    ledger = {
        "stage": ["rules", "rules", None],
        "rule": ["loop", "loop", None],
        "flags": pa.array([[], ["unsafe"], []]),
    }
    run = evidence([pair("Why?", "So.")] * 3, failures=only, ledger=ledger, language=["zh", "en", "en"])
    found = summarise_rules(run, judged, active, "zh")
    assert found is not None
    assert [one["rule"] for one in found["rules"]] == ["loop", "unsafe", "refusal"]
    loop, unsafe, _ = found["rules"]
    assert (loop["fails"], loop["drops"], loop["only"], loop["flags"]) == (2, 2, 1, 0)
    assert (unsafe["drops"], unsafe["only"], unsafe["flags"]) == (0, None, 1)
    assert loop["languages"] == {"zh": 1, "en": 1}
    assert loop["why"].startswith("同样的话")
    assert [one["row_id"] for one in unsafe["examples"]] == ["a:2"]
    assert found["silent"] == ["noise"]
    assert "empty_turn" in found["off"]


SPIDER = "How many legs does a healthy adult spider have?"
ITEMS = (Item("e1", "What is 2+2?"), Item("e2", SPIDER), Item("e3", "Why?"))


def _overlap(*rows: dict[str, Any] | None) -> pa.Table:
    empty = dict.fromkeys(name for name, _, _ in OVERLAP)
    return pa.Table.from_pylist([row or empty for row in rows], pa.schema([(name, kind) for name, kind, _ in OVERLAP]))


def _held(*items: tuple[str, float]) -> dict[str, Any]:
    first, share = items[0]
    place = {"side": "prompt", "start": 4, "end": 4 + len(SPIDER)}
    lists = {"items": [name for name, _ in items], "containments": [value for _, value in items]}
    return {"item": first, "containment": share, "threshold": 0.7, "rarity": share, **place, **lists}


def test_contamination_is_counted_by_row_and_by_item() -> None:
    records = [pair("Hi! " + SPIDER, "Eight."), pair("Why?", "So."), pair("Hm, " + SPIDER, "Eight.")]
    overlap = _overlap(_held(("e2", 1.0), ("e1", 0.8)), None, _held(("e2", 0.9)))
    run = evidence(records, ledger={"verdict": [DROPPED, KEPT, DROPPED]})
    sets = Sets({"exam.jsonl": ITEMS}, {item.id: ("exam.jsonl", item) for item in ITEMS})
    found = summarise_contamination(run, run.store, overlap, Contamination(against=("exam.jsonl",)), sets)
    assert (found["rows"], found["kept"], found["compromised"], found["total"]) == (2, 0, 2, 3)
    assert found["files"] == [{"path": "exam.jsonl", "items": 3, "compromised": 2, "rows": 2}]
    assert [(one["id"], one["rows"], one["row_ids"], one["containment"]) for one in found["items"]] == [
        ("e2", 2, ["a:1", "a:3"], 1.0),
        ("e1", 1, ["a:1"], 0.8),
    ]
    assert found["examples"][0]["text"] == ["Hi! ", SPIDER, ""]


def test_a_value_across_the_edge_of_a_span_is_masked_as_one() -> None:
    assert mask_pieces(["Call 138-0013", "-8000 and ask", " why"], "en") == ["Call ", "[PHONE_1] and ask", " why"]


@pytest.mark.parametrize(
    ("rows", "of", "factual", "verdict"),
    [
        (50, 1_000, 0, "many"),
        (49, 1_000, 0, "some"),
        (0, 1_000, FACTUAL_ROWS, "few"),
        (0, 1_000, FACTUAL_ROWS - 1, "none"),
        (1, 1_000, 900, "some"),
        (0, 0, 0, "none"),
    ],
)
def test_the_share_of_unknown_answers_decides_the_advice(rows: int, of: int, factual: int, verdict: str) -> None:
    found = UnknownAnswers(rows, of, factual, ())
    assert found.verdict == verdict
    assert (rows >= MANY * max(of, 1)) == (verdict == "many")
    assert (found.verdict == "few") <= (rows < FEW * of)
    if verdict != "none":
        assert f"{rows:,} of {of:,}" in advise(found).en
        assert "{" not in advise(found).en + advise(found).zh


def test_the_make_up_is_of_the_rows_that_stayed() -> None:
    columns = {
        "task": ["qa", "qa", "code", "qa"],
        "language": ["zh", "en", "en", "en"],
        "source": ["a", "b", "b", "b"],
        "tokens": pa.array([10, 20, 30, 99], pa.int32()),
        "unknown_answer": [True, False, False, True],
        "side_ratio": pa.array([2.0, 2.0, 0.0, 0.1], pa.float32()),
        "judge": pa.array([1.0, None, 3.0, 9.0], pa.float32()),
    }
    run = evidence([pair("Why?", "I do not know.")] * 4, ledger={"verdict": [KEPT] * 3 + [DROPPED]}, **columns)
    found = summarise_makeup(run, "en")
    assert found is not None
    assert found["tasks"]["tasks"] == [
        {"task": "qa", "rows": 2, "languages": {"en": 1, "zh": 1}},
        {"task": "code", "rows": 1, "languages": {"en": 1, "zh": 0}},
    ]
    assert [(one["source"], one["rows"], one["total"], one["most"]) for one in found["tokens"]] == [
        ("a", 1, 10, 10),
        ("b", 2, 50, 30),
    ]
    assert found["unknown"]["rows"] == 1
    assert found["unknown"]["sources"] == [{"source": "a", "rows": 1, "of": 1}, {"source": "b", "rows": 0, "of": 2}]
    assert (found["pairs"]["longer"], found["pairs"]["shorter"]) == (2, 0)
    assert found["scores"] == [{"score": "judge", "rows": 2, "missing": 1, "quantiles": [1.1, 1.5, 2.0, 2.5, 2.9]}]


def test_a_run_that_measured_none_of_it_has_no_make_up() -> None:
    assert summarise_makeup(evidence([pair("Why?", "So.")]), "en") is None


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_narrows_with_more_pairs(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    wide = wilson(10 * part, 10 * whole)
    assert wide[1] - wide[0] < high - low


def test_length_bias_needs_an_interval_beyond_one_half() -> None:
    assert length_bias(np.zeros(3)) is None
    even = length_bias(np.array([2.0, 0.5] * 50))
    assert even is not None
    assert (even.verdict, round(even.ratio, 6)) == ("unclear", 1.0)
    short = length_bias(np.full(30, 0.5))
    assert short is not None
    assert short.verdict == "shorter"
    assert "30" in advise_on_length(short).zh


@given(st.lists(st.sampled_from(["a", "b", " ", "\n", "\t"]), max_size=9), st.data())
def test_marked_spaces_are_the_text_and_only_spaces_differ(letters: list[str], data: st.DataObject) -> None:
    one = "".join(letters)
    spaces = data.draw(st.sampled_from([" ", "\n", ""]))
    other = spaces.join(one.split())
    found = mark_spaces(one, other)
    if one.split() != other.split():
        assert found is None
        return
    assert found is not None
    for text, pieces in zip((one, other), found):
        plain = "".join(piece.text for piece in pieces)
        assert plain.replace("·", " ").replace("⇥", "\t").replace("↵\n", "\n") == text
        assert all(not piece.text.strip("·⇥↵\n") for piece in pieces if piece.differs)
