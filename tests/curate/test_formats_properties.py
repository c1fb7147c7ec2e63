"""A conversion there and back is the identity, for every ordered pair of formats and whatever a row may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import FORM, Row, equal
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.formats.columns import mapped
from tunesmith.curate.records import Record, content_id, records_of, to_batch
from tunesmith.errors import CannotHold

MAPPED = {
    "mapped_answer": mapped({"prompt": "ask", "answer": "reply", "system": "who"}, "mapped_answer"),
    "mapped_pair": mapped({"prompt": "ask", "chosen": "good", "rejected": "bad"}, "mapped_pair"),
    "mapped_label": mapped({"messages": "talk", "label": "wanted", "tools": "kit"}, "mapped_label"),
    "mapped_text": mapped({"text": "body"}, "mapped_text"),
}
ALL = FORMATS | MAPPED

#: Every name that any format reads, in rows or in turns: as an unknown field, each collides with some format.
COLLIDING = sorted(
    {key for form in ALL.values() for key in form.keys}
    | {"from", "value", "role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content"}
)

texts = st.sampled_from(
    [
        "",
        " ",
        "Hi",
        "1+1?",
        "问题：二加二？",
        "a\nb",
        "\n",
        "\n\nx",
        "\r\n",
        "😀",
        "A. x\nB. y",
        "q\nA. x\nB. y",
        "[]",
        "null",
    ]
) | st.text(max_size=6)
numbers = st.sampled_from([0, 1, -1, 1.0, 0.5, 123456789012345678901234567890, True, False, None])
values = st.recursive(
    numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "键", "1", "turns"]), inner, max_size=2)
    ),
    max_leaves=4,
)
thoughts = st.builds(
    "<think>{}{}{}</think>{}{}".format,
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from(["", "so", "先想\n再答", " "]),
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from(["", "\n", "\n\n", "\n\n\n", " "]),
    st.sampled_from(["", "4", "<think>again</think>5"]),
)
answers = texts | thoughts | st.sampled_from(["<think>open", "</think>", "<think></think><think></think>"])
arguments = st.sampled_from(
    [
        '{"a": 1}',
        '{"a":1}',
        '{"a":true}',
        "{}",
        "[1]",
        '"text"',
        "plain",
        "",
        "{broken",
        "null",
        '{"a": NaN}',
        '{"城":"北京"}',
    ]
)


@st.composite
def rows_with(draw: st.DrawFn, needed: dict[str, Any], optional: dict[str, Any], own: frozenset[str] | set[str]) -> Row:
    """A row of these columns, unknown fields beside them, in any order."""
    row = {key: draw(value) for key, value in needed.items()}
    for key, value in optional.items():
        if draw(st.booleans()):
            row[key] = draw(st.none() | value)
    names = st.sampled_from([key for key in (*COLLIDING, "id", "来源", "weight") if key not in own])
    row |= draw(st.dictionaries(names, values, max_size=2))
    return dict(draw(st.permutations(list(row.items()))))


tool_lists = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["find", "查询"])}, optional={"parameters": values}), max_size=2
)
wrapped_tools = tool_lists.map(lambda tools: [{"type": "function", "function": tool} for tool in tools])
tools = tool_lists | wrapped_tools
tool_texts = (
    tools.map(jsontext.dumps)
    | tools.map(lambda value: json.dumps(value, indent=1))
    | st.sampled_from(["", "[]", "{broken"])
)
parts = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": texts}), max_size=3)
calls = st.lists(
    st.fixed_dictionaries(
        {"function": st.fixed_dictionaries({"name": st.sampled_from(["find", "查询", ""]), "arguments": arguments})},
        optional={"id": st.sampled_from(["call_1", "call_2"]), "type": st.just("function"), "index": numbers},
    )
    | st.fixed_dictionaries({"name": st.just("bare"), "arguments": values}),
    max_size=2,
)
MESSAGE = frozenset({"role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content"})
names = {"name": st.sampled_from(["", "Ann"]), "tool_call_id": st.sampled_from(["call_1", "call_2"])}


def message(role: str, content: st.SearchStrategy[Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return rows_with({"role": st.just(role), "content": content}, optional, MESSAGE | set(optional))


users = message("user", texts | parts) | message("human", texts, **names)
assistants = message("assistant", answers) | message(
    "assistant", answers | st.none() | parts, reasoning_content=texts, tool_calls=calls, **names
)
tool_results = message("tool", texts | st.none(), **names)
systems = message("system", texts) | message("developer", texts | st.none(), **names)
bare_users, bare_answers = message("user", texts), message("assistant", answers)


@st.composite
def conversations(draw: st.DrawFn, *, wild: bool) -> list[Row]:
    """Turns that alternate, or any turns at all."""
    if wild:
        return draw(st.lists(users | assistants | tool_results | systems, max_size=4))
    turns = draw(st.lists(systems, max_size=1))
    for _ in range(draw(st.integers(1, 2))):
        turns += [draw(users), draw(bare_answers | assistants)]
    return turns


talks = conversations(wild=True) | conversations(wild=False)
call_json = st.builds(lambda name, given: {"name": name, "arguments": given}, st.sampled_from(["find", "查询"]), values)
call_texts = st.one_of(
    call_json.map(json.dumps),
    st.lists(call_json, max_size=2).map(jsontext.dumps),
    st.sampled_from(["broken", "", "{}", "[]", '{"name": ""}']),
)
TURN = frozenset({"from", "value", "tool_call_id", "name"})


def turn(role: str, value: st.SearchStrategy[Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return rows_with({"from": st.just(role), "value": value}, optional, TURN | set(optional))


turns = (
    turn("human", texts)
    | turn("gpt", answers | parts)
    | turn("gpt", answers | st.none(), **names)
    | turn("function_call", call_texts, content=answers, **names)
    | turn("observation", texts, **names)
    | turn("system", texts)
    | turn("user", texts)
)
role_turns = (
    message("user", texts) | message("function_call", call_texts, value=answers) | message("assistant", answers)
)
spelled_otherwise = (st.lists(role_turns, max_size=3) | talks).filter(
    lambda talk: not any("from" in turn for turn in talk)
)
other_answers = assistants.filter(lambda turn: "from" not in turn)
sharegpt_talks = st.lists(turns, max_size=4) | spelled_otherwise
pairs_of_text = st.lists(st.lists(answers, min_size=2, max_size=2), max_size=2)
alpaca_prompt = {"instruction": texts}
alpaca_more = {"input": texts, "system": texts, "history": pairs_of_text, "tools": tool_texts}
labels = st.sampled_from([True, False, 1, 0, "true", "False", "0"])


def native(name: str) -> st.SearchStrategy[Row]:
    """Rows as they come in this format."""
    form = ALL[name]
    needed, optional = NATIVE[name]
    own = set(form.keys)
    if form.choose and "question" in needed:
        own -= {"prompt", "solution", "PROMPT", "Solution"}  # further fields, where question and answer are there
    rows: st.SearchStrategy[Row] = rows_with(needed, optional, own)
    return rows if form.open else st.fixed_dictionaries(needed)


@st.composite
def uploads(draw: st.DrawFn) -> list[Row]:
    """The plainest conversation, the one that may be uploaded."""
    said = st.sampled_from(["Hi", "<think>\nso\n</think>4", "问"])
    roles = draw(st.sampled_from([[], ["system"]])) + ["user", "assistant"] * draw(st.integers(1, 2))
    return [{"role": role, "content": draw(said)} for role in roles]


NATIVE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "alpaca": ({**alpaca_prompt, "output": answers | st.none()}, alpaca_more),
    "sharegpt": ({"conversations": sharegpt_talks}, {"system": texts, "tools": tool_texts | tools}),
    "openai": ({"messages": talks}, {"tools": tools | tool_texts}),
    "siliconflow": ({"messages": uploads()}, {}),
    "prompt_completion": ({"prompt": texts, "completion": answers | st.none()}, {"tools": tools}),
    "question_answer": ({"question": texts, "answer": answers | st.none()}, {}),
    "multiple_choice": (
        {"Question": texts, "A": texts, "B": texts | st.none(), "Answer": answers},
        {"C": texts, "E": texts},
    ),
    "alpaca_preference": ({**alpaca_prompt, "chosen": answers, "rejected": answers}, alpaca_more),
    "sharegpt_preference": (
        {
            "conversations": sharegpt_talks,
            "chosen": turn("gpt", answers) | turn("function_call", call_texts, content=answers) | other_answers,
            "rejected": turn("gpt", answers) | other_answers,
        },
        {"system": texts, "tools": tool_texts},
    ),
    "trl_preference": ({"chosen": answers, "rejected": answers}, {"prompt": texts, "tools": tools}),
    "kto": ({"messages": conversations(wild=False), "label": labels}, {"tools": tools}),
    "trl_kto": ({"prompt": texts, "completion": answers, "label": labels}, {}),
    "alpaca_kto": ({**alpaca_prompt, "output": answers, "label": labels}, alpaca_more),
    "sharegpt_kto": ({"conversations": sharegpt_talks, "kto_tag": labels}, {"tools": tool_texts}),
    "text": ({"text": texts | st.none()}, {}),
    "mapped_answer": ({"ask": texts, "reply": answers}, {"who": texts}),
    "mapped_pair": ({"ask": texts, "good": answers, "bad": answers}, {}),
    "mapped_label": ({"talk": conversations(wild=False), "wanted": labels}, {"kit": tools}),
    "mapped_text": ({"body": texts}, {}),
}
LISTS: dict[str, dict[str, Any]] = {
    "prompt_completion": {"prompt": talks, "completion": talks},
    "trl_kto": {"prompt": talks, "completion": st.lists(bare_answers, min_size=1, max_size=1), "label": labels},
    "trl_preference": {"prompt": talks, "chosen": talks, "rejected": talks},
}


@st.composite
def whole_pairs(draw: st.DrawFn) -> Row:
    """TRL's pair without a prompt: both conversations whole."""
    start = draw(st.lists(bare_users, min_size=1, max_size=2))
    row = {side: [*start, *draw(st.lists(assistants, min_size=1, max_size=2))] for side in ("chosen", "rejected")}
    return row | draw(st.fixed_dictionaries({}, optional={"prompt": texts, "id": values}))


