"""TRL's own trainers keep, cut, drop and end on the rows of a file as it was predicted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.train.conftest import TEMPLATE, make_tokenizer
from tunesmith.train.predicted import Predicted, predict_for
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import Stage

LONG = "word " * 200
#: As templates are that ask whether a key is there, and that do not mind a null text.
ASKING = TEMPLATE.replace(
    "{{ (message['content'] or '') + '<|im_end|>' }}{% endgeneration %}",
    "{{ message['content'] or '' }}{% if 'tool_calls' in message %}{{ '<call>' + message['tool_calls'] | tojson }}"
    "{% endif %}{{ '<|im_end|>' }}{% endgeneration %}",
)
#: As many are: a null text ends them.
STRICT = TEMPLATE.replace("(message['content'] or '')", "message['content']")


def made(source: str = TEMPLATE) -> Template:
    return template_of(make_tokenizer(template=source), "tiny")


def talk(*texts: str | None, roles: tuple[str, ...] = ("user", "assistant")) -> list[dict[str, Any]]:
    return [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]


def shared_gpt(*texts: str) -> dict[str, Any]:
    return {"conversations": [{"from": ("human", "gpt")[place % 2], "value": text} for place, text in enumerate(texts)]}


CALL = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]}


class Files:
    """Writes rows into a file and lets a real trainer prepare them."""

    def __init__(self, folder: Path, model: Any, scorer: Any) -> None:
        self._folder, self._model, self._scorer = folder, model, scorer
        self.path = folder / "rows.jsonl"

    def write(self, rows: list[dict[str, Any]]) -> str:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(self.path)

    def trained(self, stage: Stage, template: Template, max_length: int) -> Any:
        import trl
        from datasets import load_dataset
        from trl.experimental.cpo import CPOConfig, CPOTrainer
        from trl.experimental.orpo import ORPOConfig, ORPOTrainer

        data = load_dataset("json", data_files=str(self.path), split="train", cache_dir=str(self._folder / "cache"))
        name = "Reward" if stage == "reward" else stage.upper()
        kinds: dict[str, Any] = {"orpo": (ORPOTrainer, ORPOConfig), "simpo": (CPOTrainer, CPOConfig)}
        kind, config = kinds.get(stage) or (getattr(trl, f"{name}Trainer"), getattr(trl, f"{name}Config"))
        more = {"loss_type": "simpo", "cpo_alpha": 0.0} if stage == "simpo" else {}
        settings = {"max_length": max_length, "report_to": "none", "bf16": False, "use_cpu": True, **more}
        args = config(output_dir=str(self._folder / "out"), **settings)
        model = self._scorer if stage == "reward" else self._model
        return kind(model=model, args=args, train_dataset=data, processing_class=template.tokenizer).train_dataset


@pytest.fixture
def files(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    scorer = AutoModelForSequenceClassification.from_pretrained(tiny_model, num_labels=1)
    return Files(tmp_path, AutoModelForCausalLM.from_pretrained(tiny_model), scorer)


def lengths(told: Predicted) -> list[int]:
    """Tokens of each row that reaches the trainer."""
    return [(line.n_tokens or 0) - line.n_lost for line in told.lines if line.outcome in ("keep", "cut")]


def sft(files: Files, rows: list[dict[str, Any]], source: str = TEMPLATE, max_length: int = 64) -> Predicted:
    """The prediction, after the trainer has agreed with it."""
    template = made(source)
    told = predict_for("trl", files.write(rows), template=template, max_length=max_length)
    if told.ends is not None:
        with pytest.raises(Exception):  # noqa: B017 (whatever the trainer raises ends it)
            files.trained("sft", template, max_length)
    else:
        found = files.trained("sft", template, max_length)
        assert sorted(map(len, found["input_ids"])) == sorted(lengths(told))
    return told


def outcomes(told: Predicted) -> list[tuple[str, str | None]]:
    return [(line.outcome, line.reason) for line in told.lines]


def test_messages_are_trained_whole_and_cut_at_their_end(files: Files) -> None:
    rows = [
        {"messages": talk("a", "b")},
        {"messages": talk("a", LONG)},
        {"messages": talk(LONG, "b")},
        {"messages": talk("a <|im_end|> b", "c")},
    ]
    told = sft(files, rows)
    assert outcomes(told) == [
        ("keep", None),
        ("cut", "too_long"),
        ("cut", "too_long"),
        ("keep", "special_tokens_in_text"),
    ]
    assert told.notes == ("every token is trained, those of the questions too",)
    labels = files.trained("sft", made(), 64)["labels"]
    assert all(label != -100 for row in labels for label in row)


def test_share_gpt_roles_are_trained_as_they_are_written(files: Files) -> None:
    told = sft(files, [shared_gpt("a", "b")])
    assert outcomes(told) == [("keep", "unknown_role")]
    text = made().tokenizer.decode(files.trained("sft", made(), 64)[0]["input_ids"])
    assert "<|im_start|>human" in text


def test_a_null_key_of_a_message_is_as_if_it_were_not_there(files: Files) -> None:
    null = {"role": "assistant", "content": "b", "tool_calls": None}
    rows = [{"messages": [*talk("a"), null]}, {"messages": [*talk("a"), CALL]}, {"messages": talk("a", "b")}]
    told = sft(files, rows, ASKING)
    assert outcomes(told) == [("keep", None)] * 3
    text = made(ASKING).tokenizer.decode(files.trained("sft", made(ASKING), 64)[0]["input_ids"])
    assert "<call>" not in text


def test_a_null_text_ends_a_template_that_joins_it(files: Files) -> None:
    told = sft(files, [{"messages": talk("a", "b")}, {"messages": talk("a", None)}], STRICT)
    assert outcomes(told) == [("keep", None), ("crash", "template_refused")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"instruction": "a", "output": "b"}], "missing_column"),
        ([{"prompt": "a", "answer": "b"}], "missing_column"),
        ([{"messages": talk("a", "b")}, {"messages": []}], "no_turns"),
        ([{"text": "a"}, {"text": None}], "not_text"),
        ([{"text": "a"}, {"text": 5}], "not_text"),
    ],
)
def test_what_ends_the_trainer_is_told(files: Files, rows: list[dict[str, Any]], reason: str) -> None:
    assert outcomes(sft(files, rows))[-1] == ("crash", reason)


def test_texts_get_an_end_token_and_are_cut(files: Files) -> None:
    assert outcomes(sft(files, [{"text": "a b c"}, {"text": LONG}])) == [("keep", None), ("cut", "too_long")]


def test_a_completion_behind_a_prompt_that_fills_the_length_is_gone_in_silence(files: Files) -> None:
    rows = [
        {"prompt": "a", "completion": "b"},
        {"prompt": LONG, "completion": "b"},
        {"prompt": "a", "completion": LONG},
    ]
    assert outcomes(sft(files, rows)) == [("keep", None), ("drop", "no_trained_token"), ("cut", "too_long")]
    chats = [
        {"prompt": talk(row["prompt"]), "completion": [{"role": "assistant", "content": row["completion"]}]}
        for row in rows
    ]
    assert outcomes(sft(files, chats)) == [("keep", None), ("drop", "no_trained_token"), ("cut", "too_long")]


def pair(prompt: str, chosen: str, rejected: str) -> dict[str, Any]:
    sides = {
        name: [{"role": "assistant", "content": text}] for name, text in (("chosen", chosen), ("rejected", rejected))
    }
    return {"prompt": talk(prompt), **sides}


PAIRS = [pair("a", "b", "c"), pair("a", "b", "b"), pair("a", LONG, "c"), pair(LONG, "b", "c")]
TEXTS = [{key: value[0]["content"] for key, value in row.items()} for row in PAIRS]


@pytest.mark.parametrize("rows", [PAIRS, TEXTS], ids=["messages", "texts"])
@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        ("dpo", ["keep", "keep identical", "cut too_long", "drop prompt_too_long"]),
        ("reward", ["keep", "keep identical", "drop too_long", "drop too_long"]),
        ("orpo", ["keep", "keep identical", "cut too_long", "cut no_trained_token"]),
        ("simpo", ["keep", "keep identical", "cut too_long", "cut no_trained_token"]),
    ],
)
def test_pairs_end_as_predicted(files: Files, stage: Stage, wanted: list[str], rows: list[dict[str, Any]]) -> None:
    told = predict_for("trl", files.write(rows), template=made(), max_length=64, stage=stage)
    assert [f"{outcome} {reason or ''}".strip() for outcome, reason in outcomes(told)] == wanted
    found = files.trained(stage, made(), 64)
    assert len(found) == sum(told.counts[outcome] for outcome in ("keep", "cut"))
    for row, line in zip(found, [line for line in told.lines if line.outcome in ("keep", "cut")]):
        assert tokens_held(row) == (line.n_tokens if stage in ("dpo", "reward") else tokens_held(row))


def tokens_held(row: dict[str, Any]) -> int:
    """Of both sides with the prompt in each; before the collator cuts."""
    if "prompt_ids" in row:
        return 2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"])
    return sum(len(row[name]) for name in ("chosen_ids", "rejected_ids") if name in row)


def test_labelled_answers_end_as_predicted(files: Files) -> None:
    rows: list[dict[str, Any]] = [
        {"prompt": row["prompt"], "completion": row["chosen"], "label": place % 2 == 0}
        for place, row in enumerate(PAIRS)
    ]
    told = predict_for("trl", files.write(rows), template=made(), max_length=64, stage="kto")
    assert outcomes(told) == [("keep", None), ("keep", None), ("cut", "too_long"), ("drop", "prompt_too_long")]
    assert len(files.trained("kto", made(), 64)) == 3


def test_a_missing_column_of_a_stage_ends_it(files: Files) -> None:
    told = predict_for("trl", files.write([{"prompt": "a", "chosen": "b"}]), template=made(), stage="dpo")
    assert told.ends == "KeyError: 'rejected'"
    with pytest.raises(KeyError, match="rejected"):
        files.trained("dpo", made(), 64)


def joined(row: dict[str, Any]) -> dict[str, Any]:
    """A pair whose sides begin with the prompt, as many data sets have them."""
    return {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}


@pytest.mark.parametrize("rows", [PAIRS, TEXTS], ids=["messages", "texts"])
@pytest.mark.parametrize("stage", ["dpo", "reward", "orpo", "simpo"])
def test_a_prompt_that_stands_in_both_sides_is_taken_out_as_trl_does(
    files: Files, stage: Stage, rows: list[dict[str, Any]]
) -> None:
    told = predict_for("trl", files.write([*map(joined, rows)]), template=made(), max_length=64, stage=stage)
    assert told.ends is None
    found = files.trained(stage, made(), 64)
    kept = [line for line in told.lines if line.outcome in ("keep", "cut")]
    assert len(found) == len(kept) >= 2
    if stage in ("dpo", "reward"):
        assert [tokens_held(row) for row in found] == [line.n_tokens for line in kept]


@pytest.mark.parametrize("form", [dict, joined], ids=["prompt", "no prompt"])
@pytest.mark.parametrize("rows", [PAIRS, TEXTS], ids=["messages", "texts"])
def test_kto_takes_pairs_apart(files: Files, rows: list[dict[str, Any]], form: Any) -> None:
    told = predict_for("trl", files.write([*map(form, rows)]), template=made(), max_length=64, stage="kto")
    assert told.ends is None
    found = files.trained("kto", made(), 64)
    kept = [line for line in told.lines if line.outcome in ("keep", "cut")]
    assert len(found) == 2 * len(kept) == 6
    assert sum(len(row["prompt_ids"]) + len(row["completion_ids"]) for row in found) == sum(
        line.n_tokens or 0 for line in kept
    )


@pytest.mark.parametrize(
    ("stage", "row", "absent"),
    [
        ("dpo", {"text": "a"}, "chosen"),
        ("reward", {"prompt": "a", "chosen": "b"}, "rejected"),
        ("kto", {"completion": "a", "label": True}, "chosen"),
        ("kto", {"prompt": "a", "completion": "b"}, "label"),
        ("orpo", {"chosen": "a"}, "prompt"),
    ],
)
def test_the_column_that_is_missed_is_named_as_trl_names_it(
    files: Files, stage: Stage, row: dict[str, Any], absent: str
) -> None:
    told = predict_for("trl", files.write([row]), template=made(), stage=stage)
    assert told.ends is not None
    kind, _, message = told.ends.partition(": ")
    assert f"'{absent}'" in message
    with pytest.raises({"KeyError": KeyError, "ValueError": ValueError}[kind], match=absent):
        files.trained(stage, made(), 64)


def test_sides_without_a_turn_end_the_run(files: Files) -> None:
    told = predict_for("trl", files.write([{"chosen": [], "rejected": talk("a", "b")}]), template=made(), stage="dpo")
    assert outcomes(told) == [("crash", "no_turns")]
    with pytest.raises(UnboundLocalError):
        files.trained("dpo", made(), 64)
