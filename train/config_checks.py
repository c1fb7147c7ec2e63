"""Settings that are right alone and wrong together, and keys of TRL that would contradict ours.

>>> from tunesmith.train.config_models import TrainConfig
>>> config = TrainConfig(stage="sft", model="m", data=["d"], bits=4)
>>> [problem.text for problem in meaning_problems(config)]
['only `method: qlora` has bits, saw `method: lora`']
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from tunesmith.curate.recipe_errors import nearest
from tunesmith.curate.recipe_yaml import Problem
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.config_optimizers import BY_TRAINER_NAME, OPTIMIZERS
from tunesmith.train.types import FROZEN

#: Keys of the trainers that have one of ours; they are given there.
OWNED = {
    "output_dir": "out",
    "per_device_train_batch_size": "batch",
    "per_device_eval_batch_size": "batch",
    "gradient_accumulation_steps": "accumulation",
    "learning_rate": "learning_rate",
    "num_train_epochs": "epochs",
    "max_steps": "steps",
    "lr_scheduler_type": "schedule",
    "warmup_steps": "warmup",
    "warmup_ratio": "warmup",
    "optim": "optimizer",
    "optim_target_modules": "optimizer",
    "weight_decay": "weight_decay",
    "max_grad_norm": "clip",
    "seed": "seed",
    "data_seed": "seed",
    "max_length": "max_length",
    "packing": "packing",
    "padding_free": "packing",
    "neftune_noise_alpha": "neftune",
    "use_liger_kernel": "liger",
    "gradient_checkpointing": "activation_checkpointing",
    "activation_checkpointing": "activation_checkpointing",
    "bf16": "precision",
    "fp16": "precision",
    "eval_steps": "evaluation",
    "eval_strategy": "evaluation",
    "save_steps": "checkpoints",
    "save_strategy": "checkpoints",
    "save_total_limit": "keep",
    "metric_for_best_model": "best_by",
    "load_best_model_at_end": "best_by",
    "report_to": "report_to",
    "beta": "beta",
    "num_generations": "generations",
    "num_generations_eval": "generations",
    "max_completion_length": "max_new_tokens",
    "trust_remote_code": "trust_remote_code",
    "chat_template_path": "template",
    "completion_only_loss": "train_on",
    "assistant_only_loss": "train_on",
    "deepspeed": "distributed",
    "fsdp": "distributed",
    "resume_from_checkpoint": "--replace",
}

#: What the run stands on: with another value it would lose rows, spikes or its way back.
FIXED = {
    "dataset_kwargs": "the data is prepared before the trainer sees it",
    "eval_packing": "validation rows are packed as the others are",
    "logging_nan_inf_filter": "a loss that is no number must be seen",
    "logging_steps": "the guard looks at every step",
    "logging_strategy": "the guard looks at every step",
    "save_only_model": "a run could not go on without the optimizer's state",
    "remove_unused_columns": "the trainer keeps what it needs",
    "push_to_hub": "nothing leaves this machine; upload the result yourself",
    "auto_find_batch_size": "a batch that changes in silence changes the run; `train estimate` finds one",
    "dataloader_drop_last": "rows would be left out in silence",
    "disable_tqdm": "progress is told by the command",
    "shuffle_dataset": "the order follows from `seed`",
    "truncation_mode": "rows that are too long are treated by `over_long`, and listed",
    "model_init_kwargs": "the model is loaded before; see `precision`, `revision`, `flash_attention`",
    "ignore_data_skip": "a run that goes on would see rows twice",
}

_STAGE_KEYS = {
    "rewards": ("grpo",),
    "generations": ("grpo",),
    "max_new_tokens": ("grpo",),
    "beta": ("dpo", "kto", "orpo", "simpo", "grpo"),
    "packing": FROZEN,
    "train_on": ("sft",),
    "reasoning": ("sft",),
    "special": FROZEN,
}


def meaning_problems(config: TrainConfig) -> list[Problem]:
    """What no single key shows."""
    return [*_stage(config), *_method(config), *_length(config), *_optimizer(config), *_watching(config), *_trl(config)]


def _stage(config: TrainConfig) -> Iterator[Problem]:
    for key, stages in _STAGE_KEYS.items():
        if key in config.given and config.stage not in stages:
            yield Problem((key,), f"only {', '.join(stages)} reads this, saw `stage: {config.stage}`", on_key=False)
    if config.stage == "grpo" and not config.rewards:
        yield Problem((), "`stage: grpo` needs reward functions; write `rewards: [rewards.py:score]`")
    for index, name in enumerate(config.rewards):
        path, _, function = name.rpartition(":")
        if not path.endswith(".py") or not function.isidentifier():
            yield Problem(("rewards", index), f"expected `file.py:function`, saw {name!r}")
    if config.stage == "grpo":
        yield from _generations(config)
    if config.stage == "kto" and config.batch < 2:
        yield Problem(("batch",), "kto compares the answers of a batch: it needs 2 or more")
    if config.stage == "simpo" and config.beta == 0:
        yield Problem(("beta",), "simpo divides its margin by it; write a number above 0, such as 2")
    if config.stage == "pretrain" and "over_long" in config.given and config.over_long != "split":
        yield Problem(("over_long",), "documents are always split; leave the key out")
    if config.stage not in FROZEN and config.over_long == "split":
        yield Problem(("over_long",), "a comparison cannot be split; write drop or truncate")


def _generations(config: TrainConfig) -> Iterator[Problem]:
    n_together, n_answers = config.batch * config.accumulation, config.generations or 0
    if n_answers < 2:
        where = ("generations",) if "generations" in config.given else ("batch",)
        yield Problem(where, "grpo compares answers: it needs 2 or more, and batch × accumulation a multiple of them")
    elif n_together % n_answers:
        what = f"batch × accumulation = {n_together} is no multiple of {n_answers} answers to a prompt"
        yield Problem(("generations",), what)


def _method(config: TrainConfig) -> Iterator[Problem]:
    if "bits" in config.given and config.bits is not None and config.method != "qlora":
        yield Problem(("bits",), f"only `method: qlora` has bits, saw `method: {config.method}`")
    for part, methods in (("lora", ("lora", "qlora")), ("freeze", ("freeze",))):
        if config.method not in methods and any(key.partition(".")[0] == part for key in config.given):
            yield Problem((part,), f"only `method: {methods[0]}` reads this, saw `method: {config.method}`")
    variant = config.lora.variant
    if not config.has_adapter:
        return
    if variant in ("pissa", "olora") and (config.stage in ("dpo", "kto") or (config.stage == "grpo" and config.beta)):
        what = f"{variant} moves a part of the weights into the adapter, so the reference model would not be whole"
        yield Problem(("lora", "variant"), f"{what}; use lora, rslora or dora with `stage: {config.stage}`")
    if variant in ("pissa", "olora") and config.method == "qlora":
        what = f"{variant} reads the weights themselves, which quantised ones are not; use `method: lora`"
        yield Problem(("lora", "variant"), what)
    if config.lora.alpha > 8 * config.lora.rank:
        what = f"{config.lora.alpha} is {config.lora.alpha / config.lora.rank:.0f} times the rank, which damages models"
        yield Problem(("lora", "alpha"), f"{what}; twice the rank is usual, 8 times the most")


def _length(config: TrainConfig) -> Iterator[Problem]:
    if {"steps", "epochs"} <= config.given and config.steps is not None and config.epochs is not None:
        yield Problem(("steps",), "`steps` and `epochs` are both given; keep one")
    if config.steps is None and config.epochs is None:
        yield Problem((), "neither `epochs` nor `steps` has a value; give one")
    if config.warmup >= 1 and config.warmup != int(config.warmup):
        yield Problem(("warmup",), f"expected a share below 1 or a whole number of steps, saw {config.warmup:g}")


def _optimizer(config: TrainConfig) -> Iterator[Problem]:
    name = BY_TRAINER_NAME.get(config.optimizer, config.optimizer)
    known = OPTIMIZERS.get(name)
    if known is None:
        yield Problem(("optimizer",), f"{config.optimizer!r} is unknown{nearest(config.optimizer, OPTIMIZERS)}")
        return
    if known.is_projected and config.has_adapter:
        yield Problem(("optimizer",), f"{name} projects the gradients of whole layers; use it with `method: full`")
    if known.is_layerwise and "accumulation" in config.given and config.accumulation > 1:
        yield Problem(("accumulation",), f"{name} updates each layer at once and cannot accumulate; write 1")
    if known.is_layerwise and config.clip > 0:
        yield Problem(("clip",), f"{name} updates each layer at once and cannot clip; write 0")
    if config.has_adapter and config.lora.plus and known.package not in (None, "bitsandbytes"):
        yield Problem(("lora", "plus"), f"LoRA+ cannot be combined with {name}; use adamw or one of 8 bits")


def _watching(config: TrainConfig) -> Iterator[Problem]:
    if config.early_stopping and config.validation == 0.0:
        yield Problem(("early_stopping",), "needs a validation set; give `validation`")
    if config.evaluation and config.checkpoints and config.checkpoints % config.evaluation:
        what = f"{config.checkpoints} is no multiple of `evaluation` {config.evaluation}; the best could not be kept"
        yield Problem(("checkpoints",), what)


def _trl(config: TrainConfig) -> Iterator[Problem]:
    for key in config.trl:
        if key in OWNED:
            yield Problem(("trl", key), f"`{key}` is `{OWNED[key]}` here; give it there", on_key=True)
        elif key in FIXED:
            yield Problem(("trl", key), f"`{key}` cannot be given: {FIXED[key]}", on_key=True)
        elif near := difflib.get_close_matches(key, ("rank", "alpha"), n=1, cutoff=0.9):
            yield Problem(("trl", key), f"`{key}` is `lora.{near[0]}` here; give it there", on_key=True)
