"""The settings of a training as YAML text: made from the advice, changed key by key, checked by the library.

>>> with_settings("stage: sft\\nbatch: 8  # what fits\\n", {"batch": 4, "accumulation": 2})
'stage: sft\\nbatch: 4\\naccumulation: 2\\n'
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from tunesmith.curate.io import write_bytes
from tunesmith.errors import InputError, TunesmithError
from tunesmith.ui.train_models import allowed_places
from tunesmith.ui.train_plans import ADVISED, SETTINGS, Plan, keep_plan, plan_folder, settings_path
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.train.config import TrainConfig

#: Advised for a method, and wrong for another.
_OF_METHOD = ("learning_rate", "schedule", "batch", "accumulation", "lora")
#: Advised for a stage, and wrong for another.
_OF_STAGE = (*_OF_METHOD, "epochs", "early_stopping", "warmup", "weight_decay", "clip")
_KEY = re.compile(r"([A-Za-z_]\w*):")


class Checked(NamedTuple):
    """What the library says of the settings: read, or every mistake at once."""

    config: TrainConfig | None
    mistake: TunesmithError | None


def first_settings(plan: Plan, advised: str = "") -> str:
    """The settings that a training begins with.

    :param advised: what `train advise --out` wrote; empty to begin with the defaults.
    """
    chosen = plan.chosen
    data = chosen.data if chosen.group == "domain" else f"{chosen.group}={chosen.data}"
    text = advised or with_settings("", {"stage": chosen.stage, "model": chosen.model, "data": [data]})
    found = yaml.safe_load(text)
    changes: dict[str, Any] = {} if found.get("model") == chosen.model else {"model": chosen.model}
    if found.get("stage") != chosen.stage:
        changes |= dict.fromkeys(_OF_STAGE) | {"stage": chosen.stage}
    if chosen.method not in (ADVISED, found.get("method")):
        changes |= dict.fromkeys(_OF_METHOD) | {"method": chosen.method}
    return with_settings(text, changes)


def with_settings(text: str, changes: Mapping[str, Any]) -> str:
    """A YAML text with some of its keys changed, the others and their comments as they are.

    :param changes: by key of the first level; None takes a key away.
    """
    blocks = _blocks(text)
    for key, value in changes.items():
        if value is None:
            blocks.pop(key, None)
        else:
            blocks[key] = f"{key}: {_value(value)}\n"
    return "".join(blocks.values())


def _value(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**6).strip()
    return text.removesuffix("...").strip()  # what closes a scalar that stands alone


def _blocks(text: str) -> dict[str, str]:
    """Each key of the first level with its lines; what stands above the first has the key ``""``."""
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        begins = _KEY.match(line)
        key = begins[1] if begins else key
        found[key] = found.get(key, "") + line + "\n"
    return found


def read_settings(workspace: Workspace, plan: Plan) -> str | None:
    """The settings as text; None before they were made."""
    try:
        return settings_path(workspace, plan).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write_settings(workspace: Workspace, plan: Plan, text: str) -> None:
    """Keep them, mistakes and all.

    :raises OutputError: where the workspace cannot be written.
    """
    write_bytes(settings_path(workspace, plan), text.encode())


def plan_again(workspace: Workspace, plan: Plan) -> Plan:
    """A new plan of the same choices, with the settings of this one.

    :raises OutputError: where the workspace cannot be written.
    """
    made = keep_plan(workspace, plan.name, plan.chosen)
    text = read_settings(workspace, plan)
    if text is not None:
        write_settings(workspace, made, text)
    return made


def check_settings(workspace: Workspace, plan: Plan) -> Checked:
    """What the library says of the settings, and whether they stay within what this page may use."""
    from tunesmith.train.config import read_config

    path = plan_folder(workspace, plan.name) / SETTINGS
    try:
        config = read_config(path, _found_here(workspace, path), stage=plan.chosen.stage)  # type: ignore[arg-type]
        config = config.model_copy(update={"model": _relative(workspace, config.model)})
    except TunesmithError as error:
        return Checked(None, InputError(error.what, where=SETTINGS, remedy=error.remedy))
    problems = [*_outside(workspace, config)]
    if not problems:
        return Checked(config, None)
    return Checked(None, InputError("\n  ".join(["cannot be used here", *problems]), where=SETTINGS))


def _found_here(workspace: Workspace, path: Path) -> dict[str, Any]:
    """The model's folder from this process's own, so that defaults that follow its size are those of the run."""
    try:
        model = yaml.safe_load(path.read_text(encoding="utf-8"))["model"]
        folder = workspace.root.resolve() / model
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return {}
    return {"model": str(folder)} if folder.is_dir() else {}


def _relative(workspace: Workspace, model: str) -> str:
    root = workspace.root.resolve()
    path = Path(model)
    return str(path.relative_to(root)) if path.is_absolute() and path.is_relative_to(root) else model


def _outside(workspace: Workspace, config: TrainConfig) -> Iterable[str]:
    """Paths that leave the workspace, and code that would run as the person who started the app."""
    places = [workspace.root.resolve(), *allowed_places()]
    given = {"data": config.data, "rewards": config.rewards, "model": (config.model,)}
    given |= {"template": _texts(config.template), "kept": _texts(config.kept)}
    if not isinstance(config.validation, float | int):
        given["validation"] = config.validation
    for key, values in given.items():
        for value in values:
            if _leaves(workspace.root, value, places):
                where = " or ".join(["the workspace", *([os.environ["TUNESMITH_MODELS"]] if places[1:] else [])])
                yield f"`{key}`: {value} is not in {where}; move it there, or train on the command line"
    if config.trust_remote_code:
        yield "`trust_remote_code`: code that comes with a model runs as you; read it, then train on the command line"


def _texts(path: Path | None) -> tuple[str, ...]:
    return () if path is None else (str(path),)


def _leaves(root: Path, value: str, places: list[Path]) -> bool:
    """Whether a path, perhaps with `group=` before it, leaves all places. A name on the hub is none."""
    path = value.partition("=")[2] if "=" in value else value
    if path.startswith("hub:"):
        return False
    whole = Path(os.path.normpath(root.resolve() / path))  # a link that the owner put there may lead on
    return ".." in Path(path).parts or not any(whole.is_relative_to(place) for place in places)
