"""What TRL is told for each stage: our settings in its words, and its own settings passed through.

>>> arguments_of(plan)  # doctest: +SKIP
SFTConfig(output_dir='runs/medical/checkpoints', …)
"""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any, NamedTuple

from tunesmith.curate.local_model import short_reason
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.trainer_model import device_type, numbers_of
from tunesmith.train.trainer_optimizers import optimizer_of
from tunesmith.train.trainer_passed import refused
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


def arguments_of(plan: Plan, *, device: str | None = None) -> Any:
    """The settings object of the stage's trainer.

    It is made before the model is loaded: under ZeRO-3 it is what tells the loading to keep a piece in each process.

    :param device: `cpu`, `cuda` or `mps`; None for what is here.
    :raises InputError: where it refuses a value below `trl:`.
    """
    config = plan.config
    device = device or device_type()
    settings = {
        **_common(plan, device),
        **_precision(config, device),
        "optim": optimizer_of(config).trainer,
        **_evaluation(plan),
        **_of_stage(config),
        **_passed(config),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return tools_of(config.stage).config(**settings)
    except (TypeError, ValueError, ImportError) as error:
        raise refused(config, error) from error


def _passed(config: TrainConfig) -> dict[str, Any]:
    """What stands below `trl:`. Special tokens in the prompts of grpo stay text whatever else a template is given; the
    rows of dpo and kto say so themselves."""
    if config.stage != "grpo":
        return config.trl
    given = config.trl.get("chat_template_kwargs") or {}
    return {**config.trl, "chat_template_kwargs": {"sanitize_control_tokens": True, **given}}


def _common(plan: Plan, device: str) -> dict[str, Any]:
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
        "dataloader_pin_memory": device == "cuda",
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
