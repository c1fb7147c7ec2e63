"""Trains: the model, its adapter, the stage's trainer of TRL, and what is saved at the end.

>>> ended = fit(plan)  # doctest: +SKIP
>>> ended.outcome, ended.step, ended.facts["trainable_parameters"]  # doctest: +SKIP
('finished', 120, 9232384)

This file and its neighbours `trainer_*.py` are the only ones that import TRL and PEFT.
"""

from __future__ import annotations

import errno
import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from tunesmith.curate.files.atomic import output_error
from tunesmith.errors import InputError, OutputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.preferences_tokenizer import tokenizer_of
from tunesmith.train.supervisor import checkpoints_of
from tunesmith.train.trainer_arguments import arguments_of, tools_of
from tunesmith.train.trainer_memory import out_of_memory
from tunesmith.train.trainer_model import check_packages, counts_of, load_model, numbers_of
from tunesmith.train.trainer_optimizers import check_optimizer, name_projected, set_lora_plus
from tunesmith.train.trainer_passed import blamed, check_passed
from tunesmith.train.trainer_peft import adapter_of, check_targets, keep_beginning, merge_adapter, save_adapter
from tunesmith.train.trainer_plan import Fitted, Plan, Start
from tunesmith.train.trainer_quiet import quiet
from tunesmith.train.watch import has_begun, how_it_ended, stand_ins, watched, watchers

__all__ = ["Fitted", "Plan", "Start", "check_settings", "fit", "merge_adapter"]

#: Beside the checkpoints: an adapter as it began, for variants that need it at the end.
BEGINNING = "beginning"


def check_settings(config: TrainConfig) -> None:
    """What can be told before anything is loaded.

    :raises InputError: for keys below `trl:` that are unknown or of another kind, and packages that are not installed.
    """
    check_optimizer(config.optimizer)
    check_packages(config)
    check_passed(config, tools_of(config.stage).config)


def fit(plan: Plan) -> Fitted:
    """One attempt at training: from the model, or from the checkpoint of `plan.attempt`.

    What was trained is written to `plan.paths.model` with its tokenizer and template, but after an incident.

    :raises InputError: where a model cannot be loaded or memory does not suffice.
    :raises OutputError: where a checkpoint cannot be written; the one before it stays.
    """
    with quiet(), _told(plan):
        trainer, callbacks = _trainer(plan)
        facts = counts_of(trainer.model)
        resume = str(plan.attempt.resume_from) if plan.attempt.resume_from else None
        with blamed(plan.config, partial(has_begun, callbacks)):
            trainer.train(resume_from_checkpoint=resume)
        ended = how_it_ended(callbacks)
        if ended.incident is None:
            _save(trainer, plan)
        best = trainer.state.best_model_checkpoint
        facts |= {"best_step": int(best.rpartition("-")[2])} if best else {}
        facts |= {"best_loss": trainer.state.best_metric} if best else {}
        del trainer, callbacks
    _free()
    return replace(ended, facts={**facts, **ended.facts})


def _free() -> None:
    """Give the memory of a model back: the next attempt loads it again."""
    import torch

    gc.collect()  # models and trainers hold themselves in circles
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _trainer(plan: Plan) -> tuple[Any, list[Any]]:
    config = plan.config
    arguments = arguments_of(plan)  # before the model, which ZeRO-3 then loads in pieces
    model = load_model(config, plan.start, "reward" if config.stage == "reward" else "causal")
    name_projected(arguments, config, model)
    check_targets(config, model)
    callbacks = watchers(
        plan.watch, plan.paths, attempt=plan.attempt, tokenizer=tokenizer_of(plan.template), progress=plan.progress
    )
    with blamed(config):
        trainer = watched(tools_of(config.stage).trainer)(
            model=model,
            args=arguments,
            train_dataset=_left_in(plan),
            eval_dataset=_validation(plan),
            processing_class=tokenizer_of(plan.template, own_tools=config.stage == "grpo"),
            callbacks=[*callbacks, *plan.callbacks],
            peft_config=adapter_of(config),
            **({"reward_funcs": list(plan.rewards)} if config.stage == "grpo" else {}),
        )
    _keep_numbers(trainer.model, config)
    if config.has_adapter and config.lora.plus:
        set_lora_plus(trainer, config)
    keep_beginning(trainer.model, config, plan.paths.out / BEGINNING)
    return trainer, callbacks


