"""The estimate against real steps of tiny models, known counts, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tunesmith.errors import InputError  # noqa: E402
from tunesmith.train import estimate_model as models  # noqa: E402
from tunesmith.train.estimate import GIB, Load, estimate  # noqa: E402
from tunesmith.train.estimate_program import make_program  # noqa: E402

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
MOE: dict[str, Any] = {
    **TINY,
    "model_type": "qwen2_moe",
    "num_hidden_layers": 2,
    "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 128,
    "num_experts": 4,
    "num_experts_per_tok": 2,
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
ON_CPU = Load(
    method="full",
    precision="fp32",
    checkpointing=False,
    batch=2,
    max_length=128,
    padded=False,
    loss="full",
    device="cpu",
)


def real_model(config: dict[str, Any], load: Load) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    settings = {key: value for key, value in config.items() if key != "model_type"}
    model: Any = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(config["model_type"], **settings), dtype=models.weights_dtype(load)
    )
    if load.has_adapter:
        from peft import LoraConfig, get_peft_model

        settings = {"r": load.rank, "lora_dropout": load.dropout, "use_dora": load.dora}
        model = get_peft_model(model, LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM", **settings))
    if load.checkpointing:
        model.activation_checkpointing_enable()
        if load.has_adapter:
            model.enable_input_require_grads()
    return model.train()


def measured(config: dict[str, Any], load: Load) -> int:
    """Bytes at the worst moment of the second step, as torch's profiler sees them."""
    from torch.profiler import ProfilerActivity, profile

    model = real_model(config, load)
    trained = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(trained, fused=True)
    ids = torch.zeros((load.batch, load.max_length), dtype=torch.int64)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=load.precision == "bf16"):
            loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    states = [value for one in optimizer.state.values() for value in one.values()]
    held = {one.data_ptr(): one.nbytes for one in (*model.parameters(), *model.buffers(), *states, ids)}
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        step()
    live = most = 0
    results: Any = profiler.profiler
    for _, size in sorted(allocations(results.kineto_results.experimental_event_tree())):
        live += size
        most = max(most, live)
    return sum(held.values()) + most


def allocations(tree: Any) -> Iterator[tuple[int, int]]:
    from torch._C._profiler import _EventType

    for event in tree:
        if event.tag == _EventType.Allocation:
            yield event.start_time_ns, event.extra_fields.alloc_size
        yield from allocations(event.children)


@pytest.mark.parametrize(
    ("config", "load"),
    [
        (TINY, ON_CPU),
        (TINY, ON_CPU.but(batch=1, max_length=256)),
        (TINY, ON_CPU.but(checkpointing=True)),
        (TINY, ON_CPU.but(method="lora", dropout=0.1)),
        (TINY, ON_CPU.but(method="lora", precision="bf16", checkpointing=True, max_length=64)),
        (TINY, ON_CPU.but(precision="bf16", max_length=64)),
        (MOE, ON_CPU.but(max_length=64)),
    ],
    ids=["full", "one long row", "checkpointing", "lora", "lora bf16 checkpointing", "mixed", "mixture of experts"],
)
def test_the_estimate_is_within_five_percent_of_what_a_real_step_takes(config: dict[str, Any], load: Load) -> None:
    assert estimate(config, load).measured == pytest.approx(measured(config, load), rel=0.05)


@pytest.mark.parametrize("method", ["full", "lora", "freeze"])
def test_a_model_of_many_layers_is_estimated_as_if_all_were_traced(method: Any) -> None:
    load = ON_CPU.but(method=method, freeze_layers=1, device="cuda", checkpointing=True, precision="bf16")
    config = models.read_config({**TINY, "num_hidden_layers": 7})

    def build(n_layers: int | None) -> Any:
        return models.build(models.shortened(config, n_layers), load, name="tiny")

    grown, whole = make_program(build, load, n_layers=7), make_program(build, load, n_layers=None)
    for batch, length in ((2, 16), (4, 512)):
        assert grown.peak(batch=batch, length=length) == whole.peak(batch=batch, length=length)