def every_row(name: str) -> st.SearchStrategy[Row]:
    rows = native(name)
    if name in LISTS:
        rows |= rows_with(LISTS[name], {"tools": tools}, ALL[name].keys)
    return rows | whole_pairs() if name == "trl_preference" else rows


def in_arrow(record: Record) -> Record:
    (back,) = records_of(to_batch([record]))
    return back


def in_json(row: Row) -> Row:
    return jsontext.loads(jsontext.dump_bytes(row))


PAIRS = [(a, b) for a in ALL for b in ALL if set(ALL[a].kinds) & set(ALL[b].kinds)]
quick = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
    ],
)


@pytest.mark.parametrize("name", ALL)
@quick
@given(data=st.data())
def test_a_row_is_written_back_as_it_came(name: str, data: st.DataObject) -> None:
    row = data.draw(every_row(name))
    record = in_arrow(read_row(row, ALL[name]))
    assert equal(write_row(record, ALL[name]), row)


@pytest.mark.parametrize(("name", "other"), PAIRS)
@quick
@given(data=st.data())
def test_a_row_comes_back_from_every_format_that_can_hold_it(name: str, other: str, data: st.DataObject) -> None:
    row = data.draw(every_row(name))
    record = read_row(row, ALL[name])
    try:
        there = in_json(write_row(record, ALL[other]))
    except CannotHold:
        return
    back = in_arrow(read_row(there, ALL[other]))
    assert content_id(back) == content_id(record)
    assert equal(write_row(back, ALL[name]), row)


