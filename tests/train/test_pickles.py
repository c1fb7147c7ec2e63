"""Files of models and checkpoints that would run code if they were unpickled: they are refused, and nothing runs."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from tests.train.stage_rows import run, settings  # noqa: E402
from tests.train.test_run_again import unfinished  # noqa: E402
from tunesmith.curate.local_model import load_causal  # noqa: E402
from tunesmith.errors import InputError  # noqa: E402
from tunesmith.evaluate import predict_model  # noqa: E402
from tunesmith.train.run import train_run  # noqa: E402


class Bomb:
    """What a pickle holds that makes a folder when it is loaded."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.place),)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


def plant(path: Path, place: Path) -> None:
    torch.save({"weight": Bomb(place)}, path)


def test_the_bomb_goes_off_where_a_pickle_is_loaded(tmp_path: Path, place: Path) -> None:
    plant(tmp_path / "x.bin", place)
    torch.load(tmp_path / "x.bin", weights_only=False)
    assert place.is_dir()
    place.rmdir()
    pickle.loads(pickle.dumps(Bomb(place)))  # noqa: S301 (ours)
    assert place.is_dir()


def pickled_model(folder: Path, tiny_model: Path, place: Path) -> Path:
    shutil.copytree(tiny_model, folder)
    (folder / "model.safetensors").unlink()
    plant(folder / "pytorch_model.bin", place)
    return folder


def test_a_model_of_pickled_code_is_refused_by_all_that_load_models(
    tmp_path: Path, tiny_model: Path, place: Path
) -> None:
    folder = pickled_model(tmp_path / "model", tiny_model, place)
    with pytest.raises(InputError, match="cannot be loaded"):
        load_causal(str(folder), device="cpu", dtype="auto")
    with pytest.raises(InputError, match="cannot be loaded"):
        run(tmp_path, folder)
    assert not place.exists()


def test_an_adapter_of_pickled_code_is_refused(tmp_path: Path, tiny_model: Path, place: Path) -> None:
    run(tmp_path, tiny_model)
    adapter = tmp_path / "run" / "model"
    (adapter / "adapter_model.safetensors").unlink()
    plant(adapter / "adapter_model.bin", place)
    with pytest.raises(InputError, match="cannot be loaded"):
        predict_model.load(str(tiny_model), adapter=adapter, revision=None, device="cpu", dtype="auto")
    assert not place.exists()


@pytest.fixture(scope="module")
def half_done(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The folder of a run of two steps that was killed after the first."""
    folder = tmp_path_factory.mktemp("half-done")
    run(folder, tiny_model, checkpoints=1)
    unfinished(folder / "run")
    shutil.rmtree(folder / "run" / "checkpoints" / "checkpoint-2")
    return folder


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth"])
def test_a_run_does_not_go_on_from_a_checkpoint_of_pickled_code(
    half_done: Path, tmp_path: Path, tiny_model: Path, place: Path, name: str
) -> None:
    folder = Path(shutil.copytree(half_done, tmp_path / "again"))
    file = folder / "run" / "checkpoints" / "checkpoint-1" / name
    assert file.is_file()
    plant(file, place)
    with pytest.raises(InputError, match=r"checkpoint-1: .* could run code, and was not opened; "):
        train_run(settings(half_done, tiny_model, checkpoints=1), folder / "run")
    assert not place.exists()


def test_the_arguments_beside_a_checkpoint_are_never_read(
    half_done: Path, tmp_path: Path, tiny_model: Path, place: Path
) -> None:
    folder = Path(shutil.copytree(half_done, tmp_path / "again"))
    plant(folder / "run" / "checkpoints" / "checkpoint-1" / "training_args.bin", place)
    result = train_run(settings(half_done, tiny_model, checkpoints=1), folder / "run")
    assert (result["outcome"], result["step"]) == ("finished", 2)
    assert not place.exists()


def test_a_model_that_brings_code_is_not_run_and_nobody_is_asked(tmp_path: Path, place: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    code = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model", "AutoTokenizer": ["evil.Words", None]}
    config = {"model_type": "evil", "auto_map": code, "tokenizer_class": "Words"}
    for name in ("config.json", "tokenizer_config.json"):
        (folder / name).write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"import os; os.mkdir({str(place)!r})")
    with pytest.raises(InputError, match="brings Python code of its own, which is not run here"):
        load_causal(str(folder), device="cpu", dtype="auto")
    assert not place.exists()


def test_an_embedding_model_that_names_code_is_not_run(tmp_path: Path, place: Path) -> None:
    pytest.importorskip("sentence_transformers")
    from tunesmith.curate.embedding_model import open_embedder

    folder = tmp_path / "embedder"
    folder.mkdir()
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]))
    (folder / "config_sentence_transformers.json").write_text("{}")
    (folder / "evil.py").write_text(f"import os; os.mkdir({str(place)!r})")
    with pytest.raises(InputError, match="could not load it"):
        open_embedder(str(folder))
    assert not place.exists()


def test_code_of_models_is_off_in_every_stage() -> None:
    from tunesmith.train.config_defaults import defaults
    from tunesmith.train.types import STAGES

    assert {defaults({"stage": stage}, None)["trust_remote_code"].value for stage in STAGES} == {False}
