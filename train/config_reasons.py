"""Every setting of a run with its reason: what a person wrote, and why each default is what it is.

>>> from tunesmith.train.config_models import TrainConfig
>>> config = TrainConfig(stage="sft", model="m", data=["d"], learning_rate=0.01)
>>> [one.why for one in explained(config) if one.key == "max_length"]
['most rows of instruction data are shorter; `train preflight` shows what yours need']
>>> [one.why[:35] for one in explained(config) if one.key == "learning_rate"]
['given; the default is 0.0001: the l']
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tunesmith.train.config_defaults import defaults
from tunesmith.train.config_models import PARTS, TrainConfig, given_keys

GIVEN = "given"

#: Keys that only some stages or methods read; the others need not see them.
_ONLY = {
    "rewards": ("grpo",),
    "generations": ("grpo",),
    "max_new_tokens": ("grpo",),
    "beta": ("dpo", "kto", "orpo", "simpo", "grpo"),
    "packing": ("sft", "pretrain"),
    "train_on": ("sft",),
    "reasoning": ("sft",),
    "special": ("sft", "pretrain"),
}


class Setting(NamedTuple):
    """One setting.

    :param key: `lora.rank` for `rank` inside `lora`.
    :param why: the reason of a default, or that it was given, with what the default would have been.
    """

    key: str
    value: Any
    why: str


def explained(config: TrainConfig) -> list[Setting]:
    """Every setting that the stage and method read, in the order of the settings."""
    values = config.model_dump(mode="json", exclude={"guard"})
    written = _as_written(config, values)
    table = defaults(written, config.n_parameters)
    found: list[Setting] = []
    for key in TrainConfig.model_fields:
        if key == "guard":
            guard = "off" if config.guard == "off" else config.guard.model_dump()
            found.append(_setting(config, key, guard, table[key].why, None))
            continue
        value = values[key]
        inside = PARTS.get(key) if isinstance(value, dict) else None
        names = [f"{key}.{name}" for name in inside.model_fields] if inside else [key]
        for name in filter(lambda name: _matters(config, name), names):
            seen = value[name.rpartition(".")[2]] if inside else value
            default = table.get(name)
            found.append(
                _setting(config, name, seen, default.why if default else "", default.value if default else None)
            )
    return found


def _as_written(config: TrainConfig, values: dict[str, Any]) -> dict[str, Any]:
    """What a person wrote, as plain data: the defaults are asked again from the same facts."""
    written: dict[str, Any] = {}
    for key in config.given:
        part, _, name = key.rpartition(".")
        if not part and key in values:
            written[key] = values[key]
        elif part and isinstance(values.get(part), dict):
            written.setdefault(part, {})[name] = values[part].get(name)
    return written


def _setting(config: TrainConfig, key: str, value: Any, why: str, default: Any) -> Setting:
    is_given = key in config.given or any(given.startswith(f"{key}.") for given in config.given)
    if not is_given:
        return Setting(key, value, why)
    if default is None or default == value:
        return Setting(key, value, GIVEN if not default else f"{GIVEN}, and the default: {why}")
    return Setting(key, value, f"{GIVEN}; the default is {default}: {why}")


def _matters(config: TrainConfig, key: str) -> bool:
    part = key.partition(".")[0]
    if part == "lora":
        return config.has_adapter
    if part == "freeze":
        return config.method == "freeze"
    if key == "bits":
        return config.method == "qlora"
    return config.stage in _ONLY.get(key, (config.stage,))


def settings_text(settings: list[Setting]) -> str:
    """The settings as lines: key, value, reason."""
    shown = [(one.key, _short(one.value), one.why) for one in settings]
    widths = [max(len(row[column]) for row in shown) for column in (0, 1)]
    return "\n".join(f"{key:<{widths[0]}}  {value:<{min(widths[1], 28)}}  {why}".rstrip() for key, value, why in shown)


def _short(value: Any) -> str:
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


__all__ = ["GIVEN", "Setting", "explained", "given_keys", "settings_text"]
