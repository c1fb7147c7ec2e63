"""Every mistake in the settings of a run as one line; what other trainers call our keys; what we leave out.

>>> unknown("num_train_epochs", ("epochs", "steps"))
'unknown key `num_train_epochs`; did you mean `epochs`?'
>>> unknown("use_badam", ("epochs",))
'`use_badam` is not carried: BAdam trains blocks by turns in its own loop; use `method: freeze` or `optimizer: galore`'
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.curate.recipe_errors import nearest, problems_of, saw
from tunesmith.curate.recipe_yaml import Problem
from tunesmith.train.config_models import PARTS

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: What LLaMA-Factory, axolotl and TRL call our keys.
FOREIGN = {
    "model_name_or_path": "model",
    "base_model": "model",
    "adapter": "method",
    "finetuning_type": "method",
    "dataset": "data",
    "datasets": "data",
    "train_file": "data",
    "eval_dataset": "validation",
    "val_size": "validation",
    "val_set_size": "validation",
    "output_dir": "out",
    "cutoff_len": "max_length",
    "sequence_len": "max_length",
    "max_seq_length": "max_length",
    "train_on_inputs": "train_on",
    "train_on_prompt": "train_on",
    "mask_history": "train_on",
    "assistant_only_loss": "train_on",
    "sample_packing": "packing",
    "num_train_epochs": "epochs",
    "num_epochs": "epochs",
    "max_steps": "steps",
    "micro_batch_size": "batch",
    "batch_size": "batch",
    "per_device_train_batch_size": "batch",
    "gradient_accumulation_steps": "accumulation",
    "lr": "learning_rate",
    "rate": "learning_rate",
    "lr_scheduler": "schedule",
    "lr_scheduler_type": "schedule",
    "warmup_ratio": "warmup",
    "warmup_steps": "warmup",
    "optim": "optimizer",
    "max_grad_norm": "clip",
    "lora_rank": "lora.rank",
    "lora_r": "lora.rank",
    "lora_alpha": "lora.alpha",
    "lora_dropout": "lora.dropout",
    "lora_target": "lora.targets",
    "lora_target_modules": "lora.targets",
    "target_modules": "lora.targets",
    "loraplus_lr_ratio": "lora.plus",
    "use_dora": "lora.variant",
    "use_rslora": "lora.variant",
    "pissa_init": "lora.variant",
    "freeze_trainable_layers": "freeze.layers",
    "quantization_bit": "bits",
    "load_in_4bit": "bits",
    "load_in_8bit": "bits",
    "gradient_checkpointing": "activation_checkpointing",
    "flash_attn": "flash_attention",
    "enable_liger_kernel": "liger",
    "use_liger_kernel": "liger",
    "neftune_noise_alpha": "neftune",
    "bf16": "precision",
    "fp16": "precision",
    "pure_bf16": "precision",
    "eval_steps": "evaluation",
    "save_steps": "checkpoints",
    "save_total_limit": "keep",
    "metric_for_best_model": "best_by",
    "pref_beta": "beta",
    "reward_funcs": "rewards",
    "num_generations": "generations",
    "max_completion_length": "max_new_tokens",
    "deepspeed": "distributed",
    "fsdp": "distributed",
    "chat_template": "template",
    "use_galore": "optimizer",
    "use_apollo": "optimizer",
    "r": "rank",
}

_BADAM = "BAdam trains blocks by turns in its own loop; use `method: freeze` or `optimizer: galore`"
_HQQ = "HQQ has no training here; use `method: qlora` with `bits: 4` or `bits: 8`"
_UNSLOTH = "Unsloth replaces the model's code at import; use `liger: true` and `flash_attention: true` for speed"

#: Keys that other trainers have for what is not carried.
NOT_CARRIED = {
    "use_badam": _BADAM,
    "badam": _BADAM,
    "badam_mode": _BADAM,
    "hqq": _HQQ,
    "use_unsloth": _UNSLOTH,
    "unsloth": _UNSLOTH,
    "use_unsloth_gc": _UNSLOTH,
    "reward_model": "PPO left TRL (last in 1.12.0); use `stage: grpo` with `rewards`",
}

#: Values that other trainers know: `(key, value)` and what to do instead.
NOT_CARRIED_VALUES = {
    ("stage", "ppo"): "PPO left TRL (last in 1.12.0); use `stage: grpo` with `rewards`",
    ("stage", "rm"): "write `stage: reward`",
    ("stage", "pt"): "write `stage: pretrain`",
    ("stage", "rlhf"): "PPO left TRL (last in 1.12.0); use `stage: grpo` with `rewards`",
    ("method", "badam"): _BADAM,
    ("method", "hqq"): _HQQ,
    ("method", "unsloth"): _UNSLOTH,
    ("method", "oft"): "use `method: lora`",
    ("optimizer", "badam"): _BADAM,
    ("bits", 2): "two-bit weights cannot be trained well; the least is `bits: 4`",
    ("bits", 3): "the least is `bits: 4`",
    ("bits", 16): "QLoRA has 4 or 8; for 16 bits write `method: lora`",
}


def unknown(key: str, known: Sequence[str]) -> str:
    """What to say of a key that no part of the settings has."""
    if key.lower() in NOT_CARRIED:
        return f"`{key}` is not carried: {NOT_CARRIED[key.lower()]}"
    inner = {name: f"{part}.{name}" for part, model in PARTS.items() if part for name in model.model_fields}
    meant = FOREIGN if FOREIGN.get(key.lower()) in (*known, *inner.values()) else {}
    if meant or difflib.get_close_matches(key.lower(), known, n=1):
        return f"unknown key `{key}`{nearest(key, known, foreign=meant)}"
    within = {name: place for name, place in inner.items() if place.partition(".")[0] not in known or "stage" in known}
    return f"unknown key `{key}`{nearest(key, known, foreign=within if 'stage' in known else {})}"


def not_carried(data: dict[str, Any]) -> list[Problem]:
    """Values that are known elsewhere and not here."""
    found: list[Problem] = []
    for (key, value), what in NOT_CARRIED_VALUES.items():
        seen = data.get(key)
        if (seen.lower() if isinstance(seen, str) else seen) == value and not isinstance(seen, bool):
            found.append(Problem((key,), f"{seen} is not carried: {what}"))
    return found


def config_problems(error: ValidationError, data: dict[str, Any]) -> list[Problem]:
    """What pydantic found, in our words; what `not_carried` explains better is left to it."""
    keys = {part: [*model.model_fields] for part, model in PARTS.items()}
    better = not_carried(data)
    explained = {problem.path for problem in better}
    spoken = zip(error.errors(include_url=False), problems_of(error, keys))
    found = [*better]
    for item, problem in spoken:
        path = _place(item)
        if path in explained:
            continue
        found.append(_said(item, problem._replace(path=path), keys))
    return _once(found)


def _once(problems: list[Problem]) -> list[Problem]:
    """One problem a place: a value that fits none of several kinds has one for each kind."""
    return [*{problem.path: problem for problem in reversed(problems)}.values()][::-1]


def _place(item: ErrorDetails) -> tuple[str | int, ...]:
    """The path in the file: without the names that pydantic gives to the kinds of a union."""
    path: list[str | int] = []
    for part in item["loc"]:
        is_kind = isinstance(part, str) and path and (not part.isidentifier() or part in _KINDS) and part != ""
        if not is_kind:
            path.append(part)
    return tuple(path)


_KINDS = ("float", "str", "int", "GuardSettings", "Freeze", "Lora", "EarlyStopping")


def _said(item: ErrorDetails, problem: Problem, keys: dict[str, list[str]]) -> Problem:
    kind, path = item["type"], problem.path
    parent = ".".join(part for part in path[:-1] if isinstance(part, str))
    if kind == "extra_forbidden":
        return Problem(path, unknown(str(path[-1]), keys.get(parent, [])), on_key=True)
    if kind == "missing":
        return Problem(path[:-1], f"`{path[-1]}` is missing; write {_EXAMPLES.get(str(path[-1]), 'it')}")
    if kind in _PARSING:
        return Problem(path, f"expected {_PARSING[kind]}, saw {saw(item['input'])}")
    if str(path[0]) in _UNIONS and len(path) == 1:
        return Problem(path, f"expected {_UNIONS[str(path[0])]}, saw {saw(item['input'])}")
    return problem


_EXAMPLES = {"stage": "`stage: sft`", "model": "`model: Qwen/Qwen3-0.6B`", "data": "`data: runs/medical`"}

#: pydantic's words for a text that is no number.
_PARSING = {"int_parsing": "a whole number", "float_parsing": "a number", "bool_parsing": "true or false"}

_UNIONS = {
    "validation": "a share from 0 to below 1, or a list of files",
    "guard": "off or a mapping such as `{attempts: 3}`",
}
