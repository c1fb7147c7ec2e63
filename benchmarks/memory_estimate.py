"""How far `tunesmith train estimate` is from the memory that real training steps took.

    python benchmarks/memory_estimate.py                          a table on standard output
    python benchmarks/memory_estimate.py --markdown docs/benchmarks/memory_estimate.md
    python benchmarks/memory_estimate.py --only lora --device cuda

Small Qwen2, Llama and Qwen2-MoE models with random weights train two steps; the second one is measured: on a CPU by
what torch's profiler saw being allocated and freed, on a GPU by `torch.cuda.max_memory_allocated`. LoRA is PEFT's
own, the chunked loss TRL's own; the estimate sees neither.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import page
import torch

from tunesmith.train.estimate import estimate
from tunesmith.train.estimate_types import Load

_QWEN = {
    "model_type": "qwen2",
    "vocab_size": 4096,
    "hidden_size": 384,
    "intermediate_size": 1024,
    "num_hidden_layers": 6,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
}
_LLAMA = {**_QWEN, "model_type": "llama", "num_key_value_heads": 6, "tie_word_embeddings": False}
_MOE = {
    **_QWEN,
    "model_type": "qwen2_moe",
    "num_hidden_layers": 3,
    "moe_intermediate_size": 256,
    "shared_expert_intermediate_size": 512,
    "num_experts": 8,
    "num_experts_per_tok": 2,
}
#: A model for GPUs, of 0.5B.
_HALF = {
    **_QWEN,
    "vocab_size": 151936,
    "hidden_size": 896,
    "intermediate_size": 4864,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
}
MODELS = {"qwen2": _QWEN, "llama": _LLAMA, "qwen2_moe": _MOE, "qwen2-0.5b": _HALF}

_FULL = Load(method="full", precision="fp32", checkpointing=False, max_length=256, batch=2, padded=False, loss="full")
_LORA = _FULL.but(method="lora", precision="bf16", rank=16)
CASES: list[tuple[str, Load]] = [
    ("qwen2", _FULL),
    ("qwen2", _FULL.but(batch=1, max_length=512)),
    ("qwen2", _FULL.but(batch=4)),
    ("qwen2", _FULL.but(max_length=512)),
    ("qwen2", _FULL.but(checkpointing=True)),
    ("qwen2", _FULL.but(checkpointing=True, max_length=512, batch=4)),
    ("qwen2", _FULL.but(padded=True)),
    ("qwen2", _FULL.but(attention="eager")),
    ("qwen2", _FULL.but(accumulation=2)),
    ("qwen2", _FULL.but(loss="fused")),
    ("qwen2", _FULL.but(loss="fused", checkpointing=True)),
    ("qwen2", _FULL.but(precision="bf16")),
    ("qwen2", _FULL.but(precision="bf16", checkpointing=True)),
    ("qwen2", _FULL.but(precision="bf16", loss="fused")),
    ("qwen2", _FULL.but(precision="pure-bf16")),
    ("qwen2", _FULL.but(optimizer="adamw_unfused")),
    ("qwen2", _FULL.but(optimizer="adafactor")),
    ("qwen2", _FULL.but(method="freeze", precision="fp32")),
    ("llama", _FULL),
    ("llama", _FULL.but(checkpointing=True)),
    ("llama", _FULL.but(precision="bf16")),
    ("qwen2_moe", _FULL),
    ("qwen2", _LORA),
    ("qwen2", _LORA.but(checkpointing=True)),
    ("qwen2", _LORA.but(precision="fp32", dropout=0.0)),
    ("qwen2", _LORA.but(precision="fp32", dropout=0.0, checkpointing=True)),
    ("qwen2", _LORA.but(rank=64, loss="fused")),
    ("llama", _LORA.but(precision="fp32", batch=4)),
    ("qwen2", _LORA.but(dora=True, precision="fp32")),
]
GPU_CASES: list[tuple[str, Load]] = [
    ("qwen2-0.5b", load.but(max_length=length, batch=batch, attention="sdpa", device="cuda"))
    for load in (
        _FULL.but(precision="bf16"),
        _FULL.but(precision="bf16", loss="fused", checkpointing=True),
        _LORA.but(loss="fused"),
        _LORA.but(loss="fused", checkpointing=True),
    )
    for length, batch in ((1024, 2), (2048, 4))
]


class Measured(NamedTuple):
    name: str
    load: Load
    measured: int
    estimated: int

    @property
    def error(self) -> float:
        return self.estimated / self.measured - 1

    @property
    def line(self) -> dict[str, Any]:
        load, mib = self.load, 1024**2
        extras = [name for name in ("checkpointing", "padded", "dora") if getattr(load, name)]
        extras += [load.loss + " loss"] + [f"accumulation {load.accumulation}"] * (load.accumulation > 1)
        extras += [load.attention] * (load.attention != "sdpa")
        return {
            "model": self.name,
            "method": load.method + (f" r{load.rank}" if load.has_adapter else ""),
            "precision": load.precision,
            "batch × length": f"{load.batch} × {load.max_length}",
            "optimizer": load.optimizer,
            "also": ", ".join(extras),
            "measured MiB": f"{self.measured / mib:.1f}",
            "estimated MiB": f"{self.estimated / mib:.1f}",
            "error": f"{self.error:+.1%}",
        }


def main() -> None:
    """Measure, estimate, print."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")
    cases = GPU_CASES if arguments.device == "cuda" else [(name, load.but(device="cpu")) for name, load in CASES]
    chosen = [case for case in cases if not arguments.only or arguments.only in f"{case[0]} {case[1].signature()}"]
    found = []
    for name, load in chosen:
        found.append(Measured(name, load, measure(MODELS[name], load), estimate(MODELS[name], load).measured))
        print(" ".join(map(str, found[-1].line.values())), flush=True)
    print(f"largest error {max(abs(one.error) for one in found):.1%} of {len(found)} configurations")
    if arguments.markdown:
        arguments.markdown.write_text(_page(found, arguments.device), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", type=Path, help="write the page of docs/ here")
    parser.add_argument("--only", help="configurations whose settings contain this, such as method:lora")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def measure(config: dict[str, Any], load: Load) -> int:
    """Bytes of tensors at the worst moment of a real step."""
    model = _model(config, load)
    trained = [one for one in model.parameters() if one.requires_grad]
    optimizer = _optimizer(trained, load)
    ids = torch.randint(0, config["vocab_size"], (load.batch, load.max_length), device=load.device)
    mask = torch.ones_like(ids)
    if load.padded:
        mask[-1, -7:] = 0

    def step() -> None:
        for _ in range(load.accumulation):
            with torch.autocast(load.device, torch.bfloat16, enabled=load.precision == "bf16"):
                loss = _loss(model, ids, mask, load)
            loss.backward()
            del loss
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    gc.collect()
    if load.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        step()
        return torch.cuda.max_memory_allocated()
    states = [v for one in optimizer.state.values() for v in one.values() if isinstance(v, torch.Tensor)]
    held = _bytes([*model.parameters(), *model.buffers(), ids, ids, mask, *states])
    return held + _allocated(step)


def _loss(model: Any, ids: Any, mask: Any, load: Load) -> Any:
    if load.loss == "full":
        return model(input_ids=ids, attention_mask=mask, labels=ids, use_cache=False).loss
    out = model(input_ids=ids, attention_mask=mask, labels=ids, use_cache=False, fused_lm_head=True)
    return -out.log_probs.sum() / out.label_mask.sum()


def _bytes(tensors: list[Any]) -> int:
    sizes = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors}
    return sum(sizes.values())


