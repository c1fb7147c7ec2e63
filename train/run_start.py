"""What a run starts from: a model, a training run's own folder, or an adapter, which is merged first.

>>> place = place_of("runs/pretrain-x")  # doctest: +SKIP
>>> place.words, place.is_adapter  # doctest: +SKIP
('runs/pretrain-x/model', True)

An adapter is merged into its base before anything new is trained on it, and not trained on: so the new adapter has the
rank and the layers that its own settings say, stands alone with the folder that it names as its base, and the reference
of dpo is the model as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tunesmith.curate.io import read_json_object
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.trainer_plan import Start
from tunesmith.train.types import RunPaths

_ADAPTER, _CONFIG = "adapter_config.json", "config.json"


class Place(NamedTuple):
    """Where a model is.

    :param words: where its tokenizer is.
    :param run: the training run that made it, where one did.
    """

    words: str
    run: Path | None
    is_adapter: bool


def place_of(model: str) -> Place:
    """Find a model by what a person named.

    :raises InputError: for a run that has not finished, and a folder that holds no model.
    """
    folder = Path(model)
    if not folder.is_dir():
        return Place(model, None, False)
    run = folder if (folder / "manifest.json").is_file() and not (folder / _CONFIG).is_file() else None
    if run is not None:
        folder = folder / "model"
        if not folder.is_dir():
            what = "is a training run without a model: it has not finished"
            raise InputError(what, where=model, remedy="start it again; it goes on where it stopped")
    is_adapter = (folder / _ADAPTER).is_file() and not (folder / _CONFIG).is_file()
    if not is_adapter and not (folder / _CONFIG).is_file():
        what = "holds no model (no config.json)"
        raise InputError(what, where=str(folder), remedy="name the folder of a model, or of a finished training run")
    words = str(folder)
    if is_adapter and not (folder / "tokenizer_config.json").is_file():
        words = str(read_json_object(folder / _ADAPTER).get("base_model_name_or_path"))
    return Place(words, run, is_adapter)


def weights_of(model: str, place: Place) -> list[str]:
    """The folders or hub names whose files make the weights that training starts from: an adapter has a base too."""
    folder = place.run / "model" if place.run else Path(model)
    base = read_json_object(folder / _ADAPTER).get("base_model_name_or_path") if place.is_adapter else None
    return [str(folder), *([str(base)] if base else [])]


def check_outside(model: str, out: Path) -> None:
    """:raises InputError: where the model lies in the folder that the run writes, and would be cleared with it."""
    inside, folder = Path(model).resolve(), out.resolve()
    if inside.is_dir() and (inside == folder or folder in inside.parents):
        what = f"the model {model} lies in the run's own folder, which --replace would clear"
        raise InputError(what, where=str(out), remedy="choose another --out")


def start_of(model: str, place: Place, paths: RunPaths, *, trust_remote_code: bool, progress: Progress) -> Start:
    """The whole model that training starts from; an adapter is merged into `base/` of this run, once.

    :raises InputError: where its base cannot be loaded.
    """
    if not place.is_adapter:
        whole = str(place.run / "model") if place.run else model
        return Start(whole, place.run)
    base = paths.out / "base"
    there = place.run / "merged" if place.run else None
    if there is not None and (there / _CONFIG).is_file() and not (base / _CONFIG).is_file():
        return Start(str(there), place.run)
    if not (base / _CONFIG).is_file():
        from tunesmith.train.trainer_peft import merge_adapter

        folder = place.run / "model" if place.run else Path(model)
        dtype = merge_adapter(folder, base, trust_remote_code=trust_remote_code)
        progress.say(f"{model} is an adapter: it was merged into its base ({dtype}), and training starts from {base}")
    return Start(str(base), place.run)