def _keep_numbers(model: Any, config: TrainConfig) -> None:
    """TRL rounds what is trained on a quantised model to bfloat16. Without autocast that would be small steps lost,
    and the head of a reward model could not take the numbers of the layer before it."""
    numbers = numbers_of(config, model.device.type)
    if config.method != "qlora" or numbers.autocast is not None:
        return
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(numbers.weights)


def _left_in(plan: Plan) -> Any:
    """The training set; in the place of rows that the supervisor left out stand others."""
    if not plan.attempt.leave_out:
        return plan.train
    return plan.train.select(stand_ins(plan.train["row_ids"], plan.attempt.leave_out))


def _validation(plan: Plan) -> Any:
    if not plan.validation:
        return None
    if plan.config.stage in ("orpo", "simpo"):  # their trainers map over it as over one set
        from datasets import DatasetDict

        sets: Any = dict(plan.validation)
        return DatasetDict(sets)
    return dict(plan.validation)


def _save(trainer: Any, plan: Plan) -> None:
    """The result, whole or not at all. Every process of a distributed run takes part: each holds a piece."""
    part = _part(plan)
    is_main = trainer.is_world_process_zero()
    if is_main:
        shutil.rmtree(part, ignore_errors=True)
    model = trainer.accelerator.unwrap_model(trainer.model)
    if trainer.args.world_size > 1:
        trainer.accelerator.wait_for_everyone()
        trainer.save_model(str(part))
    elif plan.config.has_adapter:
        save_adapter(model, plan.config, part, plan.paths.out / BEGINNING)
    else:
        model.save_pretrained(str(part))
    if not is_main:
        return
    for name in ("README.md", "training_args.bin"):  # a form for the hub, filled with nothing; paths of this machine
        (part / name).unlink(missing_ok=True)
    tokenizer_of(plan.template).save_pretrained(str(part))
    shutil.rmtree(plan.paths.model, ignore_errors=True)
    part.rename(plan.paths.model)


@contextmanager
def _told(plan: Plan) -> Iterator[None]:
    """Errors of libraries as messages for a person."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise out_of_memory(plan) from error
    except MemoryError as error:
        raise out_of_memory(plan) from error
    except UnpicklingError as error:
        raise _unsafe(plan) from error
    except OSError as error:
        _drop_half_written(plan)
        raise _unwritable(plan, error) from error
    except RuntimeError as error:
        if "not enough memory" in str(error) or "DefaultCPUAllocator" in str(error):
            raise out_of_memory(plan) from error
        if _is_disk(error):
            _drop_half_written(plan)
            raise _unwritable(plan, OSError(errno.ENOSPC, "No space left on device")) from error
        raise


def _unsafe(plan: Plan) -> InputError:
    what = "a file of this checkpoint is a pickle of more than numbers, which could run code, and was not opened"
    remedy = "find out who changed it; without that folder the run goes on from the checkpoint before it"
    return InputError(what, where=str(plan.attempt.resume_from or plan.start.model), remedy=remedy)


def _is_disk(error: BaseException) -> bool:
    text = str(error)
    return any(sign in text for sign in ("PytorchStreamWriter", "No space left", "file write failed", "os error 28"))


def _unwritable(plan: Plan, error: OSError) -> OutputError:
    known = output_error(error, str(plan.paths.checkpoints))
    if known is None:
        raise error
    good = checkpoints_of(plan.paths)
    stays = f"{good[-1].name} is whole; the same command goes on from it" if good else "no checkpoint was written yet"
    return OutputError(f"{known.what}; {stays}", where=known.where, remedy=known.remedy)


def _drop_half_written(plan: Plan) -> None:
    """Take away what was not written whole: it takes the room that the next attempt needs."""
    good = checkpoints_of(plan.paths)
    for folder in plan.paths.checkpoints.glob("checkpoint-*"):
        if folder not in good:
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(_part(plan), ignore_errors=True)


def _part(plan: Plan) -> Path:
    """Where the result is written before it takes its name."""
    return plan.paths.model.with_name(".model.part")
