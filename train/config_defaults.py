"""What a run does where its settings are silent, each value with its reason.

>>> defaults({"stage": "sft", "method": "qlora", "model": "m"}, None)["learning_rate"].value
0.0002
>>> defaults({"stage": "sft", "lora": {"rank": 64}}, None)["lora.alpha"].value
128
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from tunesmith.train.config_optimizers import OPTIMIZERS
from tunesmith.train.types import STAGES

PREFERENCE = ("dpo", "kto", "orpo", "simpo")
ADAPTERS = ("lora", "qlora")

_BILLION = 1_000_000_000


class Default(NamedTuple):
    """A value, and why it is that."""

    value: Any
    why: str


class Facts(NamedTuple):
    """What the defaults depend on."""

    stage: str
    method: str
    n_parameters: int | None
    given: Mapping[str, Any]

    @property
    def has_adapter(self) -> bool:
        return self.method in ADAPTERS

    @property
    def size(self) -> str:
        """The model's size in a person's words."""
        if self.n_parameters is None:
            return "a model whose size is not known here"
        billions = self.n_parameters / _BILLION
        return f"a model of {billions:.2g}B" if billions >= 0.1 else f"a model of {self.n_parameters / 1e6:.2g}M"

    def is_below(self, billions: float) -> bool:
        return self.n_parameters is not None and self.n_parameters < billions * _BILLION


def defaults(data: Mapping[str, Any], n_parameters: int | None) -> dict[str, Default]:
    """The default of every key, `lora.rank` for `rank` inside `lora`, given the keys that stand in `data`."""
    stage, method = data.get("stage"), data.get("method", "lora")
    known = str(stage) if stage in STAGES else "sft"
    facts = Facts(known, str(method), n_parameters, data)
    found = {key: Default(value, why) for key, (value, why) in _PLAIN.items()}
    for key, rule in _RULES.items():
        found[key] = rule(facts)
    return found


def _method(facts: Facts) -> Default:
    return Default("lora", "an adapter forgets less than full training, and needs far less memory")


def _learning_rate(facts: Facts) -> Default:
    if facts.stage in (*PREFERENCE, "grpo"):
        if facts.has_adapter:
            return Default(1e-5, "ten times the rate of full training, which adapters bear; its own trainer has 1e-6")
        return Default(1e-6, "what the stage's trainer has for full training; higher rates break the model")
    if not facts.has_adapter:
        why = "the lowest of what guides give for full training (1e-5 to 5e-5); above 2e-5 a model forgets"
        return Default(1e-5, why)
    low, rule = (2e-4, "2e-4 to 1e-3 for QLoRA") if facts.method == "qlora" else (1e-4, "1e-4 to 5e-4 for LoRA")
    if facts.is_below(1):
        return Default(5e-4, f"the lowest rate in both ranges: {rule}, 5e-4 to 1e-3 for {facts.size} (below 1B)")
    return Default(low, f"the lowest of what guides give: {rule}, for {facts.size}")


def _epochs(facts: Facts) -> Default:
    if "steps" in facts.given and facts.given["steps"] is not None:
        return Default(None, "`steps` is given")
    if facts.stage in ("pretrain", "grpo", *PREFERENCE):
        return Default(1.0, "one pass: this stage overfits soon on what it has seen")
    return Default(3.0, "in every range of the guides up to 100,000 rows; 1 or 2 for more, see `train advise`")


def _batch(facts: Facts) -> Default:
    if facts.stage == "grpo":
        return Default(8, "one prompt with its 8 answers at a time")
    table = ((3, 8), (10, 4), (40, 2))
    found = next((batch for limit, batch in table if facts.is_below(limit)), 1)
    if facts.n_parameters is None:
        return Default(4, "the usual for 7B; the size of this model is not known here")
    return Default(found, f"what a device usually holds for {facts.size}; ask `train estimate`")


def _accumulation(facts: Facts) -> Default:
    known = OPTIMIZERS.get(str(facts.given.get("optimizer")))
    if known and known.is_layerwise:
        return Default(1, "this optimizer updates each layer at once and cannot accumulate")
    batch = facts.given.get("batch")
    batch = batch if isinstance(batch, int) and batch > 0 else _batch(facts).value
    return Default(max(1, round(32 / batch)), "batch × accumulation = 32 on one device")


def _schedule(facts: Facts) -> Default:
    known = OPTIMIZERS.get(str(facts.given.get("optimizer")))
    if known and known.has_own_schedule:
        return Default("constant_with_warmup", "this optimizer averages its weights itself and wants a steady rate")
    if facts.has_adapter:
        return Default("constant_with_warmup", "guides give a constant rate for LoRA, a cosine for full training")
    return Default("cosine", "guides give a cosine for full training, a constant rate for LoRA")


def _warmup(facts: Facts) -> Default:
    return Default(0.1, "a tenth of the steps; below 1 a share of them, from 1 on their number")


def _clip(facts: Facts) -> Default:
    known = OPTIMIZERS.get(str(facts.given.get("optimizer")))
    if known and known.is_layerwise:
        return Default(0.0, "this optimizer has updated a layer before the length of all gradients is known")
    return Default(1.0, "gradients longer than this are shortened; guides give .5 to 1")


def _checkpointing(facts: Facts) -> Default:
    if facts.is_below(1):
        return Default(False, f"{facts.size} has small activations; computing them twice costs a quarter of the time")
    return Default(True, "saves most of the activations' memory for a quarter of the time; LoRA needs it as much")


def _beta(facts: Facts) -> Default:
    values = {
        "dpo": (0.1, "the usual strength of the pull to the reference model"),
        "kto": (0.1, "the usual strength of the pull to the reference model"),
        "orpo": (0.1, "the usual weight of the odds ratio"),
        "simpo": (2.0, "SimPO's rewards are means over tokens; its paper has 2 to 2.5"),
        "grpo": (0.0, "no pull to a reference model, which then takes no memory"),
    }
    return Default(*values.get(facts.stage, (None, "this stage has none")))


def _bits(facts: Facts) -> Default:
    if facts.method != "qlora":
        return Default(None, "only QLoRA quantises the base model")
    return Default(4, "NF4 with double quantisation, the QLoRA paper's setting")


def _rank(facts: Facts) -> Default:
    if not facts.has_adapter:
        return Default(16, "not used: this method has no adapter")
    return Default(16, "8 for small data, 16 for more; see `train advise`")


def _alpha(facts: Facts) -> Default:
    lora = facts.given.get("lora")
    rank = lora.get("rank") if isinstance(lora, Mapping) else None
    rank = rank if isinstance(rank, int) and rank > 0 else _rank(facts).value
    variant = lora.get("variant") if isinstance(lora, Mapping) else None
    if variant == "rslora":  # scaled by the root of the rank: 2 · rank would be far too much
        return Default(max(1, round(2 * math.sqrt(rank))), "rsLoRA divides by √rank: the same scale 2 as α = 2 · rank")
    if variant in ("pissa", "olora"):
        return Default(rank, "the adapter starts as a part of the weights themselves: scale 1")
    return Default(2 * rank, "twice the rank; far more damages the model")


def _early(facts: Facts) -> Default:
    return Default(None, "off: training runs to its end, and the best checkpoint is kept all the same")


def _generations(facts: Facts) -> Default:
    if facts.stage != "grpo":
        return Default(None, "only grpo writes answers while it trains")
    batch = facts.given.get("batch") or _batch(facts).value
    steps = facts.given.get("accumulation") or _accumulation(facts).value
    whole = batch * steps if isinstance(batch, int) and isinstance(steps, int) else 8
    return Default(math.gcd(8, whole), "8 answers to each prompt, or what divides batch × accumulation")


#: Defaults that depend on nothing.
_PLAIN: dict[str, tuple[Any, str]] = {
    "template": (None, "the one that comes with the model's tokenizer"),
    "validation": (0.1, "a tenth, which guides agree on, where the data brings no validation set of its own"),
    "seed": (0, "any number: the same one gives the same run"),
    "max_length": (2048, "most rows of instruction data are shorter; `train preflight` shows what yours need"),
    "train_on": ("answers", "a model that learns questions too learns to ask them"),
    "reasoning": ("trained", "thoughts before an answer are a part of it"),
    "special": ("escape", "a mark such as <|im_end|> inside a row's text stays text"),
    "over_long": ("drop", "a cut answer teaches to stop in the middle; dropped rows are listed"),
    "packing": (False, "off: steps then count rows; with short rows it saves time, see `train preflight`"),
    "steps": (None, "`epochs` counts"),
    "optimizer": ("adamw", "what all rates in the guides were found with"),
    "weight_decay": (0.01, "the lowest of what guides give (.01 to .1)"),
    "lora.dropout": (0.05, "the lowest of what guides give (.05 to .2); adapters on little data overfit"),
    "lora.targets": ("all-linear", "every linear layer but the head: better than attention alone at equal size"),
    "lora.variant": ("lora", "the plain one; rslora for high ranks, dora and pissa cost time for a little quality"),
    "lora.plus": (None, "off: both halves of the adapter learn at one rate; LoRA+ has 16 for the second"),
    "freeze.layers": (2, "train the last two layers and leave the others as they are"),
    "neftune": (None, "off; 5 adds noise to the embeddings, which helps chat style and hurts exact facts"),
    "precision": ("auto", "float32 on a CPU, mixed bfloat16 on a GPU that has it, else mixed float16"),
    "flash_attention": (False, "needs its own package and a GPU; torch's attention is nearly as fast below 4k tokens"),
    "liger": (False, "needs its own package and a GPU"),
    "evaluation": (None, "every tenth of the run"),
    "checkpoints": (None, "at every evaluation, or every tenth of the run without one"),
    "keep": (3, "enough for the guard to go back; more fills the disk"),
    "best_by": (None, "the loss on `domain`, or on the first validation set"),
    "guard": ({}, "on: a spike or a loss that is no number stops the run at once, is named, and is rolled back"),
    "shallow_scale": (1.0, "off: all layers' gradients count in full; below 1 the shallow layers move less"),
    "kept": (None, "off; a file of questions whose answers must not be forgotten, asked at every evaluation"),
    "rewards": ([], "only grpo has reward functions"),
    "trust_remote_code": (False, "code that comes with a model runs as you; read it first"),
    "revision": (None, "the newest of a hub name; a commit makes the run repeatable"),
    "report_to": ([], "TensorBoard always; wandb, mlflow or swanlab on request"),
    "distributed": (None, "one device"),
    "merge": (False, "an adapter is small and predicts as it is; merge for servers without adapters"),
    "max_new_tokens": (256, "room for an answer while grpo trains"),
    "trl": ({}, "anything of the stage's TRL settings that has no key here"),
    "out": (None, "given with --out, or `runs/<stage>-<name of the model>`"),
}

_RULES = {
    "method": _method,
    "epochs": _epochs,
    "batch": _batch,
    "accumulation": _accumulation,
    "learning_rate": _learning_rate,
    "schedule": _schedule,
    "warmup": _warmup,
    "clip": _clip,
    "activation_checkpointing": _checkpointing,
    "beta": _beta,
    "bits": _bits,
    "lora.rank": _rank,
    "lora.alpha": _alpha,
    "early_stopping": _early,
    "generations": _generations,
}


def filled(data: Mapping[str, Any], n_parameters: int | None) -> dict[str, Any]:
    """`data` with the default of every key that it leaves out; nested parts too, where they are mappings."""
    whole = dict(data)
    for key, default in defaults(data, n_parameters).items():
        part, _, name = key.rpartition(".")
        if not part:
            whole.setdefault(key, default.value)
            continue
        inside = whole.get(part, {})
        if isinstance(inside, Mapping):
            whole[part] = {name: default.value, **inside}
    return whole
