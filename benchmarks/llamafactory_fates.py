"""Does LLaMA-Factory 0.9.5 do with rows what `train preflight --for llamafactory` says it will?

python benchmarks/llamafactory_fates.py --markdown docs/benchmarks/llamafactory_fates.md

LLaMA-Factory itself, in an environment of its own, reads exports of real rows (Alpaca, ShareGPT, OpenAI messages,
pairs, labels, documents) and rows that were planted with a fault each. What it does with each row, whole, cut, dropped,
or the end of the run, stands beside what was predicted; the exit code is 1 where any row differs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from llamafactory_rows import PLANTED, Planted
from measured import measure
from page import machine, table
from peers.environments import PACKAGES, make_environment, offline

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.export import format_for
from tunesmith.curate.formats.catalog import write_row
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Record
from tunesmith.curate.registry import write_registry
from tunesmith.errors import CannotHold, RowError
from tunesmith.train.predicted import OUTCOMES, Predicted, predict_for
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import Stage

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("TUNESMITH_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
#: What pip installs: what reading, converting and encoding of text needs, and nothing of its web page and its media.
LLAMAFACTORY: tuple[tuple[str, ...], ...] = (
    ("torch==2.13.0",),
    ("--no-deps", "llamafactory==0.9.5"),
    (
        *("transformers==5.6.0", "datasets==4.0.0", "peft==0.18.1", "accelerate==1.11.0", "trl==0.24.0"),
        *("omegaconf", "pyyaml", "sentencepiece", "tiktoken", "protobuf", "scipy", "einops", "packaging", "pandas"),
        *("pillow", "tyro<0.9.0", "fire"),
    ),
)
STAGES: dict[str, Stage] = {"sft": "sft", "rm": "dpo", "kto": "kto", "pt": "pretrain"}
#: Real rows: file, how many, kind, and the formats that they are exported in.
REAL = (
    ("alpaca_en_demo.json", 120, "sft", ("alpaca", "sharegpt", "openai")),
    ("alpaca_zh_demo.json", 120, "sft", ("alpaca", "sharegpt", "openai")),
    ("huatuo_med_zh.json", 60, "sft", ("alpaca", "sharegpt", "openai")),
    ("glaive_toolcall_en_demo.json", 100, "sft", ("sharegpt",)),
    ("glaive_toolcall_zh_demo.json", 100, "sft", ("sharegpt",)),
    ("dpo_en_demo.json", 80, "preference", ("sharegpt", "alpaca")),
    ("dpo_zh_demo.json", 80, "preference", ("sharegpt", "alpaca")),
    ("kto_en_demo.json", 120, "kto", ("sharegpt", "openai")),
    ("c4_demo.jsonl", 60, "text", ("text",)),
)
KIND_STAGES = {"sft": "sft", "preference": "rm", "kto": "kto", "text": "pt"}


class Job(NamedTuple):
    """One data set under one template and cutoff."""

    name: str
    entry: str
    stage: str
    template: str
    cutoff: int
    planted: bool
    has_tools: bool = False


class Compared(NamedTuple):
    """A job with what was predicted and what was done. `rows` is None where LLaMA-Factory could not read the file."""

    job: Job
    told: Predicted
    whole: dict[str, Any]
    rows: list[dict[str, Any]] | None


def main() -> int:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("~/.cache/tunesmith-benchmarks"))
    parser.add_argument("--rows", type=float, default=1.0, help="share of the real rows, for a quick look")
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args()
    work = asked.work.expanduser()
    folder = work / "llamafactory"
    folder.mkdir(parents=True, exist_ok=True)
    template = make_tokenizer(folder / "tokenizer")
    jobs = [*write_data(folder, asked.rows)]
    found = compare(jobs, folder, template, work)
    page = told_page(found)
    print(page)
    if asked.markdown:
        asked.markdown.write_text(page, encoding="utf-8")
    return 1 if any(disagreements(one) for one in found) or any(not agrees_as_a_whole(one) for one in found) else 0


def make_tokenizer(folder: Path) -> Template:
    """A small byte-level tokenizer with the marks of ChatML."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    core = ByteLevelBPETokenizer()
    texts = (HERE.parent / "data" / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()
    core.train_from_iterator(texts, vocab_size=2048, special_tokens=list(MARKS), show_progress=False)
    made = PreTrainedTokenizerFast(tokenizer_object=core._tokenizer, eos_token="<|im_end|>", pad_token=MARKS[0])  # noqa: S106
    made.chat_template = CHATML
    made.save_pretrained(folder)
    return template_of(made, str(folder))


def write_data(folder: Path, share: float) -> Iterator[Job]:
    """Every data set, their registry, and a job for each template and cutoff."""
    registry: dict[str, Any] = {}
    jobs = [*_real(folder, registry, share), *_planted(folder, registry)]
    (folder / "dataset_info.json").write_text(json.dumps(registry, ensure_ascii=False, indent=1), encoding="utf-8")
    yield from jobs


def _real(folder: Path, registry: dict[str, Any], share: float) -> Iterator[Job]:
    for file, count, kind, formats in REAL:
        records = [*_records(SHARED / file, max(int(count * share), 3))]
        for wished in formats:
            form = format_for(kind, wished)
            name = f"{Path(file).stem}.{form.name}"
            written = [*_written(records, form)]
            _write(folder / f"{name}.jsonl", [json.dumps(row, ensure_ascii=False) for row in written])
            columns = {key for row in written for key in row}
            has = {f"has_{key}": key in columns for key in ("tools", "system", "history")}
            entry, reason = write_registry(f"{name}.jsonl", form.name, **has)
            if entry is None:
                raise SystemExit(f"{name}: {reason}")
            registry[name] = entry
            yield from _jobs(name, KIND_STAGES[kind], "tools" in columns)


def _jobs(name: str, stage: str, has_tools: bool) -> Iterator[Job]:
    for template, cutoff in (("qwen", 2048), ("qwen", 192), ("qwen3", 320), ("default", 96)):
        if stage != "pt" or template == "qwen":
            yield Job(f"{name} {template} {cutoff}", name, stage, template, cutoff, False, has_tools)


def _records(path: Path, count: int) -> Iterator[Record]:
    for raw in open_input(path).rows():
        try:
            yield read_raw(raw.data or b"", None).record
        except RowError:
            continue
        count -= 1
        if not count:
            return


def _written(records: list[Record], form: Any) -> Iterator[dict[str, Any]]:
    for record in records:
        try:
            yield write_row(record, form, keep_extra=False)
        except CannotHold:
            continue  # `curate` refuses the export of such a row, so that nothing of it can be lost later


def _planted(folder: Path, registry: dict[str, Any]) -> Iterator[Job]:
    for plant in PLANTED:
        _write(folder / f"{plant.name}.jsonl", _lines(plant))
        registry[plant.name] = {"file_name": f"{plant.name}.jsonl", **plant.entry}
        yield Job(
            f"planted: {plant.name}", plant.name, plant.stage, plant.template, plant.cutoff, True, _has_tools(plant)
        )


def _has_tools(plant: Planted) -> bool:
    return any(isinstance(row, dict) and row.get("tools") for row in plant.rows)


def _lines(plant: Planted) -> list[str]:
    return [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in plant.rows]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def compare(jobs: list[Job], folder: Path, template: Template, work: Path) -> list[Compared]:
    """What was predicted beside what a fresh process of LLaMA-Factory does."""
    PACKAGES.setdefault("llamafactory", LLAMAFACTORY)
    python = make_environment("llamafactory", work)
    plan, out = folder / "jobs.json", folder / "found.json"
    asked = [{**job._asdict(), "folder": str(folder), "tokenizer": str(folder / "tokenizer")} for job in jobs]
    plan.write_text(json.dumps(asked), encoding="utf-8")
    script = HERE / "peers" / "llamafactory_fates_peer.py"
    environment = offline(work / "out" / "llamafactory")
    measure([str(python), str(script), str(plan), str(out)], log=folder / "peer.log", environment=environment)
    found = json.loads(out.read_text(encoding="utf-8"))
    told = [predicted(job, folder, template) for job in jobs]
    return [Compared(job, one, did["whole"], did["rows"]) for job, one, did in zip(jobs, told, found, strict=True)]


def predicted(job: Job, folder: Path, template: Template) -> Predicted:
    """What we say."""
    source = f"{folder / 'dataset_info.json'}#{job.entry}"
    stage = STAGES[job.stage]
    return predict_for("llamafactory", source, template=template, max_length=job.cutoff, stage=stage, chat=job.template)


def disagreements(one: Compared) -> list[tuple[str, str, str]]:
    """Rows whose outcome differs: id, predicted, done."""
    if not one.rows:
        return []
    pairs = zip(one.told.lines, one.rows, strict=True)
    return [(line.row_id, _told(line), _done(row)) for line, row in pairs if line.outcome != row["outcome"]]


def _told(line: Any) -> str:
    return f"{line.outcome} ({line.reason or '-'}, {line.n_tokens} tokens)"


def _done(row: dict[str, Any]) -> str:
    return f"{row['outcome']} ({row.get('error') or row.get('n_tokens')})"


def agrees_as_a_whole(one: Compared) -> bool:
    """Whether the run ends, and if it does not, on how many examples it trains."""
    if (one.told.ends is not None) != ("error" in one.whole):
        return False
    counts = one.told.counts
    if one.told.ends is not None:
        return True
    if one.job.stage == "pt":
        total = sum(line.n_tokens or 0 for line in one.told.lines)
        return bool(one.whole["examples"] == total // one.job.cutoff)
    return bool(one.whole["examples"] == counts["keep"] + counts["cut"])


def told_page(found: list[Compared]) -> str:
    """The page of figures."""
    rows = [pair for one in found if one.rows for pair in zip(one.told.lines, one.rows, strict=True)]
    same = sum(line.outcome == row["outcome"] for line, row in rows)
    wholes = sum(map(agrees_as_a_whole, found))
    parts = [
        "# What LLaMA-Factory does with rows, and what was predicted",
        "Made by `benchmarks/llamafactory_fates.py`: LLaMA-Factory 0.9.5 in an environment of its own reads the same "
        f"files. Measured on {machine()}.",
        f"Outcome predicted rightly: {same:,} of {len(rows):,} rows. Runs whose end, or number of examples, was "
        f"predicted rightly: {wholes:,} of {len(found):,}.",
        "## Tokens\n\nHow many tokens LLaMA-Factory makes of the whole row, and how many a cut takes away. Where a row "
        "has tools, the words around them are those of the model's own template, which this small one does not have.",
        table([_tokens(found, has_tools=False), _tokens(found, has_tools=True)]),
        "## Predicted beside done\n\nA row for each prediction, a column for what LLaMA-Factory did.",
        table(_matrix(rows)),
        "## Data sets",
        table([_line(one) for one in found if not one.job.planted]),
        "## Planted rows",
        table([_line(one) for one in found if one.job.planted]),
    ]
    wrong = [{"data": one.job.name, "row": row, "predicted": ours, "done": theirs}
             for one in found for row, ours, theirs in disagreements(one)]  # fmt: skip
    wrong += [{"data": one.job.name, "row": "(whole run)", "predicted": str(one.told.ends), "done": str(one.whole)}
              for one in found if not agrees_as_a_whole(one)]  # fmt: skip
    parts += ["## Where they differ", table(wrong) if wrong else "Nowhere."]
    return "\n\n".join(parts) + "\n"


def _tokens(found: list[Compared], *, has_tools: bool) -> dict[str, Any]:
    mine = [one for one in found if one.rows and one.job.has_tools == has_tools]
    pairs = [pair for one in mine for pair in zip(one.told.lines, one.rows or (), strict=True) if "n_tokens" in pair[1]]
    cut = [(line, row) for line, row in pairs if row["outcome"] == "cut"]
    whole = sum(line.n_tokens == row["n_tokens"] for line, row in pairs)
    lost = sum(line.n_lost == row["n_lost"] for line, row in cut)
    return {
        "data sets": "with tools" if has_tools else "without tools",
        "rows": len(pairs), "same number of tokens": whole, "cut": len(cut), "same number lost": lost,
    }  # fmt: skip


def _matrix(rows: list[tuple[Any, dict[str, Any]]]) -> list[dict[str, Any]]:
    found = Counter((line.outcome, row["outcome"]) for line, row in rows)
    return [{"predicted": ours, **{theirs: found[ours, theirs] for theirs in OUTCOMES}} for ours in OUTCOMES]


def _line(one: Compared) -> dict[str, Any]:
    counts = one.told.counts
    rows = one.rows or []
    outcomes: dict[str, Any] = {outcome: counts[outcome] for outcome in OUTCOMES}
    reasons = "" if not one.job.planted else ", ".join(one.told.reasons)
    right = "file not loaded" if one.rows is None else f"{len(rows) - len(disagreements(one))} of {len(rows)}"
    if one.job.stage == "pt":
        right = "blocks counted"
    run = "ends" if one.told.ends else "trains"
    return {
        "data": one.job.name, **outcomes, **({"reasons": reasons} if one.job.planted else {}),
        "rows right": right, "run": run, "run right": "yes" if agrees_as_a_whole(one) else "NO",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
