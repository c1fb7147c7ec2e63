"""Which answers of a row are trained, where the row itself says that one is not to be learned from."""

from __future__ import annotations

import pytest

from tests.train.conftest import TEMPLATE, make_tokenizer
from tunesmith.curate.records import Message, Record
from tunesmith.train.encode import encode
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import MASKED, Encoded, Encoding, Row

UNWANTED = Message("assistant", "wrong", extra={"weight": 0})


@pytest.fixture(scope="module")
def template() -> Template:
    return template_of(make_tokenizer(), "tiny")


def one(template: Template, *messages: Message) -> Encoded:
    (made,) = encode([Row("a:1", Record("sft", messages), "a", "b")], template, Encoding(512, train_on="all"))
    return made


def masked(template: Template, made: Encoded) -> str:
    """The text that has no label, behind the first token, which nothing predicts."""
    (example,) = made.examples
    return str(template.tokenizer.decode(example.input_ids[1:][example.labels[1:] == MASKED]))


def test_an_answer_without_weight_is_not_trained_where_everything_else_is(template: Template) -> None:
    right = (Message("user", "a?"), Message("assistant", "right"), Message("user", "b?"))
    made = one(template, *right, UNWANTED, Message("user", "c?"))
    assert masked(template, made) == "wrong<|im_end|>"
    assert masked(template, one(template, *right, Message("assistant", "right"))) == ""


def test_a_row_whose_unwanted_answer_is_written_otherwise_later_is_refused() -> None:
    hiding = TEMPLATE.replace(
        "message['content'] or ''",
        "(message['content'] or '') if loop.last or message['role'] == 'user' else '(left out)'",
    )
    template = template_of(make_tokenizer(template=hiding), "hiding")
    made = one(template, Message("user", "a?"), UNWANTED, Message("user", "b?"), Message("assistant", "right"))
    assert (made.fate.outcome, made.fate.reason) == ("dropped", "answer_not_found")
    assert made.fate.detail == "where turn 2, which has no weight, stands cannot be told"


def test_a_row_without_any_weight_says_so(template: Template) -> None:
    row = Row("a:1", Record("sft", (Message("user", "a?"), UNWANTED)), "a", "b")
    (made,) = encode([row], template, Encoding(512))
    assert (made.fate.reason, made.fate.detail) == ("no_trained_token", "none of its answers has a weight")
