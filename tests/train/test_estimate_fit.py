"""What fits a GPU, the smallest change that does, the rules of thumb, the chart, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tunesmith.cli import app
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.estimate import GIB, Estimate, Load, estimate, smallest_change, what_fits
from tunesmith.train.estimate_chart import write_chart
from tunesmith.train.estimate_config import load_of, usual_checkpointing
from tunesmith.train.estimate_fit import capacity
from tunesmith.train.estimate_rules import formula_bytes, rules_for, table_gb
from tunesmith.train.estimate_text import as_text, bar

TINY: dict[str, Any] = {
    "model_type": "qwen2",
    "vocab_size": 1024,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
}
LLAMA_7B: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "tie_word_embeddings": False,
}


def checked(found: Estimate, capacity_bytes: int, **settings: Any) -> Any:
    change = smallest_change(found, capacity_bytes, model=LLAMA_7B, **settings)
    assert change is not None
    return change


def test_what_fits_needs_no_change() -> None:
    assert smallest_change(estimate(LLAMA_7B, Load()), 24 * GIB, model=LLAMA_7B) is None


def test_the_smallest_change_costs_no_quality_where_that_is_enough() -> None:
    found = estimate(LLAMA_7B, Load(checkpointing=False, max_length=2048, batch=2))
    assert dict(checked(found, 24 * GIB).settings) == {"checkpointing": True}
    many = estimate(LLAMA_7B, Load(max_length=2048, batch=16))
    change = checked(many, 24 * GIB)
    assert set(change.settings) == {"batch", "accumulation"}
    assert change.settings["batch"] * change.settings["accumulation"] == 16


def test_full_training_on_a_small_gpu_becomes_an_adapter() -> None:
    change = checked(estimate(LLAMA_7B, Load(method="full", max_length=512)), 20 * GIB)
    assert dict(change.settings)["method"] == "lora"
    assert change.estimate.likely <= 20 * GIB


BASE = Load(accumulation=3, max_length=400, checkpointing=False)
LOADS = [
    BASE.but(method="full", batch=8, precision="fp32"),
    BASE.but(method="full", batch=3, checkpointing=True, reference=True, sequences=2),
    BASE.but(method="freeze", batch=1, freeze_layers=1, packing=True),
    BASE.but(method="lora", batch=5, packing=True),
    BASE.but(method="lora", batch=2, checkpointing=True, loss="full"),
    BASE.but(method="qlora", batch=4, bits=8),
]


@pytest.mark.parametrize(("load", "share"), [*zip(LOADS, (0.35, 0.9) * 3, strict=True)])
def test_the_smallest_change_fits_when_it_is_made_and_keeps_the_rows_of_a_step(load: Load, share: float) -> None:
    found = estimate(TINY, load.but(device="cpu"))  # without a context, which is larger than this model
    capacity_bytes = round(found.likely * share)
    change = smallest_change(found, capacity_bytes, model=TINY, length_p95=300)
    assert change is not None
    made = estimate(TINY, found.load.but(**change.settings))
    assert made.likely == change.estimate.likely
    assert change.fits == (made.likely <= capacity_bytes)
    rows = made.load.batch * made.load.accumulation
    assert load.batch * load.accumulation <= rows < load.batch * load.accumulation + made.load.batch
    for name in ("max_length", "optimizer", "packing", "checkpointing"):
        if change.fits and name in change.settings:  # each of them is needed
            assert estimate(TINY, made.load.but(**{name: getattr(load, name)})).likely > capacity_bytes


def test_a_change_is_written_with_options_that_the_command_has() -> None:
    full = Load(method="full", precision="pure-bf16", reference=True, packing=True, max_length=512)
    change = checked(estimate(LLAMA_7B, full), 16 * GIB)
    assert change.fits
    words = [word for word in change.text.replace(",", "").split() if word.startswith("--")]
    help_text = CliRunner().invoke(app, ["train", "estimate", "--help"], env={"COLUMNS": "200"}).stdout
    assert "--method" in words
    assert [word for word in words if word not in help_text] == []
    assert not change.estimate.load.reference  # an adapter is compared with its own base


def test_activations_are_computed_again_where_training_does_it(tmp_path: Path) -> None:
    done = run(tmp_path, "--json")
    assert json.loads(done.stdout)["settings"]["checkpointing"] is False
    (tmp_path / "large.json").write_text(json.dumps(LLAMA_7B))
    assert usual_checkpointing(str(tmp_path / "large.json"))


def test_nothing_fits_is_said_with_the_least() -> None:
    change = checked(estimate(LLAMA_7B, Load(method="full")), GIB, max_gpus=1)
    assert not change.fits
    assert change.text.startswith("nothing fits in 1.0 GiB; the least is")
    assert change.estimate.load.method == "qlora"


def test_the_table_tells_every_case_and_agrees_with_the_estimate() -> None:
    rows = [("LoRA", {"method": "lora"}), ("small", {"method": "lora", "optimizer": "adamw_8bit"})]
    cells = what_fits(TINY, Load(), 24 * GIB, rows=rows)
    assert len(cells) == len({(cell.row, cell.length, cell.batch) for cell in cells}) == 24
    one = next(cell for cell in cells if (cell.row, cell.length, cell.batch) == ("LoRA", 2048, 4))
    assert one.likely == estimate(TINY, Load(batch=4)).likely


@pytest.mark.parametrize("text", ["", "24MB", "0GB", "lots"])
def test_a_capacity_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="24GB"):
        capacity(text)


@pytest.mark.parametrize(
    ("load", "gb"),
    [
        (Load(method="full"), 126),
        (Load(method="full", precision="pure-bf16"), 56),
        (Load(method="freeze"), 14),
        (Load(method="lora"), 14),
        (Load(method="qlora", bits=8), 7),
        (Load(method="qlora", bits=4), 3.5),
    ],
)
def test_the_table_of_guides_is_quoted_as_it_stands(load: Load, gb: float) -> None:
    assert table_gb(7, load) == gb


def test_the_fitted_formula_is_quoted_as_it_stands() -> None:
    n = 6_738_415_616
    assert formula_bytes(n, Load(max_length=16)) == pytest.approx(1.3 * 10 * n)
    long = 1.3 * (6 * n + (4.6894e-4 * n + 1.8494e6) * 65536 * 2)
    assert formula_bytes(n, Load(max_length=65536)) == pytest.approx(long)


def test_rules_of_thumb_tell_how_far_they_are() -> None:
    found = estimate(TINY, Load())
    for rule in rules_for(found):
        assert rule.ratio == pytest.approx(rule.amount / found.likely)


def test_a_configured_run_has_its_load() -> None:
    settings: dict[str, Any] = {"stage": "dpo", "model": "m", "data": ["d"], "method": "full", "batch": 2}
    load = load_of(TrainConfig(**settings, distributed="zero3", optimizer="adamw_8bit"))
    assert (load.sequences, load.reference, load.loss) == (2, True, "fused")
    assert (load.batch, load.shard, load.gpus, load.optimizer) == (2, "zero3", 2, "adamw_8bit")
    assert load_of(TrainConfig(**{**settings, "stage": "simpo"})).loss == "full"


def test_a_reference_model_and_pairs_are_counted() -> None:
    alone = estimate(TINY, Load(method="full"))
    dpo = estimate(TINY, Load(method="full", sequences=2, reference=True))
    assert dpo.parts["reference"] == 4 * alone.counts.total
    assert dpo.parts["activations"] > 1.5 * alone.parts["activations"]


def test_every_optimizer_of_the_trainer_has_its_states() -> None:
    from tunesmith.train.config_optimizers import OPTIMIZERS
    from tunesmith.train.estimate_states import OPTIMIZER_STATES

    assert set(OPTIMIZERS) == set(OPTIMIZER_STATES)


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype html>")])
def test_the_chart_is_written_as_its_name_says(tmp_path: Path, name: str, start: bytes) -> None:
    path = write_chart(tmp_path / name, estimate(TINY, Load()), language="zh")
    assert path.read_bytes().startswith(start)
    if name == "a.html":
        assert "权重" in path.read_text(encoding="utf-8")


def test_the_page_tells_what_fits_and_the_smallest_change(tmp_path: Path) -> None:
    found = estimate(TINY, Load(batch=8, checkpointing=False, device="cpu"))
    change = smallest_change(found, found.likely - 1, model=TINY)
    cells = what_fits(TINY, found.load, found.likely - 1, rows=[("LoRA", {})])
    place = write_chart(tmp_path / "a.html", found, capacity_bytes=found.likely - 1, cells=cells, change=change)
    page = place.read_text(encoding="utf-8")
    assert "the smallest change that fits: --checkpointing" in page
    assert page.count("<th>") == 1 + len(cells)


def test_a_chart_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.svg"):
        write_chart(tmp_path / "a.jpg", estimate(TINY, Load()))


def test_bars_are_as_long_as_their_values() -> None:
    assert [len(bar(value, 8, width=8)) for value in (0, 1, 4, 8)] == [0, 1, 4, 8]


def test_the_text_names_range_peak_and_rules() -> None:
    text = as_text(estimate(TINY, Load()), capacity_bytes=24 * GIB)
    assert "the worst moment is in: " in text
    assert "one GPU of 24.0 GiB: fits" in text
    assert "billions table" in text
    assert "6N formula" in text


def run(folder: Path, *arguments: str) -> Any:
    (folder / "config.json").write_text(json.dumps(TINY), encoding="utf-8")
    return CliRunner().invoke(app, ["train", "estimate", "--model", str(folder), *arguments])


def test_the_command_prints_one_object(tmp_path: Path) -> None:
    done = run(tmp_path, "--method", "qlora", "--gpu", "24GB", "--no-table", "--json")
    told = json.loads(done.stdout)
    assert told["verdict"] == "fits"
    assert told["change"] is None
    assert sum(told["parts"].values()) == told["bytes"]["likely"]
    assert told["settings"]["bits"] == 4


def test_an_option_that_would_do_nothing_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--method", "full", "--rank", "8")
    assert done.exit_code == 2
    assert run(tmp_path, "--stage", "grpo").exit_code == 2
