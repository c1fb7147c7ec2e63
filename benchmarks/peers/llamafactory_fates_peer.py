# ruff: noqa: BLE001 (whatever ends a run is what is looked for)
# pyright: reportMissingImports=false
"""LLaMA-Factory 0.9.5 itself over some data sets, row by row and as a whole; runs in its own environment.

python llamafactory_fates_peer.py JOBS.json OUT.json

Its own loader reads each file, its own converter and processor take each row; a row is encoded twice, at its cutoff
and without one, so that a cut is seen. Only `torchaudio`, which no text needs, is an empty stand-in: there is no build
of it for every torch.
"""

import importlib.machinery
import json
import sys
import types
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_stand_in = types.ModuleType("torchaudio")
_stand_in.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = _stand_in

from llamafactory.data import loader  # noqa: E402
from llamafactory.data.converter import get_dataset_converter  # noqa: E402
from llamafactory.data.parser import get_dataset_list  # noqa: E402
from llamafactory.data.template import get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

_ENDLESS = 10_000_000
_MODEL = SimpleNamespace(cache_dir=None, hf_hub_token=None)
_TRAINING = SimpleNamespace(seed=0, local_process_index=0, should_log=False, predict_with_generate=False)


def main(jobs: str, out: str) -> None:
    """Every job of a list."""
    found = [{"name": job["name"], **run(job)} for job in json.loads(Path(jobs).read_text(encoding="utf-8"))]
    Path(out).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def run(job: dict[str, Any]) -> dict[str, Any]:
    """The whole run as a user would start it, and every row by itself."""
    tokenizer = AutoTokenizer.from_pretrained(job["tokenizer"], trust_remote_code=False)
    arguments = DataArguments(template=job["template"], cutoff_len=job["cutoff"], dataset_dir=job["folder"])
    arguments.packing = job["stage"] == "pt"  # its parser says so where nobody does
    template = get_template_and_fix_tokenizer(tokenizer, arguments)
    return {"whole": whole(job, arguments, template, tokenizer), "rows": rows(job, arguments, template, tokenizer)}


def whole(job: dict[str, Any], arguments: Any, template: Any, tokenizer: Any) -> dict[str, Any]:
    """How many examples the run would train on, or what ends it."""
    try:
        merged = loader._get_merged_dataset([job["entry"]], _MODEL, arguments, _TRAINING, job["stage"])
        ready = loader._get_preprocessed_dataset(merged, arguments, _TRAINING, job["stage"], template, tokenizer)
        next(iter(ready))
        return {"examples": len(ready)}
    except StopIteration:
        return {"error": "no valid sample is left"}
    except Exception as error:
        return {"error": told(error)}


def rows(job: dict[str, Any], arguments: Any, template: Any, tokenizer: Any) -> list[dict[str, Any]] | None:
    """What becomes of each row; None where the file cannot be loaded, or is none for this stage."""
    [attributes] = get_dataset_list([job["entry"]], job["folder"])
    if attributes.ranking != (job["stage"] == "rm"):
        return None
    convert = get_dataset_converter(attributes.formatting, attributes, arguments)
    try:
        data = loader.load_dataset("json", data_files=str(Path(job["folder"]) / attributes.dataset_name), split="train")
    except Exception:  # the whole run says why
        return None
    laid = [tried(convert, row) for row in data]
    cut = loader._get_dataset_processor(arguments, job["stage"], template, tokenizer, None)
    endless = DataArguments(template=job["template"], cutoff_len=_ENDLESS, dataset_dir=job["folder"])
    whole_row = loader._get_dataset_processor(endless, job["stage"], template, tokenizer, None)
    if job["stage"] == "pt":
        return []
    return [one(place, laid, job["stage"], cut, whole_row) for place in range(len(laid))]


def tried(convert: Any, row: Any) -> dict[str, Any]:
    """The row laid out, or the error that laying it out ends with."""
    try:
        return dict(convert(row))
    except Exception as error:
        return {"error": told(error)}


def one(place: int, laid: list[dict[str, Any]], stage: str, cut: Any, whole_row: Any) -> dict[str, Any]:
    """One row, with the answer of the row before it where the stage wants that."""
    if "error" in laid[place]:
        return {"outcome": "crash", "error": laid[place]["error"]}
    batch = [laid[place]]
    if stage == "kto":
        before = laid[place - 1]
        neighbour = {**laid[place], "_prompt": [], "_response": before.get("_response", [])}
        batch = [neighbour, laid[place]]  # the first is dropped, for it has no prompt; its answer is all that counts
    columns = {name: [row[name] for row in batch] for name in laid[place]}
    try:
        short, full = (sizes(processor.preprocess_dataset(columns)) for processor in (cut, whole_row))
    except Exception as error:
        return {"outcome": "crash", "error": told(error)}
    if not full:
        return {"outcome": "drop"}
    return {"outcome": "keep" if short == full else "cut", "n_tokens": full, "n_lost": full - short}


def sizes(made: dict[str, list[list[int]]]) -> int:
    """Tokens that are read for a row: of both sides of a pair, with the question in each."""
    names = ("input_ids", "chosen_input_ids", "rejected_input_ids")
    return sum(len(made[name][-1]) for name in names if made.get(name))


def told(error: BaseException) -> str:
    """The error behind the error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"[:200]


if __name__ == "__main__":
    main(*sys.argv[1:])
