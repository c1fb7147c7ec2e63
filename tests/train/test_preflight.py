"""What the preflight counts, compared with the encoding itself and with slow obvious versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("transformers")

from tunesmith.curate.records import Message, Record
from tunesmith.errors import InputError, InternalError
from tunesmith.train.encode import encode
from tunesmith.train.handover import read_fates
from tunesmith.train.preflight import preflight
from tunesmith.train.preflight_found import Preflight
from tunesmith.train.preflight_lengths import cutoff_of, histogram_of, packing_of
from tunesmith.train.preflight_tally import Tally, TokenIds, lengths_of
from tunesmith.train.preflight_tokens import TokenBytes, pieces_of
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import MASKED, PARTS, Encoding, Example, Fate, Row, Sets


@pytest.fixture(scope="module")
def template(tiny_tokenizer: Any) -> Template:
    return template_of(tiny_tokenizer, "tiny")


def chat(row_id: str, *texts: str, source: str = "a", copies: int = 1) -> Row:
    roles = ("user", "assistant")
    turns = tuple(Message(roles[place % 2], text) for place, text in enumerate(texts))
    return Row(row_id, Record("sft", turns), source, "domain", copies)


SHORT = chat("a:1", "What is the capital of France?", "Paris.")
LONG = chat("a:2", "血压", "高血压是慢性病，" * 60)
TWO_ANSWERS = chat("b:1", "1 + 1?", "2", "1 + 2?", "3", source="b")
MARKED = chat("b:2", "What does <|im_end|> mean?", "It ends a turn.", source="b")
UNANSWERED = Row("b:3", Record("sft", (Message("user", "Hello?"),)), "b", "domain")


def sets_of(*rows: Row, **validation: Sequence[Row]) -> Sets:
    return Sets(rows, validation, "fingerprint", [("c.jsonl:9", "not valid JSON")])


def looked(template: Template, *rows: Row, **more: Any) -> Preflight:
    return preflight(sets_of(*rows), template, Encoding(128, **more))


def test_every_row_is_counted_once_and_stands_in_the_ledger_with_its_reason(template: Template, tmp_path: Path) -> None:
    sets = sets_of(SHORT, LONG, TWO_ANSWERS, UNANSWERED, general=[SHORT])
    found = preflight(sets, template, Encoding(128), ledger=tmp_path / "rows.parquet")
    fates = read_fates(tmp_path / "rows.parquet")
    assert [(fate.row_id, fate.outcome, fate.reason) for fate in fates] == [
        ("c.jsonl:9", "dropped", "unreadable"),
        ("a:1", "trained", None),
        ("a:2", "dropped", "too_long"),
        ("b:1", "trained", None),
        ("b:3", "dropped", "no_trained_token"),
        ("a:1", "trained", None),
    ]
    assert found.rows_in == len(fates)
    assert found.train.outcomes == {"trained": 2, "truncated": 0, "split": 0, "dropped": 2}
    assert {one.reason: one.examples for one in found.train.reasons} == {
        "too_long": ("a:2",),
        "no_trained_token": ("b:3",),
    }
    assert found.train.no_trained == 1
    assert [(one.source, one.rows) for one in found.sources] == [("a", 2), ("b", 2)]
    assert [(one.group, one.rows) for one in found.validation] == [("general", 1)]


def test_the_token_counts_are_those_of_the_encoding(template: Template) -> None:
    encoding = Encoding(128)
    found = preflight(sets_of(SHORT, TWO_ANSWERS), template, encoding).train.tokens
    examples = [one for row in encode([SHORT, TWO_ANSWERS], template, encoding) for one in row.examples]
    by_part: dict[tuple[bool, str], int] = {}
    for example in examples:
        for label, part in zip(example.labels, example.parts):
            key = (bool(label != MASKED), PARTS[part])
            by_part[key] = by_part.get(key, 0) + 1
    assert {(True, part): n for part, n in found.trained.items()} | {
        (False, part): n for part, n in found.masked.items()
    } == by_part
    assert found.n_all == sum(len(one.input_ids) for one in examples)


def test_a_row_that_goes_missing_is_our_fault(template: Template) -> None:
    class Lossy(list[Row]):
        def __getitem__(self, which: Any) -> Any:
            return list(self)[which][:-1]

    with pytest.raises(InternalError, match="expected 3 rows accounted for, found 2"):
        preflight(Sets(Lossy([SHORT, SHORT, SHORT]), {}, "x"), template, Encoding(128))


def test_where_no_row_is_left_the_message_names_the_reason_and_a_cutoff_that_keeps_them(template: Template) -> None:
    length = looked(template, SHORT, LONG).train.lengths.max
    with pytest.raises(InputError, match=r"too_long 1.*raise --max-length to (\d+)") as caught:
        looked(template, LONG)
    advised = int(str(caught.value).split("--max-length to ")[1].split(",")[0])
    assert advised % 64 == 0
    assert length <= advised < length + 64
    with pytest.raises(InputError, match=r"no_trained_token 1.*no turn of the assistant.*assistant turns"):
        looked(template, UNANSWERED)


def test_a_row_that_is_cut_learns_no_end(template: Template) -> None:
    whole = looked(template, SHORT, TWO_ANSWERS)
    assert (whole.train.examples, whole.train.end_trained) == (2, 2)
    cut = looked(template, SHORT, LONG, over_long="truncate")
    assert (cut.train.examples, cut.train.end_trained) == (2, 1)
    assert cut.problems == ("unread", "truncated")
    assert cut.train.lengths.max > 128  # the length of the row, not of what is left of it


def test_first_tokens_are_counted_in_every_example() -> None:
    tally = Tally(TokenIds(frozenset({2}), 9, ()))
    for ids in ([9, 1], [1, 2], [9, 9, 1], [9, 9, 9]):
        tokens = np.array(ids, np.int32)
        example = Example("a:1", tokens, tokens, np.zeros(len(ids), np.uint8))
        tally.add(SHORT, (example,), Fate("a:1", "a", "domain", "trained", n_tokens=len(ids), n_examples=1))
    assert tally.account("train").bos == {"0": 1, "1": 1, "2+": 2}


def test_special_tokens_in_text_are_named_and_escaped_or_refused(template: Template) -> None:
    escaped = looked(template, SHORT, MARKED).train.special
    assert (escaped.escaped, escaped.refused, dict(escaped.strings)) == (1, 0, {"<|im_end|>": 1})
    refused = looked(template, SHORT, MARKED, special="refuse")
    assert (refused.train.special.escaped, refused.train.special.refused) == (0, 1)
    assert refused.train.special.strings == {"<|im_end|>": 1}


def test_copies_count_in_an_epoch_and_nowhere_else(template: Template) -> None:
    once, thrice = looked(template, SHORT, TWO_ANSWERS), looked(template, SHORT, TWO_ANSWERS._replace(copies=3))
    assert thrice.train.tokens == once.train.tokens
    assert (thrice.train.copies.rows_repeated, thrice.train.copies.most, thrice.train.copies.examples) == (1, 3, 4)
    assert (once.packing.sequences, thrice.packing.sequences) == (2, 4)


def test_a_prompt_under_the_own_template_is_the_beginning_of_its_example(template: Template) -> None:
    serving = looked(template, SHORT, TWO_ANSWERS).serving
    assert (serving.template, serving.compared, serving.same, serving.matches) == ("same", 2, 2, True)
    assert serving.starts is not None
    assert serving.starts["user"] == "<|im_start|>user\n"


def test_an_escaped_mark_in_a_prompt_differs_from_what_a_server_reads(template: Template) -> None:
    serving = looked(template, SHORT, MARKED).serving
    assert (serving.same, serving.escaped, serving.compared) == (1, 1, 2)
    answered = chat("b:4", "How does a turn end?", "With <|im_end|>.")
    assert looked(template, SHORT, answered).serving.same == 2  # the mark is not in the prompt


def test_another_template_is_told_with_the_place_where_prompts_part(tiny_tokenizer: Any) -> None:
    other = str(tiny_tokenizer.chat_template).replace(
        "'<|im_start|>' + message['role']", "'<|im_start|>A ' + message['role']"
    )
    found = looked(template_of(tiny_tokenizer, "tiny", given=other), SHORT, TWO_ANSWERS)
    assert (found.serving.template, found.serving.compared, found.serving.same) == ("differs", 2, 0)
    assert found.serving.differs == ("a:1", "b:1")
    assert found.serving.example is not None
    assert found.serving.example["trained"].startswith("<|im_start|>A user")
    assert found.serving.example["served"].startswith("<|im_start|>user")
    assert {"template", "prompts"} <= set(found.problems)


def test_marks_of_generation_change_nothing_that_is_served(tiny_tokenizer: Any) -> None:
    bare = str(tiny_tokenizer.chat_template).replace("{% generation %}", "").replace("{% endgeneration %}", "")
    found = looked(template_of(tiny_tokenizer, "tiny", given=bare), SHORT, TWO_ANSWERS)
    assert (found.serving.template, found.serving.compared, found.serving.same) == ("marks", 2, 2)
    assert "template" not in found.problems


def test_the_first_row_with_two_answers_is_shown_first_unless_another_is_asked_for(template: Template) -> None:
    sets = sets_of(SHORT, LONG, TWO_ANSWERS)
    assert preflight(sets, template, Encoding(128)).rows[0].row_id == "b:1"
    assert preflight(sets, template, Encoding(128), row="a:2").rows[0].row_id == "a:2"
    with pytest.raises(InputError, match=r"no row of these sets is called 'a:3'.*did you mean a:"):
        preflight(sets, template, Encoding(128), row="a:3")


def test_a_row_that_was_dropped_for_its_length_is_shown_whole_with_the_place_of_the_cutoff(template: Template) -> None:
    shown = next(row for row in looked(template, SHORT, LONG).rows if row.row_id == "a:2")
    assert shown.cutoff == 128
    text = "".join(piece.text for pieces in shown.examples for piece in pieces)
    assert text.count("高血压是慢性病，") == 60
    assert {piece.trained for piece in shown.examples[0]} == {True, False}


def test_one_row_of_each_outcome_is_shown(template: Template) -> None:
    found = looked(template, SHORT, LONG, MARKED, UNANSWERED, TWO_ANSWERS)
    assert [(row.row_id, row.outcome) for row in found.rows] == [
        ("b:1", "trained"),
        ("a:1", "trained"),
        ("b:2", "trained"),
        ("a:2", "dropped"),
        ("b:3", "dropped"),
    ]


@given(st.text(max_size=40))
def test_pieces_join_to_the_text_and_the_tokens_that_they_came_from(template: Template, text: str) -> None:
    ids = np.array(template.core.encode(text, add_special_tokens=False).ids, np.int32)
    example = Example("a:1", ids, ids, np.zeros(len(ids), np.uint8))
    pieces = pieces_of(example, TokenBytes(template.tokenizer))
    assert "".join(piece.text for piece in pieces) == text
    assert [token for piece in pieces for token in piece.ids] == ids.tolist()
    assert [piece.position for piece in pieces] == np.cumsum([0, *(len(piece.ids) for piece in pieces[:-1])]).tolist()[
        : len(pieces)
    ]


def test_tokens_that_are_halves_of_a_character_are_shown_together(template: Template) -> None:
    ids = np.array(template.core.encode("龘a", add_special_tokens=False).ids, np.int32)
    pieces = pieces_of(Example("a:1", ids, ids, np.zeros(len(ids), np.uint8)), TokenBytes(template.tokenizer))
    assert [(piece.text, len(piece.ids)) for piece in pieces] == [("龘", len(ids) - 1), ("a", 1)]
    assert len(ids) > 2


lengths = st.lists(st.integers(1, 300), min_size=1, max_size=60)


@given(lengths)
def test_a_percentile_is_the_smallest_length_that_so_many_rows_do_not_exceed(values: list[int]) -> None:
    found = lengths_of(np.array(values, np.int64))
    for share, length in ((50, found.p50), (90, found.p90), (95, found.p95), (99, found.p99)):
        enough = [one for one in sorted(values) if sum(value <= one for value in values) * 100 >= share * len(values)]
        assert length == enough[0]
    assert found.max == max(values)


@given(lengths)
def test_the_advised_cutoff_keeps_95_per_cent_and_is_a_multiple_of_64(values: list[int]) -> None:
    cutoff = cutoff_of(np.array(values, np.int64), used=100)
    assert cutoff.advised % 64 == 0
    assert cutoff.over_advised * 100 <= 5 * len(values)
    assert cutoff.over_used == sum(value > 100 for value in values)


@given(lengths, st.integers(1, 9))
def test_padding_and_packs_hold_every_token(values: list[int], batch_size: int) -> None:
    ones = np.ones(len(values), np.int64)
    found = packing_of(np.array(values, np.int64), ones, max_length=300, batch_size=batch_size)
    assert found.padded_tokens - found.padding == found.tokens == sum(values)
    assert sum(values) <= found.padded_tokens <= max(values) * len(values)
    assert found.packs * 300 >= sum(values)
    assert found.fill == pytest.approx(sum(values) / (found.packs * 300))


def test_one_sequence_in_a_batch_needs_no_padding() -> None:
    found = packing_of(np.array([5, 9, 2]), np.array([1, 1, 2]), max_length=10, batch_size=1)
    assert (found.sequences, found.padding, found.tokens) == (4, 0, 18)


@given(lengths)
def test_the_histogram_holds_every_row(values: list[int]) -> None:
    kept = np.array([value <= 100 for value in values])
    bins = histogram_of(np.array(values, np.int64), kept, cutoff=100)
    assert sum(bins["before"]) == len(values)
    assert sum(bins["after"]) == kept.sum()
    assert bins["edges"][-1] > max(*values, 100)


def test_documents_are_looked_at_without_a_template(tiny_tokenizer: Any) -> None:
    row = Row("t:1", Record("text", text="高血压是慢性病。" * 80), "t", "domain")
    template = template_of(tiny_tokenizer, "tiny", chat=False)
    found = preflight(sets_of(row), template, Encoding(128), stage="pretrain")
    assert found.train.outcomes["split"] == 1
    assert found.train.tokens.trained["text"] > 200
    assert found.serving.compared == 0


def test_the_same_rows_give_the_same_findings(template: Template) -> None:
    sets = sets_of(SHORT, LONG, TWO_ANSWERS)
    first, second = (preflight(sets, template, Encoding(128)).as_json() for _ in range(2))
    assert first == second
    assert first["encoding"] == vars(replace(Encoding(128)))


def test_a_mark_that_only_the_trained_template_puts_before_an_answer_is_no_match(tiny_tokenizer: Any) -> None:
    """A server with the own template would not write it, and the model does not learn to."""
    header = "{{ '<|im_start|>' + message['role'] + '\n' }}"
    thinking = str(tiny_tokenizer.chat_template).replace(
        header, header + "{% if message['role'] == 'assistant' %}{{ '<think>' }}{% endif %}"
    )
    thinking = thinking.replace("{{ '<|im_start|>assistant\n' }}", "{{ '<|im_start|>assistant\n<think>' }}")
    found = looked(template_of(tiny_tokenizer, "tiny", given=thinking), SHORT)
    assert (found.serving.compared, found.serving.same) == (1, 0)
    assert found.serving.example is not None
    assert "<think>" in found.serving.example["trained"]
    assert "<think>" not in found.serving.example["served"]
