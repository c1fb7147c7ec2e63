"""Write `requirements.lock`: every pin of `constraints.txt` with the SHA-256 of each file that the registry has of it.

    make lock                       # or, with uv on the path: python -m supply.lock

uv resolves for every Python and system at once, so one lock serves Linux, macOS and Windows. torch is not in it: which
build is right depends on the accelerator, and every build of one version has hashes of its own. So it is installed
first, as the Makefile does, and everything else from the lock:

    pip install --constraint constraints.txt torch
    pip install --require-hashes --no-deps --requirement requirements.lock
    pip install --no-deps --editable .

It needs a registry of Python packages; no address of one ends up in the file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from supply.pins import CONSTRAINTS, LOCK, NOT_LOCKED, OF_TORCH, ROOT, disagreements, read_constraints, read_lock

_HEAD = """\
# Every pin of constraints.txt with the hashes of its files, for all systems; made by `make lock`, not by hand.
# Without torch, which is installed first, for its build depends on the accelerator: docs/security.md says how.
"""
#: Never on a Python that runs Tunesmith: httpx2's way out of a browser.
_NOT_OURS = ("httpx2-jsfetch",)


def resolve(out: Path) -> None:
    """Let uv write the pins of all extras, torch and what is torch's with them.

    :raises SystemExit: where uv is missing or the pins do not fit together.
    """
    settings = ["--universal", "--python-version", "3.11", "--all-extras", "--generate-hashes", "--no-config"]
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    files = ["--constraint", str(CONSTRAINTS), "--output-file", str(out), str(ROOT / "pyproject.toml")]
    left_out = [f"--no-emit-package={name}" for name in (*NOT_LOCKED, *_NOT_OURS)]
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else "uv"
    try:
        subprocess.run([uv, "pip", "compile", *settings, *plain, *left_out, *files], check=True)
    except FileNotFoundError:
        sys.exit("expected uv beside this Python or on the path, found none; run `make lock`, which installs it")
    except subprocess.CalledProcessError as error:
        sys.exit(f"uv could not resolve the pins (exit code {error.returncode}); what it said stands above")


def without_torch(text: str) -> str:
    """The lock without the lines of what only a torch with CUDA brings."""
    kept: list[str] = []
    is_kept = True
    for line in text.splitlines():
        if not line.startswith(" "):
            is_kept = not OF_TORCH.fullmatch(line.partition("==")[0])
        if is_kept:
            kept.append(line)
    return "\n".join(kept) + "\n"


def main() -> None:
    """The command line."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / LOCK.name
        resolve(made)
        text = _HEAD + without_torch(made.read_text(encoding="utf-8"))
    locked = read_lock(text)
    LOCK.write_text(text, encoding="utf-8")
    print(f"{len(locked)} packages with {sum(len(one.hashes) for one in locked.values()):,} hashes in {LOCK.name}")
    for line in (wrong := disagreements(read_constraints(), locked)):
        print(f"  {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