def test_layers_that_differ_are_all_traced() -> None:
    kinds = {
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "use_sliding_window": True,
        "sliding_window": 8,
    }
    plain = models.build(models.read_config({**TINY, **kinds}), None, name="tiny")
    assert models.like_layers(plain) is None
    assert models.like_layers(models.build(models.read_config(TINY), None, name="tiny")) == 4


def test_activations_are_what_autograd_saves() -> None:
    load = ON_CPU.but(device="cuda")
    model = models.build(models.read_config(TINY), load, name="tiny")
    held = {one.untyped_storage()._cdata for one in (*model.parameters(), *model.buffers())}
    saved: dict[int, int] = {}
    keep: list[Any] = []

    def pack(one: Any) -> Any:
        storage = one.untyped_storage()
        keep.append(storage)
        if storage._cdata not in held:
            saved[storage._cdata] = storage.nbytes()
        return one

    ids = torch.empty((2, 128), dtype=torch.int64, device="meta")
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda one: one):
        model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, use_cache=False)
    peak = estimate(TINY, load)
    kept = peak.parts["activations"] + peak.parts["loss"]
    logits = 2 * 128 * 1024 * 4  # at the worst moment their gradients, padded and not, stand beside what was saved
    assert kept - 2 * logits == pytest.approx(sum(saved.values()), rel=1e-3)


def test_parameters_of_lora_are_those_that_peft_makes() -> None:
    for dora in (False, True):
        load = ON_CPU.but(method="lora", rank=8, dora=dora)
        trained = sum(one.numel() for one in real_model(TINY, load).parameters() if one.requires_grad)
        assert estimate(TINY, load).counts.trained == trained


def test_a_tied_head_is_counted_once() -> None:
    tied, apart = (estimate({**TINY, "tie_word_embeddings": tie}, ON_CPU).counts.total for tie in (True, False))
    assert apart - tied == 1024 * 128


def test_seven_billion_parameters_are_counted_exactly() -> None:
    found = estimate(LLAMA_7B, Load(method="lora", rank=8, targets=("q_proj", "v_proj")))
    assert found.counts.total == 6_738_415_616
    assert found.counts.trained == 32 * 2 * 8 * (4096 + 4096)


def test_nf4_takes_half_a_byte_a_weight_and_its_constants() -> None:
    double, single = (estimate(LLAMA_7B, Load(method="qlora", double=double)) for double in (True, False))
    linear = 32 * (4 * 4096 * 4096 + 3 * 4096 * 11008)
    rest = 2 * (6_738_415_616 - linear)
    assert double.counts.quantised == linear
    assert double.parts["weights"] == pytest.approx(rest + linear * (0.5 + 1 / 64), rel=1e-3)
    assert single.parts["weights"] == pytest.approx(rest + linear * (0.5 + 4 / 64), rel=1e-3)
    assert {"lm_head", "embed_tokens"} < set(double.counts.kept)


def test_a_published_measurement_of_lora_lies_in_the_range() -> None:
    found = [estimate(LLAMA_7B, Load(method="lora", rank=8, max_length=1024, batch=batch)) for batch in (1, 4)]
    assert found[0].low < 16.64e9 < found[1].high


def test_whole_logits_cost_more_than_the_chunked_head() -> None:
    load = ON_CPU.but(device="cuda", precision="bf16", max_length=2048)
    whole, chunked = (estimate({**TINY, "vocab_size": 50_000}, load.but(loss=kind)) for kind in ("full", "fused"))
    assert whole.likely > 1.5 * chunked.likely


def test_sharding_divides_what_it_says() -> None:
    load = Load(method="full", gpus=8)
    one, two, three = (estimate(LLAMA_7B, load.but(shard=kind)) for kind in ("zero1", "zero2", "zero3"))
    assert one.parts["optimizer"] == two.parts["optimizer"] == three.parts["optimizer"]
    assert one.parts["optimizer"] == pytest.approx(12 * 6_738_415_616 / 8, rel=0.01)
    assert one.parts["weights"] == pytest.approx(8 * three.parts["weights"], rel=0.01)
    assert one.likely > two.likely > three.likely


