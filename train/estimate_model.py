"""A model without weights, from its configuration alone, made ready for a method: trained, frozen, adapted, quantised.

>>> model = open_model({"model_type": "qwen2", …}, load)  # doctest: +SKIP
>>> counts_of(model, load).total  # doctest: +SKIP
7615616512
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from tunesmith.errors import InputError
from tunesmith.train import estimate_layers as layers
from tunesmith.train.estimate_types import Counts, Load

#: Names of attention functions that the library finds; see `estimate_layers`.
PLAIN, MASKED, EAGER = "tunesmith-fused", "tunesmith-masked", "tunesmith-eager"

_REMEDY = "give the folder of a causal language model, its config.json, or a name on a hub that can be reached"


def read_config(model: str | Mapping[str, Any], *, trust_remote_code: bool = False, revision: str | None = None) -> Any:
    """The configuration of a folder, a file, a name on the hub, or a mapping like `config.json`.

    :raises InputError: for what is not there, is no language model, or brings code of its own that nobody allowed.
    """
    from transformers import AutoConfig

    name = model if isinstance(model, str) else "the configuration"
    try:
        if isinstance(model, Mapping):
            found = dict(model)
            _refuse_code(found, name, trust_remote_code)
            return AutoConfig.for_model(found.pop("model_type", None), **found)
        place = Path(model)
        if place.is_dir() or place.suffix == ".json":
            _refuse_code(_json(place), name, trust_remote_code)
        return AutoConfig.from_pretrained(model, trust_remote_code=trust_remote_code, revision=revision)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        reason = " ".join(str(error).split())[:160]
        if "trust_remote_code" in reason:
            raise _code(name) from None
        raise InputError(f"has no configuration that can be read ({reason})", where=name, remedy=_REMEDY) from error


def _json(place: Path) -> dict[str, Any]:
    from tunesmith.curate.io import read_json_object

    return read_json_object(place / "config.json" if place.is_dir() else place)


def _refuse_code(found: Mapping[str, Any], name: str, is_trusted: bool) -> None:
    if "AutoModelForCausalLM" in (found.get("auto_map") or {}) and not is_trusted:
        from transformers.models.auto.configuration_auto import CONFIG_MAPPING

        if found.get("model_type") not in CONFIG_MAPPING:
            raise _code(name)


def _code(name: str) -> InputError:
    what = "brings Python code of its own, which would run as you"
    return InputError(what, where=name, remedy="read it, then add --trust-remote-code")


def build(config: Any, load: Load | None, *, name: str, trust_remote_code: bool = False) -> Any:
    """The model on the meta device, made ready for `load`, or as it is published for None; nothing is allocated.

    :raises InputError: where the library has no causal language model for the configuration.
    """
    from transformers import AutoModelForCausalLM

    _register()
    settings: dict[str, Any] = {"trust_remote_code": trust_remote_code}
    if load is not None:
        settings |= {"attn_implementation": _attention(load), "dtype": weights_dtype(load)}
    try:
        with torch.device("meta"), _Unset():
            model: Any = AutoModelForCausalLM.from_config(config, **settings)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, AttributeError, ImportError, TypeError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:160]
        what = f"a causal language model cannot be built from its configuration ({reason})"
        raise InputError(what, where=name, remedy="name a text model; others are not estimated") from error
    return model if load is None else _ready(model, load)


class _Unset(TorchFunctionMode):
    """No first values: there is no memory to put them in, and working them out took a third of the time."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init" and args:
            return args[0]
        return func(*args, **(kwargs or {}))


def _attention(load: Load) -> str:
    if load.attention == "eager":
        return EAGER
    return MASKED if load.attention == "sdpa" and load.padded else PLAIN


def shortened(config: Any, n_layers: int | None) -> Any:
    """The configuration with fewer layers."""
    if n_layers is None:
        return config
    found = copy.deepcopy(config)
    text = found.get_text_config()
    kinds = getattr(text, "layer_types", None)
    if kinds:
        text.layer_types = kinds[:n_layers]
    text.num_hidden_layers = n_layers
    return found


def like_layers(plain: Any) -> int | None:
    """How many layers a model has, where all are alike and nothing else is numbered; else None."""
    text = plain.config.get_text_config()
    stack = layers_of(plain)
    kinds = {tuple((name, tuple(one.shape)) for name, one in layer.named_parameters()) for layer in stack}
    is_one_kind = len(kinds) == 1 and len(set(getattr(text, "layer_types", None) or ["one"])) == 1
    return len(stack) if is_one_kind and len(stack) == getattr(text, "num_hidden_layers", None) else None


def weights_dtype(load: Load) -> torch.dtype:
    """Of the weights as they are loaded."""
    if load.precision == "fp32":
        return torch.float32
    if load.precision == "pure-bf16" or load.shard != "none":  # a sharded run keeps its float32 copy in shards
        return torch.bfloat16
    return torch.bfloat16 if load.has_adapter and load.frozen == "bf16" else torch.float32


def is_autocast(load: Load) -> bool:
    """Whether the products are cast as they are computed."""
    return load.precision == "bf16" and not (load.shard != "none" and not load.has_adapter)


def _ready(model: Any, load: Load) -> Any:
    model.train()
    model.config.use_cache = False
    trains = load.method == "full"
    for one in model.parameters():
        one.requires_grad_(trains)
    if load.liger:
        _fuse(model)
    if load.method == "freeze":
        _unfreeze(model, load)
    if load.method == "qlora":
        _quantise(model, load)
    if load.has_adapter:
        _adapt(model, load)
    if load.checkpointing:
        model.activation_checkpointing_enable()
        if load.has_adapter:
            model.enable_input_require_grads()
    model.traced_autocast = is_autocast(load)
    for one in model.modules():
        one.traced_device = load.device
    return model