def holds_form(value: Any) -> bool:
    if isinstance(value, dict):
        return FORM in value or any(map(holds_form, value.values()))
    return isinstance(value, list) and any(map(holds_form, value))


@pytest.mark.parametrize(("name", "other"), PAIRS)
@settings(quick, max_examples=10)
@given(data=st.data())
def test_without_extra_no_reserved_field_is_written(name: str, other: str, data: st.DataObject) -> None:
    record = read_row(data.draw(every_row(name)), ALL[name])
    try:
        row = write_row(record, ALL[other], keep_extra=False)
    except CannotHold:
        return
    assert row.keys() <= ALL[other].keys
    assert not holds_form(row)


@st.composite
def edits(draw: st.DrawFn, record: Record) -> Record:
    """The record with one text of it changed: of a turn, of its reasoning, or its only one."""
    if record.kind == "text":
        return record._replace(text="EDITED" + draw(texts))
    side = draw(st.sampled_from(["messages", "chosen", "rejected"] if record.kind == "preference" else ["messages"]))
    turns = list(getattr(record, side) or ())
    assume(turns)
    place = draw(st.integers(0, len(turns) - 1))
    fields = ["content", "reasoning"] if turns[place].role == "assistant" else ["content"]
    turns[place] = turns[place]._replace(**{draw(st.sampled_from(fields)): draw(texts) + "EDITED" + draw(texts)})
    return record._replace(**{side: tuple(turns)})


@pytest.mark.parametrize(("name", "other"), PAIRS)
@settings(quick, max_examples=10)
@given(data=st.data())
def test_a_hint_never_undoes_an_edit(name: str, other: str, data: st.DataObject) -> None:
    record = data.draw(edits(read_row(data.draw(every_row(name)), ALL[name])))
    for form in (ALL[name], ALL[other]):
        try:
            written = write_row(record, form)
        except CannotHold:
            continue
        assert "EDITED" in jsontext.dumps(written)
        assert content_id(read_row(in_json(written), form)) == content_id(record)