@pytest.mark.parametrize(
    ("optimizer", "bytes_each"),
    [("adamw", 8.0), ("adamw_8bit", 2.03), ("lion", 4.0), ("sgd", 0.0), ("paged_adamw", 0.0), ("schedule_free", 8.0)],
)
def test_optimizers_keep_what_they_keep(optimizer: str, bytes_each: float) -> None:
    found = estimate(LLAMA_7B, Load(method="full", optimizer=optimizer))
    assert found.parts["optimizer"] / found.counts.total == pytest.approx(bytes_each, abs=0.01)


def test_an_optimizer_with_factors_keeps_rows_and_columns() -> None:
    assert estimate(LLAMA_7B, Load(method="full", optimizer="adafactor")).parts["optimizer"] < 0.05 * GIB


def test_gradients_are_held_while_batches_are_accumulated() -> None:
    alone, many = (estimate(TINY, ON_CPU.but(device="cuda", accumulation=n)).phases["forward"] for n in (1, 4))
    assert many - alone == pytest.approx(4 * estimate(TINY, ON_CPU).counts.total, rel=0.01)


def test_the_parts_add_up_to_the_likely_bytes() -> None:
    for load in (Load(), Load(method="full", gpus=4, shard="fsdp"), Load(method="qlora", bits=8, batch=4)):
        found = estimate(LLAMA_7B, load)
        assert sum(found.parts.values()) == found.likely
        assert found.low < found.likely < found.high
        assert found.phases[found.peak] == found.measured == max(found.phases.values())


def test_the_signature_names_every_setting_that_matters() -> None:
    found = estimate(TINY, Load(method="qlora", rank=4))
    assert "rank:4" in found.signature
    assert "bits:4" in found.signature
    assert "freeze_layers" not in found.signature


def test_settings_that_mean_nothing_are_told_all_at_once() -> None:
    with pytest.raises(InputError, match=r"batch is 0.*zero3 shards over several GPUs"):
        estimate(TINY, Load(batch=0, shard="zero3"))
    with pytest.raises(InputError, match="'adam' is not known"):
        estimate(TINY, Load(optimizer="adam"))


def test_a_model_that_is_not_here_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="config"):
        estimate("nobody/nothing-at-all", Load())
    with pytest.raises(InputError, match="config"):
        estimate(str(tmp_path), Load())


def test_a_model_without_text_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be built"):
        estimate({"model_type": "vit"}, Load())
    with pytest.raises(InputError, match="no configuration that can be read"):
        estimate({"model_type": "no-such-model"}, Load())


def test_code_of_a_model_runs_only_when_asked_for(tmp_path: Path) -> None:
    own = {"model_type": "own", "auto_map": {"AutoConfig": "own.C", "AutoModelForCausalLM": "own.M"}}
    (tmp_path / "config.json").write_text(json.dumps(own), encoding="utf-8")
    (tmp_path / "own.py").write_text("raise SystemExit('it ran')\n", encoding="utf-8")
    with pytest.raises(InputError, match="trust-remote-code"):
        estimate(str(tmp_path), Load())


def test_layers_and_targets_that_are_not_there_are_told() -> None:
    with pytest.raises(InputError, match="has 4"):
        estimate(TINY, Load(method="freeze", freeze_layers=5))
    with pytest.raises(InputError, match="q_proj"):
        estimate(TINY, Load(targets=("c_attn",)))


def test_a_folder_with_a_model_gives_what_its_configuration_gives(tiny_model: Path) -> None:
    mapping = json.loads((tiny_model / "config.json").read_text(encoding="utf-8"))
    assert estimate(str(tiny_model), Load()).parts == estimate(mapping, Load()).parts
