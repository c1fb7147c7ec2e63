"""Rows as tokens and labels, under chat templates of eight families, against what serving would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tunesmith.curate.records import Message, Record
from tunesmith.train.encode import encode, encode_text
from tunesmith.train.template import Template, template_of
from tunesmith.train.turns import chat_tools, chat_turns
from tunesmith.train.types import MASKED, PARTS, Encoded, Encoding, Example, Row

#: A tokenizer is a fixture of the session, and a busy machine is slow.
ANY_PACE: Any = list(HealthCheck)
PAD, END = "<|endoftext|>", "<|im_end|>"
TEMPLATES = Path(__file__).parent / "chat_templates"
#: The marks of each family: BOS, EOS, and the others; those with `?` are added tokens that are not special.
FAMILIES: dict[str, tuple[str | None, str, list[str]]] = {
    "chatml": (None, "<|im_end|>", ["<|im_start|>", "?<tool_call>", "?</tool_call>"]),
    "llama3": ("<|begin_of_text|>", "<|eot_id|>", ["<|start_header_id|>", "<|end_header_id|>"]),
    "mistral": ("<s>", "</s>", ["[INST]", "[/INST]"]),
    "gemma": ("<bos>", "<eos>", ["<start_of_turn>", "<end_of_turn>"]),
    "qwen3": (None, "<|im_end|>", ["<|im_start|>", "?<think>", "?</think>", "?<tool_call>", "?</tool_call>"]),
    "deepseek": (
        "<｜begin▁of▁sentence｜>",
        "<｜end▁of▁sentence｜>",
        ["?<｜User｜>", "?<｜Assistant｜>", "?<｜tool▁call▁begin｜>", "?<think>", "?</think>"],
    ),
    "marked": (None, "<|im_end|>", ["<|im_start|>"]),
    "endless": (None, "<|endoftext|>", []),
}
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": "二"}'}}
TOOLS = '[{"name": "add", "description": "adds", "parameters": {"type": "object", "properties": {}}}]'


@pytest.fixture(scope="module")
def family(tiny_tokenizer: Any) -> Callable[[str], Template]:
    return lambda name: _family(name, tiny_tokenizer.backend_tokenizer.to_str())


_MADE: dict[str, Template] = {}


def _family(name: str, core: str) -> Template:
    if name not in _MADE:
        from tokenizers import AddedToken, Tokenizer
        from transformers import PreTrainedTokenizerFast

        bos, eos, marks = FAMILIES[name]
        tokenizer: Any = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_str(core), bos_token=bos, eos_token=eos, pad_token=PAD
        )
        tokenizer.add_tokens(
            [AddedToken(mark.removeprefix("?"), special=not mark.startswith("?"), normalized=False) for mark in marks],
            special_tokens=False,
        )
        tokenizer.chat_template = (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")
        _MADE[name] = template_of(tokenizer, name)
    return _MADE[name]


def chat(*turns: str | Message, system: str | None = None, tools: str | None = None) -> Row:
    """User and assistant in turn; a `Message` stands for itself."""
    roles = ("user", "assistant")
    messages = [turn if isinstance(turn, Message) else Message(roles[n % 2], turn) for n, turn in enumerate(turns)]
    head = [Message("system", system)] if system is not None else []
    return Row("a:1", Record("sft", (*head, *messages), tools=tools), "a", "domain")


def one(row: Row, template: Template, **settings: Any) -> Encoded:
    (made,) = encode([row], template, Encoding(**{"max_length": 4096, **settings}))
    return made


def text_of(template: Template, ids: Any) -> str:
    return str(template.tokenizer.decode(ids, clean_up_tokenization_spaces=False))


def trained(template: Template, example: Example) -> list[str]:
    """The runs of tokens with a label, as text."""
    runs: list[list[int]] = []
    before = False
    for token, label in zip(example.input_ids.tolist(), example.labels.tolist()):
        if label != MASKED:
            assert label == token
            runs = [*runs, [token]] if not before else [*runs[:-1], [*runs[-1], token]]
        before = label != MASKED
    return [text_of(template, run) for run in runs]


def served(template: Template, row: Row, until: int, *, prompt: bool) -> list[int]:
    """The ids that transformers gives a server for the first turns of a row."""
    record = row.record
    turns = chat_turns(record.turns[:until], reasoning=template.reasoning, arguments=template.arguments)
    made: Any = template.tokenizer.apply_chat_template(
        turns,
        tools=chat_tools(record.tools),
        add_generation_prompt=prompt,
        return_dict=False,
        sanitize_control_tokens=True,
    )
    return list(made)


def oracle(template: Template, row: Row, train_on: str) -> Counter[tuple[tuple[int, ...], int]]:
    """Each trained token behind its whole context, found by asking for each answer and looking at what follows."""
    numbers = [number for number, message in enumerate(row.record.turns) if message.role == "assistant"]
    found: Counter[tuple[tuple[int, ...], int]] = Counter()
    for number in numbers[-1:] if train_on == "last-answer" else numbers:
        context = text_of(template, served(template, row, number, prompt=True))
        ids = served(template, row, number + 1, prompt=False)
        shown = text_of(template, ids)
        assert shown.startswith(context)
        asked = served(template, row, number, prompt=True)
        if ids[: len(asked)] != asked:  # a token has characters of both: a server has the prompt's tokens
            assume(
                not any(
                    mark in shown.removeprefix(context) for mark in template.special if mark != template.end_marks[0]
                )
            )
            assume(shown.removeprefix(context).count(template.end_marks[0]) == 1)
            ids = asked + template.tokenizer(shown.removeprefix(context), add_special_tokens=False)["input_ids"]
        place = len(asked)
        while place < len(ids):
            found[(tuple(ids[:place]), ids[place])] += 1
            if ids[place] in template.end_ids:
                break
            place += 1
    return found


def kernel(made: Encoded) -> Counter[tuple[tuple[int, ...], int]]:
    return Counter(
        (tuple(example.input_ids[:place].tolist()), int(example.labels[place]))
        for example in made.examples
        for place in range(len(example.labels))
        if example.labels[place] != MASKED
    )


TEXTS = st.lists(
    st.sampled_from(
        [
            "a",
            "user",
            "assistant",
            "\n",
            "\n\n",
            " ",
            "<",
            "血压",
            "é",
            "<|im_end|>",
            "</s>",
            "<end_of_turn>",
            "<bos>",
            ".",
        ]
    ),
    max_size=5,
).map("".join)
#: Families under which every answer goes on from the prompt, and what a message may have there.
GOES_ON = {"chatml": "tools", "llama3": "", "gemma": "", "qwen3": "tools thoughts", "marked": "thoughts"}


@st.composite
def rows(draw: st.DrawFn, can: str) -> Row:
    messages = [Message("system", draw(TEXTS))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        messages.append(Message("user", draw(TEXTS)))
        if "tools" in can and draw(st.booleans()):
            messages += [Message("assistant", draw(st.none() | TEXTS), tool_calls=[CALL]), Message("tool", draw(TEXTS))]
        thoughts = draw(st.none() | TEXTS.filter(str.strip)) if "thoughts" in can else None
        messages.append(Message("assistant", draw(TEXTS), thoughts))
    return Row("a:1", Record("sft", tuple(messages)), "a", "domain")


@pytest.mark.parametrize("name", GOES_ON)
@settings(max_examples=60, deadline=None, suppress_health_check=ANY_PACE)
@given(data=st.data())
def test_what_is_trained_is_each_answer_behind_what_a_server_asks(
    name: str, family: Callable[[str], Template], data: st.DataObject
) -> None:
    template, row = family(name), data.draw(rows(GOES_ON[name]))
    train_on = data.draw(st.sampled_from(["answers", "last-answer"]))
    made = one(row, template, train_on=train_on)
    if made.fate.reason == "template_refused":
        with pytest.raises(Exception, match=r"System role|single tool"):
            served(template, row, len(row.record.turns), prompt=False)
        return
    assert kernel(made) == oracle(template, row, train_on)
    assert made.fate.n_trained == sum(kernel(made).values())


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=25, deadline=None, suppress_health_check=ANY_PACE)
@given(data=st.data())
def test_ids_are_those_that_the_library_makes_for_serving(
    name: str, family: Callable[[str], Template], data: st.DataObject
) -> None:
    template, row = family(name), data.draw(rows("thoughts"))
    made = one(row, template, train_on="all")
    if made.fate.reason != "template_refused":
        (example,) = made.examples
        assert example.input_ids.tolist() == served(template, row, len(row.record.turns), prompt=False)
        assert example.labels[1:].tolist() == example.input_ids[1:].tolist()


def test_an_answer_is_trained_with_the_mark_that_ends_it_and_nothing_else(family: Callable[[str], Template]) -> None:
    for name, template in (
        (name, family(name)) for name in ("chatml", "llama3", "mistral", "gemma", "qwen3", "marked")
    ):
        made = one(chat("1 + 1?", "It is 2.", "2 + 2?", "It is 4."), template)
        end = template.end_marks[0]
        space = " " if name == "mistral" else "<think>\n\n</think>\n\n" if name == "qwen3" else ""
        runs = [run for example in made.examples for run in trained(template, example)]
        assert runs == [f"{space}It is 2.{end}", f"{space}It is 4.{end}"], name


def test_a_template_without_an_end_is_flagged_and_its_answers_still_trained(family: Callable[[str], Template]) -> None:
    made = one(chat("1 + 1?", "It is 2.", "2 + 2?", "It is 4."), family("endless"))
    # "Assistant: " ends with a space, which the whole text joins with the answer's first letters; a server's prompt not
    assert [trained(family("endless"), example) for example in made.examples] == [["It is 2."], ["It is 4."]]
    for number, example in zip((1, 3), made.examples):
        asked = served(family("endless"), chat("1 + 1?", "It is 2.", "2 + 2?", "It is 4."), number, prompt=True)
        assert example.input_ids[: len(asked)].tolist() == asked
    assert {"no_end_token", "boundary_cut"} <= set(made.fate.flags)


def test_earlier_thoughts_are_trained_where_they_are_served_and_nowhere_else(family: Callable[[str], Template]) -> None:
    template = family("qwen3")
    row = chat("1?", Message("assistant", "One.", "Hm, 1."), "2?", Message("assistant", "Two.", "Hm, 2."))
    made = one(row, template)
    assert [trained(template, example) for example in made.examples] == [
        ["<think>\nHm, 1.\n</think>\n\nOne.<|im_end|>"],
        ["<think>\nHm, 2.\n</think>\n\nTwo.<|im_end|>"],
    ]
    assert "Hm, 1." not in text_of(template, made.examples[1].input_ids)
    assert (made.fate.outcome, made.fate.reason, made.fate.n_examples) == ("split", "reasoning_removed", 2)
    assert "reasoning_removed" in made.fate.flags


def test_calls_and_thoughts_of_one_question_stay_in_one_example(family: Callable[[str], Template]) -> None:
    row = chat(
        "1 + 二?",
        Message("assistant", None, "I add.", [CALL]),
        Message("tool", "3"),
        Message("assistant", "Three.", "Got 3."),
        tools=TOOLS,
    )
    (example,) = one(row, family("qwen3")).examples
    call = '\n<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": "二"}}\n</tool_call>'
    assert trained(family("qwen3"), example) == [
        f"<think>\nI add.\n</think>\n\n{call}<|im_end|>",
        "<think>\nGot 3.\n</think>\n\nThree.<|im_end|>",
    ]


def test_masked_thoughts_have_no_label_and_their_answer_has(family: Callable[[str], Template]) -> None:
    row = chat("1?", Message("assistant", "One.", "Hm, 1."))
    for name in ("qwen3", "marked", "chatml"):
        (example,) = one(row, family(name), reasoning="masked").examples
        assert trained(family(name), example) == ["One.<|im_end|>"], name


def test_thoughts_go_into_the_content_where_a_template_has_no_place_for_them(family: Callable[[str], Template]) -> None:
    assert family("chatml").reasoning == "inline"
    (example,) = one(chat("1?", Message("assistant", "One.", "Hm.")), family("chatml")).examples
    assert trained(family("chatml"), example) == ["<think>\nHm.\n</think>\n\nOne.<|im_end|>"]


def test_an_answer_stands_behind_the_prompt_that_is_served_even_where_the_template_writes_it_otherwise(
    family: Callable[[str], Template],
) -> None:
    deepseek, mistral = family("deepseek"), family("mistral")
    made = one(chat("1?", Message("assistant", "<b>One</b>", "Hm.")), deepseek)
    shown = text_of(deepseek, made.examples[0].input_ids)
    assert shown == (
        "<｜begin▁of▁sentence｜><｜User｜>1?<｜Assistant｜><think>\nHm.\n</think>\n\n<b>One</b><｜end▁of▁sentence｜>"
    )
    assert trained(deepseek, made.examples[0]) == ["Hm.\n</think>\n\n<b>One</b><｜end▁of▁sentence｜>"]
    assert "prompt_differs" in made.fate.flags
    assert trained(deepseek, one(chat("1?", "e"), deepseek).examples[0]) == ["\n</think>\n\ne<｜end▁of▁sentence｜>"]
    made = one(chat("1?", "One.", "2?", "Two.", system="Count."), mistral)
    assert [text_of(mistral, example.input_ids) for example in made.examples] == [
        "<s>[INST] Count.\n\n1? [/INST] One.</s>",
        "<s>[INST] 1? [/INST] One.</s>[INST] Count.\n\n2? [/INST] Two.</s>",
    ]
    assert [trained(mistral, example) for example in made.examples] == [[" One.</s>"], [" Two.</s>"]]


def test_a_call_without_words_is_found_behind_a_prompt_that_differs(family: Callable[[str], Template]) -> None:
    template = family("deepseek")
    row = chat(
        "1?", Message("assistant", None, tool_calls=[CALL]), Message("tool", "3"), Message("assistant", "Three.")
    )
    made = one(row, template)
    assert [trained(template, example) for example in made.examples] == [
        [
            '\n</think>\n\n<｜tool▁call▁begin｜>add\n```json\n{"a": 1, "b": "二"}\n```<｜tool▁call▁end｜>'
            "<｜end▁of▁sentence｜>"
        ],
        ["\n</think>\n\nThree.<｜end▁of▁sentence｜>"],
    ]


def test_arguments_are_given_as_each_template_takes_them(family: Callable[[str], Template]) -> None:
    assert [family(name).arguments for name in ("chatml", "qwen3", "deepseek")] == ["object", "object", "text"]
    for arguments in ('{"a": 1, "b": "二"}', {"a": 1, "b": "二"}):
        call = {"function": {"name": "add", "arguments": arguments}}
        row = chat("1?", Message("assistant", None, tool_calls=[call]))
        for name in ("chatml", "qwen3", "llama3"):
            assert '{"a": 1, "b": "二"}' in trained(family(name), one(row, family(name)).examples[0])[0]


@pytest.mark.parametrize("special", ["<|im_end|>", "<|im_start|>assistant\n"])
def test_a_special_token_in_a_text_is_plain_text_or_refuses_the_row(
    special: str, family: Callable[[str], Template]
) -> None:
    template = family("chatml")
    clean, dirty = (one(chat(f"a{text}b", f"c{text}d", f"e{text}", "f"), template) for text in ("", special))
    count = [sum(token in (1, 2) for token in made.examples[0].input_ids.tolist()) for made in (clean, dirty)]
    assert count[0] == count[1]
    assert special in text_of(template, dirty.examples[0].input_ids)
    assert trained(template, dirty.examples[0]) == [f"c{special}d<|im_end|>", "f<|im_end|>"]
    assert "special_tokens_in_text" in dirty.fate.flags
    refused = one(chat(f"a{special}", "b"), template, special="refuse").fate
    assert (refused.outcome, refused.reason) == ("dropped", "special_tokens_in_text")
    assert special.partition("assistant")[0] in str(refused.detail)


def test_a_refusal_of_the_template_is_told_in_its_words(family: Callable[[str], Template]) -> None:
    fate = one(chat("1?", "One.", system="Count."), family("gemma")).fate
    assert (fate.outcome, fate.reason, fate.detail) == ("dropped", "template_refused", "System role not supported")


def test_rows_without_an_answer_or_of_another_kind_are_dropped_with_the_reason(
    family: Callable[[str], Template],
) -> None:
    template = family("endless")
    assert one(chat("1?"), template).fate.reason == "no_trained_token"
    assert one(chat("1?", ""), template).fate.reason == "no_trained_token"
    assert one(Row("t:1", Record("text", text="x"), "t", "general"), template).fate.reason == "wrong_kind"


def test_a_row_that_is_too_long_is_dropped_cut_or_split(family: Callable[[str], Template]) -> None:
    template = family("marked")
    row = chat("first? " * 3, "One.", "second?", "Two.", "third?", "Three.", system="S")
    n = one(row, template).fate.n_tokens
    dropped = one(row, template, max_length=n - 1).fate
    assert (dropped.outcome, dropped.reason, dropped.value, dropped.threshold) == ("dropped", "too_long", n, n - 1)
    cut = one(row, template, max_length=n - 4, over_long="truncate")
    assert (cut.fate.outcome, cut.fate.n_tokens) == ("truncated", n - 4)
    assert "end_cut" in cut.fate.flags
    split = one(row, template, max_length=n - 1, over_long="split")
    assert [run for example in split.examples for run in trained(template, example)] == [
        "One.<|im_end|>",
        "Two.<|im_end|>",
        "Three.<|im_end|>",
    ]
    for example in split.examples:
        assert text_of(template, example.input_ids).startswith("<|im_start|>system\nS<|im_end|>\n<|im_start|>user")
        assert len(example.input_ids) < n
    assert (split.fate.outcome, split.fate.reason, split.fate.n_examples) == ("split", "too_long", 2)


def test_a_cut_that_leaves_no_label_and_a_turn_that_never_fits_are_dropped_and_told(
    family: Callable[[str], Template],
) -> None:
    template = family("marked")
    fate = one(chat("very long question " * 9, "One."), template, max_length=30, over_long="truncate").fate
    assert (fate.outcome, fate.reason, fate.flags) == ("dropped", "no_trained_token", ("end_cut",))
    assert one(chat("long " * 60, "One."), template, max_length=60, over_long="split").fate.reason == "too_long"
    made = one(chat("long " * 60, "One.", "2?", "Two."), template, max_length=60, over_long="split")
    assert [trained(template, example) for example in made.examples] == [["Two.<|im_end|>"]]
    assert "turn_too_long" in made.fate.flags


def test_the_beginning_of_a_text_stands_once(family: Callable[[str], Template]) -> None:
    for name in ("llama3", "gemma", "mistral", "deepseek"):
        template = family(name)
        made = one(chat(f"a{template.tokenizer.bos_token}", "One."), template)
        assert made.examples[0].input_ids.tolist().count(template.bos_id) == 1
        assert made.examples[0].parts[0] == PARTS.index("bos")


def test_generation_marks_that_leave_out_the_end_are_told(tiny_tokenizer: Any) -> None:
    from transformers import PreTrainedTokenizerFast

    source = (TEMPLATES / "marked.jinja").read_text(encoding="utf-8")
    source = source.replace(
        "{{- message.content + '<|im_end|>' }}\n{%- endgeneration %}",
        "{{- message.content }}{%- endgeneration %}{{- '<|im_end|>' }}",
    )
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=tiny_tokenizer.backend_tokenizer, eos_token=END)
    template = template_of(tokenizer, "m", given=source)
    made = one(chat("1?", "One."), template)
    assert "generation_marks_differ" in made.fate.flags
    assert trained(template, made.examples[0]) == ["One.<|im_end|>"]


def test_each_token_is_of_the_part_that_wrote_it(family: Callable[[str], Template]) -> None:
    template = family("qwen3")
    row = chat("user", Message("assistant", "user", "user"), system="user")
    (example,) = one(row, template).examples
    shown = {
        part: text_of(template, example.input_ids[example.parts == PARTS.index(part)])
        for part in ("system", "user", "reasoning", "assistant", "end")
    }
    assert shown == {
        "system": "user",
        "user": "user",
        "reasoning": "<think>\nuser\n</think>\n\n",
        "assistant": "user",
        "end": "<|im_end|>",
    }


@given(
    st.lists(st.sampled_from(["血压 ", "a b", "<|im_end|>", "\n"]), min_size=1, max_size=40).map("".join),
    st.integers(3, 20),
)
@settings(max_examples=60, deadline=None, suppress_health_check=ANY_PACE)
def test_every_token_of_a_document_is_in_exactly_one_chunk(
    family: Callable[[str], Template], text: str, most: int
) -> None:
    template = family("marked")
    row = Row("t:1", Record("text", text=text), "t", "domain")
    (made,) = encode_text([row], template, Encoding(most))
    if not text.strip():
        assert made.fate.reason == "no_trained_token"
        return
    ids = [token for example in made.examples for token in example.input_ids.tolist()]
    assert ids[-1] == template.eos_id
    assert template.eos_id not in ids[:-1]
    assert text_of(template, ids[:-1]) == text
    assert all(1 < len(example.input_ids) <= most for example in made.examples)
    assert made.fate.n_trained == len(ids) - len(made.examples)


def test_the_order_and_the_fates_do_not_depend_on_batches(
    family: Callable[[str], Template], monkeypatch: pytest.MonkeyPatch
) -> None:
    template = family("qwen3")
    some = [chat("a" * n, *["b", "c"] * (n % 3), "d" * n)._replace(row_id=f"a:{n}") for n in range(1, 40)]
    encoding = Encoding(40, over_long="split")
    whole = [
        (made.fate, [example.labels.tolist() for example in made.examples]) for made in encode(some, template, encoding)
    ]
    monkeypatch.setattr("tunesmith.train.encode._BATCH_ROWS", 3)
    assert whole == [
        (made.fate, [example.labels.tolist() for example in made.examples]) for made in encode(some, template, encoding)
    ]
    assert [fate.row_id for fate, _ in whole] == [row.row_id for row in some]


def test_an_answer_without_weight_is_read_and_not_trained(family: Callable[[str], Template]) -> None:
    template = family("chatml")
    unwanted = Message("assistant", "wrong", extra={"weight": 0})
    (example,) = one(chat("a?", unwanted, "b?", "right"), template).examples
    assert trained(template, example) == [f"right{template.end_marks[0]}"]
    assert one(chat("a?", unwanted), template).fate.reason == "no_trained_token"


def test_tools_and_calls_that_a_template_leaves_out_are_told(family: Callable[[str], Template]) -> None:
    call = Message("assistant", "I add.", tool_calls=[CALL])
    row = chat("1 + 2?", call, tools=TOOLS)
    assert {"tools_not_written", "calls_not_written"} <= set(one(row, family("endless")).fate.flags)
    assert not {"tools_not_written", "calls_not_written"} & set(one(row, family("chatml")).fate.flags)
