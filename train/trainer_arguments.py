"""What TRL is told for each stage: our settings in its words, and its own settings passed through.

>>> arguments_of(plan, model)  # doctest: +SKIP
SFTConfig(output_dir='runs/medical/checkpoints', …)
>>> check_trl(config)  # doctest: +SKIP
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import os
import warnings
from typing import Any, NamedTuple

from tunesmith.curate.local_model import short_reason
from tunesmith.curate.recipe_errors import nearest
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.trainer_model import device_type, numbers_of
from tunesmith.train.trainer_optimizers import optimizer_arguments
from tunesmith.train.trainer_plan import Plan
from tunesmith.train.types import FROZEN, Stage


class Tools(NamedTuple):
    """The classes of a stage in TRL."""

    trainer: Any
    config: Any


def tools_of(stage: Stage) -> Tools:
    """The trainer of a stage and its settings.

    :raises InputError: where the extra `train` is not installed.
    """
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    try:
        _be_silent()
        return _tools(stage)
    except ImportError as error:
        raise InputError(
            f"training needs TRL ({short_reason(error)})", remedy="pip install 'tunesmith[train]'"
        ) from None


def _be_silent() -> None:
    """TRL tells its makers what is trained on what hardware; a run of ours tells nobody."""
    import huggingface_hub.constants as hub

    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    hub.HF_HUB_DISABLE_TELEMETRY = True


#: Of TRL itself: stage and the beginning of its classes' names.
_STABLE: dict[Stage, str] = {
    "sft": "SFT",
    "pretrain": "SFT",
    "dpo": "DPO",
    "kto": "KTO",
    "reward": "Reward",
    "grpo": "GRPO",
}


def _tools(stage: Stage) -> Tools:
    if stage in _STABLE:
        library: Any = importlib.import_module("trl")
        return Tools(getattr(library, f"{_STABLE[stage]}Trainer"), getattr(library, f"{_STABLE[stage]}Config"))
    if stage == "orpo":
        from trl.experimental.orpo import ORPOConfig, ORPOTrainer

        return Tools(ORPOTrainer, ORPOConfig)
    from trl.experimental.cpo import CPOConfig, CPOTrainer

    return Tools(CPOTrainer, CPOConfig)


def check_trl(config: TrainConfig) -> None:
    """:raises InputError: for keys below `trl:` that the stage's trainer does not know, all of them."""
    known = [field.name for field in dataclasses.fields(tools_of(config.stage).config)]
    wrong = [f"`{key}`{nearest(key, known) if _is_near(key, known) else ''}" for key in config.trl if key not in known]
    if wrong:
        what = f"the trainer of `stage: {config.stage}` does not know {', '.join(wrong)}"
        raise InputError(what, where="trl", remedy=f"see {tools_of(config.stage).config.__name__} of TRL")


def _is_near(key: str, known: list[str]) -> bool:
    return bool(difflib.get_close_matches(key, known, n=1))


def arguments_of(plan: Plan, model: Any) -> Any:
    """The settings object of the stage's trainer.

    :raises InputError: where it refuses a value below `trl:`.
    """
    config = plan.config
    device = "cpu" if model.device.type == "cpu" else device_type()
    settings = {
        **_common(plan),
        **_precision(config, device),
        **optimizer_arguments(config, model),
        **_evaluation(plan),
        **_of_stage(config),
        **config.trl,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return tools_of(config.stage).config(**settings)
    except (TypeError, ValueError, ImportError) as error:
        where = "trl" if config.trl else "the settings"
        raise InputError(f"the trainer refuses them ({short_reason(error)})", where=where) from error


def _common(plan: Plan) -> dict[str, Any]:
    config = plan.config
    length = {"max_steps": config.steps} if config.steps is not None else {"num_train_epochs": config.epochs}
    return {
        "output_dir": str(plan.paths.checkpoints),
        "seed": config.seed,
        "per_device_train_batch_size": config.batch,
        "per_device_eval_batch_size": config.batch,
        "gradient_accumulation_steps": config.accumulation,
        "learning_rate": config.learning_rate * plan.attempt.rate_scale,
        **length,
        "lr_scheduler_type": config.schedule,
        "warmup_steps": config.warmup if config.warmup < 1 else int(config.warmup),
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.clip,
        "neftune_noise_alpha": config.neftune,
        "use_liger_kernel": config.liger,
        "activation_checkpointing": config.activation_checkpointing,
        "report_to": list(config.report_to),
        "run_name": plan.paths.out.name,
        "disable_tqdm": True,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "dataloader_pin_memory": device_type() == "cuda",
    }


def _precision(config: TrainConfig, device: str) -> dict[str, Any]:
    import torch

    autocast = numbers_of(config, device).autocast
    on_cpu = {"use_cpu": True} if device == "cpu" else {}
    return {"bf16": autocast == torch.bfloat16, "fp16": autocast == torch.float16, **on_cpu}


def _evaluation(plan: Plan) -> dict[str, Any]:
    """Checkpoints lie where evaluations do, so that the best one can be kept."""
    saving = {
        "save_strategy": "steps",
        "save_steps": plan.checkpoints,
        "save_total_limit": plan.config.keep,
        "save_only_model": False,
    }
    if not plan.validation:
        return {**saving, "eval_strategy": "no"}
    return {
        **saving,
        "eval_strategy": "steps",
        "eval_steps": plan.evaluation,
        "load_best_model_at_end": True,
        "metric_for_best_model": plan.best_by,
        "greater_is_better": False,
    }


def _of_stage(config: TrainConfig) -> dict[str, Any]:
    found: dict[str, Any] = {"beta": config.beta} if config.beta is not None else {}
    if config.stage in FROZEN:
        # rows are encoded, cut and packed before; the trainer must not touch them
        found |= {"dataset_kwargs": {"skip_prepare_dataset": True}, "max_length": None}
        found["padding_free"] = config.packing
    elif config.stage == "grpo":
        found["num_generations"] = config.generations
        found["max_completion_length"] = config.max_new_tokens
    else:
        found["max_length"] = config.max_length
    if config.stage == "simpo":  # without the likelihood term CPO is SimPO; its paper: margin / beta = 0.5
        found |= {"loss_type": "simpo", "cpo_alpha": 0.0, "simpo_gamma": 0.5 * (config.beta or 1.0)}
    return found
