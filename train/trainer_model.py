"""The weights that are trained: loaded in the right precision, quantised or partly frozen on request.

>>> model = load_model(config, start, "causal")  # doctest: +SKIP
>>> freeze_all_but(model, layers=2)  # doctest: +SKIP
['model.layers.22', 'model.layers.23']
"""

from __future__ import annotations

import importlib.util
from pickle import UnpicklingError
from typing import Any, Literal, NamedTuple

from tunesmith.curate.local_model import short_reason
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.trainer_plan import Start
from tunesmith.train.watch_rows import check_reports

Head = Literal["causal", "reward"]


class Numbers(NamedTuple):
    """In what numbers a run calculates.

    :param weights: dtype of the weights in memory.
    :param autocast: dtype of the matrix products where it is another.
    """

    weights: Any
    autocast: Any | None


def numbers_of(config: TrainConfig, device: str) -> Numbers:
    """The numbers of a run on a device, `cpu` or `cuda`.

    Mixed keeps the weights that are trained in float32 and multiplies in 16 bits; the frozen base of an adapter needs
    no more than 16 bits.
    """
    import torch

    wish = config.precision
    if wish == "auto":
        wish = "float32" if device == "cpu" else "mixed"
    if wish == "float32":
        return Numbers(torch.float32, None)
    if wish == "bfloat16":
        return Numbers(torch.bfloat16, None)
    half = torch.float16 if device == "cuda" and not torch.cuda.is_bf16_supported() else torch.bfloat16
    return Numbers(half if config.has_adapter else torch.float32, half)


def device_type() -> str:
    """Where a run goes: `cuda` where there is one, else `cpu` (or `mps`)."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(config: TrainConfig, start: Start, head: Head) -> Any:
    """The model, ready to be trained.

    :raises InputError: where it is not here, would run code that nobody allowed, or needs a package that is not here.
    """
    import torch
    import transformers
    from safetensors import SafetensorError

    check_packages(config)
    kind: Any = (
        transformers.AutoModelForCausalLM if head == "causal" else transformers.AutoModelForSequenceClassification
    )
    settings = _settings(config, device_type())
    if head == "reward":
        settings["num_labels"] = 1
    torch.manual_seed(config.seed)  # the head of a reward model is new
    try:
        model, info = kind.from_pretrained(start.model, **settings, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError, UnpicklingError) as error:
        raise _unloadable(start.model, error) from error
    missing = [name for name in info["missing_keys"] if head == "causal" or not name.startswith("score")]
    if missing:  # the library would fill them at random
        what = f"has no weights for {', '.join(sorted(missing)[:3])}"
        raise InputError(what, where=start.model, remedy="name a causal language model, with its head")
    if config.method == "freeze":
        freeze_all_but(model, layers=config.freeze.layers)
    return model


def _settings(config: TrainConfig, device: str) -> dict[str, Any]:
    numbers = numbers_of(config, device)
    settings: dict[str, Any] = {
        "dtype": numbers.weights,
        "revision": config.revision,
        "trust_remote_code": config.trust_remote_code,
    }
    if config.flash_attention:
        settings["attn_implementation"] = "flash_attention_2"
    if config.method == "qlora":
        settings["quantization_config"] = _quantised(config, numbers, device)
        settings["device_map"] = {"": _place(device)}
    return settings


def _place(device: str) -> Any:
    import os

    return int(os.environ.get("LOCAL_RANK", "0")) if device == "cuda" else device


def _quantised(config: TrainConfig, numbers: Numbers, device: str) -> Any:
    import torch
    import transformers

    made: Any = transformers.BitsAndBytesConfig  # without types
    compute = numbers.autocast or (torch.float32 if device == "cpu" else torch.bfloat16)
    if config.bits == 8:
        return made(load_in_8bit=True)
    return made(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def check_packages(config: TrainConfig) -> None:
    """:raises InputError: where the settings ask for what this machine does not have."""
    check_reports(config.report_to)
    has_gpu = device_type() == "cuda"
    if config.method == "qlora" and not _installed("bitsandbytes"):
        raise InputError("QLoRA needs bitsandbytes, which is not installed", remedy="pip install 'tunesmith[train]'")
    for wished, key, package, line in (
        (config.flash_attention, "flash_attention", "flash_attn", "pip install flash-attn --no-build-isolation"),
        (config.liger, "liger", "liger_kernel", "pip install liger-kernel"),
    ):
        if wished and not has_gpu:
            raise InputError(f"`{key}: true` needs a CUDA GPU, and none is here", remedy=f"leave `{key}` out")
        if wished and not _installed(package):
            raise InputError(f"`{key}: true` needs {package}, which is not installed", remedy=line)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _unloadable(name: str, error: BaseException) -> InputError:
    text = str(error)
    if "trust_remote_code" in text:
        what = "brings code of its own, which nobody allowed to run"
        return InputError(what, where=name, remedy="read it, then write `trust_remote_code: true` if you trust it")
    offline = "offline" in text.lower() or "couldn't connect" in text.lower() or "cached files" in text
    what = "is not on this machine, and the hub cannot be asked" if offline else "cannot be loaded"
    remedy = "give the folder of a causal language model, or a name on the hub"
    return InputError(f"{what} ({short_reason(error)})", where=name, remedy=remedy)


def layers_of(model: Any) -> tuple[str, Any]:
    """The stack of decoder layers and its name: the longest list of like modules.

    :raises InputError: where there is none.
    """
    from torch.nn import ModuleList

    stacks = [(name, module) for name, module in model.named_modules() if isinstance(module, ModuleList)]
    if not stacks:
        raise InputError("has no stack of layers to freeze", remedy="use `method: lora`")
    return max(stacks, key=lambda stack: len(stack[1]))


def freeze_all_but(model: Any, *, layers: int) -> list[str]:
    """Leave only the last `layers` layers to be trained (and the head of a reward model); their names.

    :raises InputError: where the model has fewer.
    """
    name, stack = layers_of(model)
    if layers > len(stack):
        raise InputError(f"`freeze.layers` is {layers}, the model has {len(stack)} layers", remedy="lower it")
    model.requires_grad_(False)
    for layer in stack[len(stack) - layers :]:
        layer.requires_grad_(True)
    if hasattr(model, "score"):
        model.score.requires_grad_(True)
    return [f"{name}.{index}" for index in range(len(stack) - layers, len(stack))]


def counts_of(model: Any) -> dict[str, int]:
    """How many parameters a model has, and how many are trained; packed 4-bit weights count as what they hold."""
    trained, every = 0, 0
    for parameter in model.parameters():
        packed = 2 if parameter.__class__.__name__ == "Params4bit" else 1
        n = parameter.numel() * packed * (parameter.element_size() if packed == 2 else 1)
        every += n
        trained += n if parameter.requires_grad else 0
    return {"trainable_parameters": trained, "all_parameters": every}
