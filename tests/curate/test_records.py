"""Records: their ids never change, and Arrow holds them exactly."""

from __future__ import annotations

import pytest

from tunesmith.curate.formats.catalog import FORMATS, read_row
from tunesmith.curate.records import Message, Record, content_id, records_of, to_batch

USER, ANSWER = Message("user", "1 + 1?"), Message("assistant", "2")
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 1}'}}
OTHER = {"id": "call_2", "type": "function", "function": {"name": "now", "arguments": "{broken"}}
WITH_TOOLS = Record(
    "sft",
    (
        USER,
        Message("assistant", None, tool_calls=[CALL, OTHER]),
        Message("tool", "12:00", tool_call_id="call_2"),
        Message("tool", "2", tool_call_id="call_1"),
        ANSWER,
    ),
    tools='[{"name": "add"}, {"name": "now"}]',
)

#: Decisions are stored under these ids. A change of one of them orphans the decisions of every user: never change them.
IDS = {
    "plain": (Record("sft", (USER, ANSWER)), "c4bf1e37adeb8f51730e443dc1efcea2"),
    "chinese": (
        Record(
            "sft", (Message("system", "你是医生。"), Message("user", "头疼怎么办？"), Message("assistant", "多休息。"))
        ),
        "40491d98f3cb23f0b6dab0f411c5ed59",
    ),
    "reasoning": (
        Record("sft", (USER, Message("assistant", "2", reasoning="One and one."))),
        "0733475906d7995000e3f84116f6de8d",
    ),
    "named": (
        Record("sft", (Message("user", "Hi", name="Ann"), Message("assistant", ""))),
        "65cdbe634fbc4ea29fa5d208d26f5bd2",
    ),
    "tools": (WITH_TOOLS, "21a1554727bd3b85f0253214280ebbe8"),
    "preference": (
        Record("preference", (USER,), (ANSWER,), (Message("assistant", "3"),)),
        "3f36085648b3559690b3a741352d79df",
    ),
    "kto": (Record("kto", (USER, ANSWER), label=False), "1044e7113dacbe516ec6d3ed28f6c598"),
    "text": (Record("text", text="Once upon a time."), "a83429b3b707adbd470bd473da293d42"),
    "empty": (Record("sft", ()), "4ee3e8c0f14ac205b5139b26a399b50b"),
}
EVERY = [record for record, _ in IDS.values()]


@pytest.mark.parametrize("name", IDS)
def test_the_content_id_of_a_record_never_changes(name: str) -> None:
    record, expected = IDS[name]
    assert content_id(record) == expected


def test_records_that_differ_have_different_ids() -> None:
    one = Record("sft", (USER, ANSWER))
    others = [
        one._replace(kind="kto"),
        one._replace(kind="kto", label=True),
        one._replace(messages=(ANSWER, USER)),
        one._replace(messages=(USER, ANSWER, USER)),
        one._replace(messages=(USER, ANSWER._replace(name="Bob"))),
        one._replace(messages=(USER, ANSWER._replace(reasoning=""))),
        one._replace(tools="[]"),
        one._replace(messages=None, text="1 + 1?"),
    ]
    assert len({content_id(record) for record in (one, *others)}) == 1 + len(others)


def test_extra_fields_and_null_for_empty_do_not_count() -> None:
    one = Record("sft", (USER, Message("assistant", None, extra={"weight": 0})), extra={"id": 7})
    assert content_id(one) == content_id(Record("sft", (USER, Message("assistant", ""))))


def test_the_spelling_of_arguments_and_tools_does_not_count() -> None:
    spelled = {"function": {"arguments": '{"b":1,"a":1}', "name": "add"}}
    wrapped = '[{"type":"function","function":{"name":"add"}},{"name":"now"}]'
    calls = Message("assistant", None, tool_calls=[spelled | {"id": "call_1"}, OTHER])
    messages = (*WITH_TOOLS.turns[:1], calls, *WITH_TOOLS.turns[2:])
    assert content_id(WITH_TOOLS._replace(messages=messages, tools=wrapped)) == content_id(WITH_TOOLS)


def test_call_ids_count_only_as_links() -> None:
    def renamed(first: str, second: str, results: tuple[str | None, str | None]) -> Record:
        _, asked, one, two, answer = WITH_TOOLS.turns
        asked = asked._replace(tool_calls=[CALL | {"id": first}, OTHER | {"id": second}])
        links = (one._replace(tool_call_id=results[0]), two._replace(tool_call_id=results[1]))
        return WITH_TOOLS._replace(messages=(USER, asked, *links, answer))

    assert content_id(renamed("x", "y", ("y", "x"))) == content_id(WITH_TOOLS)
    assert content_id(renamed("x", "y", ("x", "y"))) != content_id(WITH_TOOLS)
    assert content_id(renamed("x", "y", (None, None))) == content_id(renamed("x", "y", ("x", "y")))


def test_one_and_true_in_arguments_are_different_content() -> None:
    def calling(arguments: str) -> Record:
        call = {"function": {"name": "f", "arguments": arguments}}
        return Record("sft", (Message("assistant", None, tool_calls=[call]),))

    assert len({content_id(calling(text)) for text in ('{"a": 1}', '{"a": true}', '{"a": 1.0}', '{"a": "1"}')}) == 4


def test_the_same_conversation_has_the_same_id_in_every_format() -> None:
    rows = {
        "alpaca": {"instruction": "1 + 1?", "input": "", "output": "2", "id": 1},
        "sharegpt": {"conversations": [{"from": "human", "value": "1 + 1?"}, {"from": "gpt", "value": "2"}]},
        "openai": {
            "messages": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"}],
            "tools": [],
        },
        "prompt_completion": {"prompt": "1 + 1?", "completion": "2"},
        "question_answer": {"QUESTION": "1 + 1?", "Answer": "2"},
    }
    assert {content_id(read_row(row, FORMATS[name])) for name, row in rows.items()} == {IDS["plain"][1]}


def test_arrow_holds_every_kind_of_record() -> None:
    records = [*EVERY, Record("sft", (USER._replace(extra={"weight": 0, "键": [1.5, None, 2**70]}),), extra={"a": {}})]
    assert list(records_of(to_batch(records))) == records


def test_a_slice_of_a_batch_gives_the_records_of_the_slice() -> None:
    assert list(records_of(to_batch(EVERY).slice(2, 4))) == EVERY[2:6]


def test_no_records_make_an_empty_batch() -> None:
    assert list(records_of(to_batch([]))) == []