def _allocated(step: Any) -> int:
    """The highest sum of what was allocated and freed since the start, as torch's profiler saw it."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        step()
    results: Any = profiler.profiler.kineto_results  # type: ignore[union-attr]
    events = sorted(_allocations(results.experimental_event_tree()))
    live = most = 0
    for _, size in events:
        live += size
        most = max(most, live)
    return most


def _allocations(tree: Any) -> Iterator[tuple[int, int]]:
    from torch._C._profiler import _EventType

    for event in tree:
        if event.tag == _EventType.Allocation:
            yield event.start_time_ns, event.extra_fields.alloc_size
        yield from _allocations(event.children)


def _model(config: dict[str, Any], load: Load) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    settings = {key: value for key, value in config.items() if key != "model_type"}
    dtype = torch.float32
    if load.precision == "pure-bf16" or (load.has_adapter and load.precision == "bf16"):
        dtype = torch.bfloat16
    found = AutoConfig.for_model(config["model_type"], **settings)
    made: Any = AutoModelForCausalLM.from_config(found, attn_implementation=load.attention, dtype=dtype)
    made = made.to(load.device).train()
    if load.loss == "fused":
        from trl.trainer.utils import add_fused_lm_head

        add_fused_lm_head(made, outputs=("log_probs", "entropy", "is_top1"))
    if load.method == "freeze":
        made.requires_grad_(False)
        made.model.layers[-load.freeze_layers :].requires_grad_(True)
    if load.has_adapter:
        made = _adapted(made, load)
    if load.checkpointing:
        made.activation_checkpointing_enable()
        if load.has_adapter:
            made.enable_input_require_grads()
    return made


def _adapted(model: Any, load: Load) -> Any:
    from peft import LoraConfig, get_peft_model

    settings = {"r": load.rank, "lora_alpha": 2 * load.rank, "lora_dropout": load.dropout, "use_dora": load.dora}
    config = LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM", **settings)
    with warnings.catch_warnings() if load.dora else nullcontext():
        return get_peft_model(model, config)


def _optimizer(trained: list[Any], load: Load) -> Any:
    if load.optimizer == "adafactor":
        from transformers.optimization import Adafactor

        return Adafactor(trained, lr=1e-5, scale_parameter=False, relative_step=False)
    is_fused = load.optimizer == "adamw"
    return torch.optim.AdamW(trained, lr=1e-5, fused=is_fused, foreach=not is_fused)


def _page(found: list[Measured], device: str) -> str:
    worst = max(abs(one.error) for one in found)
    where = "`torch.cuda.max_memory_allocated`" if device == "cuda" else "torch's profiler"
    return f"""# The estimate of memory against measured steps

Made by `python benchmarks/memory_estimate.py{" --device cuda" if device == "cuda" else ""} --markdown …`.

{page.machine()}; torch {torch.__version__}. {len(found)} configurations; measured by {where}; the largest error is
{worst:.1%}. The device's context and the allocator's fragmentation are left out on both sides.

{page.table([one.line for one in found])}
"""


if __name__ == "__main__":
    main()
