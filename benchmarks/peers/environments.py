"""The peers' environments: which packages at which versions, each set in a virtual environment of its own.

>>> python = make_environment("rensa", Path("~/.cache/tunesmith-benchmarks").expanduser())  # doctest: +SKIP
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

#: What pip installs, call by call. Data-Juicer installs what an operator lacks at run time (torch among it), so that
#: is listed too, and torch goes first because pip would take a build with GPU libraries for it.
PACKAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "datatrove": (("datatrove[io,processing]==0.10.1", "spacy==3.8.18"),),
    "data-juicer": (
        ("torch==2.13.0",),
        ("py-data-juicer==1.6.1", "aiohttp==3.14.5", "scipy==1.17.1", "ray==2.60.0", "msgpack==1.2.4"),
    ),
    "datasketch": (("datasketch==2.0.0", "numpy==2.4.6"),),
    "rensa": (("rensa==0.5.0", "numpy==2.4.6"),),
}

#: The package that carries the peer's name, for its version.
VERSIONS = {
    name: next(
        package.split("==")[1] for call in calls for package in call if package.split("==")[0].split("[")[0] in own
    )
    for name, own, calls in ((name, {name, f"py-{name}"}, calls) for name, calls in PACKAGES.items())
}


def make_environment(name: str, work: Path) -> Path:
    """The Python of a peer's environment, made where it is not there yet or was made of other packages."""
    folder = work / "venvs" / name
    made = folder / "made.json"
    wanted = json.dumps(PACKAGES[name])
    python = folder / "bin" / "python"
    if made.exists() and made.read_text() == wanted:
        return python
    print(f"making the environment of {name} in {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    for packages in PACKAGES[name]:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    made.write_text(wanted)
    return python


def offline(cache: Path) -> dict[str, str]:
    """The variables of a peer's process: no network, and caches of its own, so that no run finds another's results."""
    caches = {name: str(cache / name.lower()) for name in ("HF_HOME", "DATA_JUICER_CACHE_HOME")}
    return {**os.environ, **caches, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "UV_OFFLINE": "1"}
