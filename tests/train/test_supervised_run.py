"""The whole road: a run of `train_run` meets a broken row, names it, leaves it out and ends well."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from transformers import TrainerCallback

from tests.train.stage_rows import ROWS, settings
from tunesmith.train.config import parse_config
from tunesmith.train.handover import read_fates
from tunesmith.train.run import train_run
from tunesmith.train.supervisor import read_incidents
from tunesmith.train.watch_log import read_log

POISON = "♛"


class Poison(TrainerCallback):
    """Sequences with a certain character come out of the embedding as NaN, as an overflow would make them."""

    def __init__(self, tokens: list[int], *, spares_writing: bool = False) -> None:
        self.tokens, self.spares_writing = tokens, spares_writing

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        def spoil(module: Any, given: Any, embedded: Any) -> Any:
            if self.spares_writing and not embedded.requires_grad:
                return embedded
            found = (given[0].unfold(1, len(self.tokens), 1) == given[0].new_tensor(self.tokens)).all(-1).any(-1)
            return embedded.masked_fill(found[:, None, None], math.nan)

        kwargs["model"].get_input_embeddings().register_forward_hook(spoil)


def write_rows(path: Path) -> Path:
    lines = [
        [{"role": "user", "content": f"{n} + 1 = ?"}, {"role": "assistant", "content": f"{n + 1}{POISON * (n == 13)}"}]
        for n in range(24)
    ]
    path.write_text(
        "".join(json.dumps({"messages": one}, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_broken_row_is_named_left_out_and_survived(
    tiny_model: Path, tiny_tokenizer: Any, tmp_path: Path, method: str
) -> None:
    settings = {
        "stage": "sft",
        "method": method,
        "model": str(tiny_model),
        "data": [str(write_rows(tmp_path / "sums.jsonl"))],
        "validation": 0.0,
        "epochs": 2,
        "batch": 4,
        "accumulation": 1,
        "checkpoints": 2,
        "max_length": 128,
        "shallow_scale": 0.5,
    }
    out = tmp_path / "run"
    poison = Poison(tiny_tokenizer.encode(POISON, add_special_tokens=False))
    result = train_run(parse_config(settings, "a test"), out, callbacks=[poison])
    (incident,) = read_incidents(out)
    assert (incident["kind"], incident["row_ids"], incident["exact"]) == ("not_finite", ["sums:14"], True)
    assert result["outcome"] == "finished"
    losses = {one["step"]: one["loss"] for one in read_log(out / "log.jsonl") if "loss" in one}
    assert sorted(losses) == list(range(1, 13))
    assert all(map(math.isfinite, losses.values()))
    assert all(path.is_file() for path in (out / "loss.png", out / "loss.svg", out / "report.html"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "sums:14" in page
    assert "23 of 24 trained" in page
    fates = {fate.row_id: fate for fate in read_fates(out / "rows.parquet")}
    assert [fate.row_id for fate in fates.values() if fate.outcome == "dropped"] == ["sums:14"]
    assert (fates["sums:14"].reason, fates["sums:14"].n_trained) == ("broke_the_run", 0)


@pytest.mark.parametrize("stage", ["dpo", "kto", "orpo", "simpo", "reward", "grpo"])
def test_the_broken_row_of_every_stage_is_named_and_survived(
    tiny_model: Path, tiny_tokenizer: Any, tmp_path: Path, stage: str
) -> None:
    """Of pairs both answers are asked together; of kto an answer that other rows are held against is its own row's."""
    config = settings(tmp_path, tiny_model, stage, epochs=1, steps=None, checkpoints=1, method="full")
    path, row = tmp_path / f"{stage}.jsonl", 5
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for key in {"rejected", "completion"} & rows[row].keys():
        rows[row][key] += POISON
    if "messages" in rows[row]:
        rows[row]["messages"][0]["content"] += POISON
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    assert len(rows) == len(ROWS[stage])

    tokens = tiny_tokenizer.encode(POISON, add_special_tokens=False)
    poison = Poison(tokens, spares_writing=stage == "grpo")
    result = train_run(config, tmp_path / "run", callbacks=[poison])
    incidents = read_incidents(tmp_path / "run")
    assert [(one["kind"], one["row_ids"], one["exact"]) for one in incidents] == [
        ("not_finite", [f"{stage}:{row + 1}"], True)
    ]
    assert result["outcome"] == "finished"
    dropped = [fate for fate in read_fates(tmp_path / "run" / "rows.parquet") if fate.outcome == "dropped"]
    assert [(fate.row_id, fate.reason) for fate in dropped] == [(f"{stage}:{row + 1}", "broke_the_run")]
