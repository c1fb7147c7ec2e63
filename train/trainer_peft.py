"""Adapters: their configuration, saving them so that they fit the model they were made for, and merging.

>>> merge_adapter(Path("runs/medical/model"), Path("runs/medical/merged"))  # doctest: +SKIP
'float32'

PiSSA and OLoRA move a part of the base weights into the adapter when training begins. What is saved is converted: an
adapter of twice the rank that fits the base as it is, so that prediction, servers and merging need to know nothing.
"""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from tunesmith.curate.files.atomic import output_error
from tunesmith.curate.io import read_json_object
from tunesmith.curate.local_model import short_reason
from tunesmith.errors import InputError
from tunesmith.train.config_models import Lora, TrainConfig
from tunesmith.train.trainer_quiet import quiet

MARK = "adapter_config.json"
#: Variants that change the base when they begin.
MOVES_WEIGHTS = ("pissa", "olora")


def adapter_of(config: TrainConfig) -> Any | None:
    """The configuration of the adapter that a run trains; None where it trains none."""
    if not config.has_adapter:
        return None
    from peft import LoraConfig

    is_reward = config.stage == "reward"
    lora = config.lora
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets if isinstance(lora.targets, str) else list(lora.targets),
        task_type="SEQ_CLS" if is_reward else "CAUSAL_LM",
        modules_to_save=["score"] if is_reward else None,
        use_rslora=lora.variant == "rslora",
        use_dora=lora.variant == "dora",
        init_lora_weights=_initial(lora),
    )


def _initial(lora: Lora) -> Any:
    return lora.variant if lora.variant in MOVES_WEIGHTS else True


def check_targets(config: TrainConfig, model: Any) -> None:
    """:raises InputError: where `lora.targets` names layers that the model does not have, be it one of several."""
    targets = config.lora.targets
    if not config.has_adapter or targets == "all-linear":
        return
    from torch.nn import Linear

    names = [name for name, _ in model.named_modules()]
    if isinstance(targets, str):
        absent = [] if any(re.fullmatch(targets, name) for name in names) else [targets]
    else:
        absent = [one for one in targets if not any(name == one or name.endswith(f".{one}") for name in names)]
    if absent or not targets:
        linear = sorted({name.rpartition(".")[2] for name, part in model.named_modules() if isinstance(part, Linear)})
        what = f"no layer of the model is called {', '.join(map(repr, absent))}" if absent else "names no layer"
        raise InputError(what, where="lora.targets", remedy=f"write all-linear, or some of {', '.join(linear)}")


def keep_beginning(model: Any, config: TrainConfig, folder: Path) -> None:
    """Save an adapter as it begins, where saving it at the end needs that; a run that goes on has it already."""
    if config.has_adapter and config.lora.variant in MOVES_WEIGHTS and not (folder / MARK).is_file():
        adapter = model.peft_config["default"]
        before = adapter.init_lora_weights
        adapter.init_lora_weights = True  # or loading it would move weights once more
        try:
            model.save_pretrained(str(folder))
        finally:
            adapter.init_lora_weights = before


def save_adapter(model: Any, config: TrainConfig, folder: Path, beginning: Path) -> None:
    """Save an adapter so that it fits its base model as that is."""
    if config.lora.variant not in MOVES_WEIGHTS:
        model.save_pretrained(str(folder))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about loading two adapters at once, which is over right away
        model.save_pretrained(str(folder), path_initial_model_for_weight_conversion=str(beginning))


def merge_adapter(folder: Path, out: Path, *, dtype: str = "auto", trust_remote_code: bool = False) -> str:
    """Write a whole model: the base of an adapter with the adapter in its weights, its tokenizer and its template.

    An adapter that was trained on quantised weights goes into the weights that were quantised: the base is loaded
    whole, in `dtype`. What rounding does to the answers is small and not nothing; compare with `evaluate compare`.

    :param folder: of the adapter, such as `runs/medical/model`.
    :param dtype: of the result; `auto` for what the base is stored in.
    :returns: the dtype that was written.
    :raises InputError: where the folder holds no adapter, or its base cannot be loaded.
    """
    with quiet():
        whole = _joined(_whole_base(folder, dtype, trust_remote_code), folder)
        whole.config.use_cache = True
        part = out.with_name(f".{out.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            whole.save_pretrained(str(part))
            _copy_words(folder, part)
            shutil.rmtree(out, ignore_errors=True)
            part.rename(out)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise output_error(error, str(out)) or error from error
    return str(whole.dtype).removeprefix("torch.")


def _whole_base(folder: Path, dtype: str, trust_remote_code: bool) -> Any:
    """The model that an adapter names, not quantised."""
    import torch
    from safetensors import SafetensorError

    base = _base_of(folder)
    settings = {"num_labels": 1} if _is_reward(folder) else {}
    wish = "auto" if dtype == "auto" else getattr(torch, dtype)
    try:
        return _kind(folder).from_pretrained(base, dtype=wish, trust_remote_code=trust_remote_code, **settings)
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError, UnpicklingError) as error:
        what = f"the base model {base} cannot be loaded ({short_reason(error)})"
        raise InputError(what, where=str(folder), remedy="put it where the adapter names it") from error


def _joined(model: Any, folder: Path) -> Any:
    from peft import PeftModel
    from safetensors import SafetensorError

    try:
        return PeftModel.from_pretrained(model, str(folder)).merge_and_unload(safe_merge=True)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError, UnpicklingError) as error:
        remedy = "give the adapter with the model that it was trained on"
        raise InputError(f"cannot be merged ({short_reason(error)})", where=str(folder), remedy=remedy) from error


def _base_of(folder: Path) -> str:
    if not (folder / MARK).is_file():
        remedy = "give the folder that training wrote, such as runs/medical/model"
        raise InputError(f"expected an adapter ({MARK}), found none", where=str(folder), remedy=remedy)
    base = read_json_object(folder / MARK).get("base_model_name_or_path")
    if not base:
        raise InputError("is an adapter that does not name its model", where=str(folder), remedy="name it in the file")
    return str(base)


def _is_reward(folder: Path) -> bool:
    return read_json_object(folder / MARK).get("task_type") == "SEQ_CLS"


def _kind(folder: Path) -> Any:
    import transformers

    if _is_reward(folder):
        return transformers.AutoModelForSequenceClassification
    return transformers.AutoModelForCausalLM


#: Files of a tokenizer and of how a model generates.
_WORDS = (
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "generation_config.json",
)
#: Where transformers keeps the templates of a tokenizer that has several, such as `tool_use`.
_TEMPLATES = "additional_chat_templates"


def _copy_words(folder: Path, out: Path) -> None:
    for name in _WORDS:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, out / name)
    if (folder / _TEMPLATES).is_dir():
        shutil.copytree(folder / _TEMPLATES, out / _TEMPLATES, dirs_exist_ok=True)
