"""How fast a preflight goes, start-up included: 50,000 rows through a 32k tokenizer and its chat template.

    python benchmarks/preflight.py [--rounds 5] [--rows 2000] [--data ../shared/data/t0_50k.jsonl.xz] [--markdown
    docs/benchmarks/preflight.md]

The tokenizer is a byte-level BPE of 32,000 trained here on the rows themselves, with Qwen's marks and a chat template.
Each round is a fresh process, `tunesmith train preflight … --out`, with page, ledger and the comparison of every prompt
with what a server renders. Reported are medians over the rounds and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from page import Line, machine, spread, table

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data")) / "t0_50k.jsonl.xz"
COMMAND = [sys.executable, "-m", "tunesmith.cli", "train", "preflight"]
VOCABULARY = 32_000
MAX_LENGTH = 2048
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{{ (message['content'] or '') + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def main() -> None:
    """Measure, print, and write the table where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, help="only the first so many")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = take_rows(options.data, folder / "rows.jsonl", options.rows)
        make_tokenizer(data, folder / "model")
        rounds = [measure(data, folder / "model", folder / f"out{number}") for number in range(options.rounds)]
    text = page(rounds, options.data.name)
    print(text)
    if options.markdown:
        command = f"python benchmarks/preflight.py --rounds {options.rounds}"
        options.markdown.write_text(f"# Preflight\n\nMade by `{command}`.\n\n{text}\n", encoding="utf-8")


def take_rows(source: Path, target: Path, most: int | None) -> Path:
    """The rows unpacked, so that unpacking is not measured."""
    opener = lzma.open if source.suffix == ".xz" else open
    with opener(source, "rt", encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        out.writelines(islice(lines, most))
    return target


def make_tokenizer(data: Path, folder: Path) -> None:
    """A tokenizer with marks and a template, in a folder."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    core = ByteLevelBPETokenizer()
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    with data.open(encoding="utf-8") as lines:
        texts = (f"{row['prompt']}\n{row['completion']}" for row in map(json.loads, islice(lines, 20_000)))
        core.train_from_iterator(texts, vocab_size=VOCABULARY, special_tokens=marks, show_progress=False)
    made = PreTrainedTokenizerFast(tokenizer_object=core._tokenizer, eos_token=marks[2], pad_token=marks[0])
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)


def measure(data: Path, model: Path, out: Path) -> dict[str, Any]:
    """One fresh process: seconds, peak bytes, and its own figures."""
    wanted = ["--data", str(data), "--model", str(model), "--max-length", str(MAX_LENGTH), "--out", str(out), "--json"]
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *wanted], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stream = process.stderr
    said = stream.read().decode() if stream else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the preflight failed with {process.returncode}: {said}")
    figures = json.loads((out / "preflight.json").read_text(encoding="utf-8"))
    return {"seconds": seconds, "peak": usage.ru_maxrss * 1024, "figures": figures}


def page(rounds: list[dict[str, Any]], name: str) -> str:
    """The report, as Markdown."""
    figures = rounds[0]["figures"]
    tokens = sum(account["tokens"]["n_all"] for account in (figures["train"], *figures["validation"]))
    seconds = [one["seconds"] for one in rounds]
    middle = statistics.median(seconds)
    lines: list[Line] = [
        {
            "what": "whole command, start-up, page and ledger included",
            "median": f"{spread(seconds)} s",
            "wanted": "≤ 20 s",
        },
        {"what": "rows a second", "median": f"{figures['rows_in'] / middle:,.0f}"},
        {"what": "tokens a second", "median": f"{tokens / middle:,.0f}"},
        {"what": "peak memory", "median": f"{spread([one['peak'] / 1e6 for one in rounds], 0)} MB"},
    ]
    about = (
        f"`{name}`: {figures['rows_in']:,} rows, {tokens:,} tokens of a byte-level BPE of {VOCABULARY:,}, at most "
        f"{MAX_LENGTH:,} in an example. {machine()}; median of {len(rounds)} rounds (lowest to highest), each a fresh "
        "process."
    )
    return f"{about}\n\n{table(lines)}"


if __name__ == "__main__":
    main()
