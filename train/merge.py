"""`tunesmith train merge`: a run's adapter put into the weights of its model.

>>> merge_run(Path("runs/medical"), Path("runs/medical/merged"))  # doctest: +SKIP
{'out': 'runs/medical/merged', 'adapter': 'runs/medical/model', 'dtype': 'bfloat16'}
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tunesmith.errors import InputError, OutputError
from tunesmith.train.types import RunPaths

DTYPES = ("auto", "float32", "bfloat16", "float16")
_ADAPTER, _CONFIG = "adapter_config.json", "config.json"


def merge_run(
    folder: Path, out: Path, *, dtype: str = "auto", trust_remote_code: bool = False, replace: bool = False
) -> dict[str, Any]:
    """Write the whole model into `out`.

    :param folder: a run, or the folder of an adapter.
    :param dtype: of the weights that are written; `auto` for what the base is stored in.
    :raises InputError: where there is no adapter, or its base cannot be loaded.
    :raises OutputError: where `out` holds something that is no merged model, or is one and `replace` is not given.
    """
    from tunesmith.train.trainer import merge_adapter

    if dtype not in DTYPES:
        raise InputError(f"expected the dtype {', '.join(DTYPES)}, saw {dtype!r}", remedy="correct --dtype")
    adapter = adapter_of(folder)
    _make_room(out, adapter, replace=replace)
    written = merge_adapter(adapter, out, dtype=dtype, trust_remote_code=trust_remote_code)
    return {"out": str(out), "adapter": str(adapter), "dtype": written}


def adapter_of(folder: Path) -> Path:
    """The adapter in a run's folder, or the folder itself.

    :raises InputError: where there is none.
    """
    paths = RunPaths(folder)
    for place in (paths.model, paths.out):
        if (place / _ADAPTER).is_file():
            return place
    if any((place / _CONFIG).is_file() for place in (paths.model, paths.out)):
        remedy = "use it as it is: only adapters are merged"
        raise InputError("is a whole model, with nothing to merge", where=str(folder), remedy=remedy)
    remedy = "name a run that has finished, or the folder of an adapter"
    raise InputError("holds no adapter", where=str(folder), remedy=remedy)


def _make_room(out: Path, adapter: Path, *, replace: bool) -> None:
    if out.resolve() == adapter.resolve():
        raise OutputError("is the adapter itself", where=str(out), remedy="choose another --out")
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    is_model = out.is_dir() and (out / _CONFIG).is_file() and not (out / "manifest.json").exists()
    if not is_model:
        raise OutputError("is not empty and no merged model", where=str(out), remedy="choose another --out")
    if not replace:
        raise OutputError("holds a model already", where=str(out), remedy="choose another --out, or add --replace")
    shutil.rmtree(out)