def layers_of(model: Any) -> nn.ModuleList:
    """The stack of like layers, the longest list of modules there is."""
    lists = [one for one in model.modules() if isinstance(one, nn.ModuleList) and len(one)]
    if not lists:
        raise InputError("the model has no list of layers", remedy="train all of it, or an adapter")
    return max(lists, key=lambda one: (len(one), sum(p.numel() for p in one.parameters())))


def _unfreeze(model: Any, load: Load) -> None:
    stack = layers_of(model)
    if load.freeze_layers > len(stack):
        what = f"cannot train the last {load.freeze_layers} layers of a model that has {len(stack)}"
        raise InputError(what, remedy="lower --freeze-layers")
    for layer in list(stack)[-load.freeze_layers :]:
        layer.requires_grad_(True)


def _linears(model: Any) -> dict[str, nn.Linear]:
    """Linear layers but the head, by name."""
    head = model.get_output_embeddings()
    return {name: one for name, one in model.named_modules() if isinstance(one, nn.Linear) and one is not head}


def _quantise(model: Any, load: Load) -> None:
    for name, one in _linears(model).items():
        _put(model, name, layers.QuantisedLinear(one, load.bits, load.double))


def _adapt(model: Any, load: Load) -> None:
    head = model.get_output_embeddings()
    kinds = (nn.Linear, layers.QuantisedLinear)
    found = {name: one for name, one in model.named_modules() if isinstance(one, kinds) and one is not head}
    if load.targets != ("all-linear",):
        found = {name: one for name, one in found.items() if name.rpartition(".")[2] in load.targets}
    if not found:
        names = sorted({name.rpartition(".")[2] for name in _linears(model)})
        what = f"no linear layer is called {', '.join(load.targets)}"
        raise InputError(what, remedy=f"name some of {', '.join(names)}, or all-linear")
    quantised = load.method == "qlora"
    # TRL puts the adapter of a quantised model into bfloat16; PEFT keeps others in float32
    whole = load.precision == "bf16" and not quantised and load.shard != "zero3"
    dtype = torch.float32 if load.precision == "fp32" or whole else torch.bfloat16
    for name, one in found.items():
        settings: dict[str, Any] = {"dropout": load.dropout, "dora": load.dora, "dtype": dtype}
        made = layers.Adapted(one, load.rank, device=load.device, has_cast=not quantised, **settings)
        _put(model, name, made)


def _fuse(model: Any) -> None:
    """Liger's kernels, where the model has the usual parts."""
    for name, one in list(model.named_modules()):
        if type(one).__name__.endswith("RMSNorm") and isinstance(getattr(one, "weight", None), nn.Parameter):
            _put(model, name, layers.LigerNorm(one.weight))
        elif all(isinstance(getattr(one, part, None), nn.Linear) for part in ("gate_proj", "up_proj", "down_proj")):
            _put(model, name, layers.LigerGate(one))


def _put(model: Any, name: str, module: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, module)
    module.train()


def is_adapter(name: str) -> bool:
    """Whether a parameter of this name belongs to the adapter."""
    return bool(re.search(r"\.(lora_[AB]\.weight|magnitude)$", name))


def counts_of(model: Any, plain: Any, load: Load) -> Counts:
    """Parameters by what becomes of them.

    :param plain: the same model before a method changed it.
    """
    named = dict(model.named_parameters())
    adapter = sum(one.numel() for name, one in named.items() if is_adapter(name))
    packed = {name for name, one in model.named_modules() if isinstance(one, layers.QuantisedLinear)}
    quantised = sum(one.shape[0] * one.shape[1] for one in model.modules() if isinstance(one, layers.QuantisedLinear))
    kept = _kept(plain, {name.replace(".base_layer", "") for name in packed}) if packed else ()
    return Counts(
        total=sum(one.numel() for one in plain.parameters()),
        trained=sum(one.numel() for one in named.values() if one.requires_grad),
        adapter=adapter,
        quantised=quantised,
        kept=kept,
        largest_unit=max(sum(p.numel() for p in layer.parameters()) for layer in layers_of(plain)),
    )


def _kept(plain: Any, packed: set[str]) -> tuple[str, ...]:
    """The last names of modules with weights that stay as they are."""
    names = [
        name
        for name, one in plain.named_modules()
        if name not in packed and next(one.parameters(recurse=False), None) is not None
    ]
    return tuple(dict.fromkeys(name.rpartition(".")[2] for name in names))


def _register() -> None:
    """Make our attention known to the library, by names of our own."""
    from transformers import AttentionInterface, AttentionMaskInterface

    def no_mask(*_: Any, **__: Any) -> None:
        return None

    def mask(batch_size: int, q_length: int, kv_length: int, **_: Any) -> Any:
        return torch.empty((batch_size, 1, q_length, kv_length), dtype=torch.bool, device="meta")

    def scores_mask(batch_size: int, q_length: int, kv_length: int, dtype: Any = torch.float32, **_: Any) -> Any:
        return torch.empty((batch_size, 1, q_length, kv_length), dtype=dtype, device="meta")

    for name, function, made in (
        (PLAIN, layers.fused_attention, no_mask),
        (MASKED, layers.fused_attention, mask),
        (EAGER, layers.eager_attention, scores_mask),
    ):
        AttentionInterface.register(name, function)
        AttentionMaskInterface.register(name, made)
