"""What the training stage costs beside bare TRL on the same tokens: everything that is watched, logged and guarded.

    python benchmarks/train_overhead.py --markdown docs/benchmarks/train_overhead.md
    python benchmarks/train_overhead.py --gpu --pairs 8

Both sides train the same model from the same weights on the same frozen tokens in the same order with the same
arguments, in turn: bare, ours, ours, bare, bare … A step is timed from its beginning to the next one's, so that all
callbacks, logs and data loading are in it. Bare is TRL's SFTTrainer with its own defaults for logging (every 10 steps,
nothing written); ours logs every step, writes TensorBoard, and guards. Saving is outside of what is timed.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from page import Line, machine, spread, table
from transformers import TrainerCallback

from tunesmith.curate import jsontext

GOAL = 0.02
_RESAMPLES = 10_000
_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}{% if m['role'] == 'assistant' %}{% generation %}"
    "{{ m['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\\n' }}{% else %}{{ m['content'] + '<|im_end|>\\n' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class Setup(NamedTuple):
    """A model and what it is given.

    :param vocabulary: of the model; the tokenizer is smaller.
    """

    name: str
    hidden: int
    inner: int
    layers: int
    heads: int
    shared: int
    vocabulary: int
    length: int
    batch: int
    method: str


#: On two slow cores a step of this one takes some 100 to 300 ms.
CPU = [Setup("8M parameters, full", 256, 768, 8, 4, 2, 4_096, 256, 8, "full")]
#: Of the shape of Qwen2.5 0.5B and 1.5B.
GPU = [
    Setup("0.5B, full", 896, 4_864, 24, 14, 2, 151_936, 1_024, 8, "full"),
    Setup("0.5B, LoRA", 896, 4_864, 24, 14, 2, 151_936, 1_024, 8, "lora"),
    Setup("1.5B, LoRA", 1_536, 8_960, 28, 12, 2, 151_936, 1_024, 8, "lora"),
]


class Clock(TrainerCallback):
    """When each step began."""

    def __init__(self) -> None:
        self.began: list[float] = []

    def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.began.append(time.perf_counter())

    def step_seconds(self, warmup: int) -> float:
        """The mean of a step, after those that warm up; saving at the end is not in it."""
        return (self.began[-1] - self.began[warmup]) / (len(self.began) - 1 - warmup)


class Measured(NamedTuple):
    """One run: seconds of a step, the highest memory of the device (0 on a CPU), the mean loss of its steps, and the
    tokens of a step."""

    step_seconds: float
    peak_bytes: int
    mean_loss: float
    step_tokens: float


def make_model(folder: Path, setup: Setup) -> Path:
    """Random weights and a small tokenizer."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    core = ByteLevelBPETokenizer()
    core.train_from_iterator(_texts(200), vocab_size=2_000, special_tokens=marks, show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core._tokenizer, eos_token=marks[2], pad_token=marks[0])
    tokenizer.chat_template = _TEMPLATE
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=setup.vocabulary, hidden_size=setup.hidden, intermediate_size=setup.inner,
            num_hidden_layers=setup.layers, num_attention_heads=setup.heads, num_key_value_heads=setup.shared,
            max_position_embeddings=setup.length, tie_word_embeddings=True, eos_token_id=2, pad_token_id=0,
        )
    )  # fmt: skip
    weights: Any = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    model.to(weights).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _texts(n: int) -> list[str]:
    drawing = np.random.default_rng(0)
    words = ["".join(chr(97 + letter) for letter in drawing.integers(0, 26, 5)) for _ in range(500)]
    return [" ".join(words[word] for word in drawing.integers(0, len(words), 40)) for _ in range(n)]


def write_rows(path: Path, setup: Setup, n: int) -> None:
    """Rows of which each fills the length nearly."""
    texts = _texts(n)
    lines = []
    for place in range(n):
        answer = " ".join(texts[(place + turn) % n] for turn in range(max(1, setup.length // 120)))
        turns = [{"role": "user", "content": texts[place][:60]}, {"role": "assistant", "content": answer}]
        lines.append(jsontext.dumps({"messages": turns}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ours(model: Path, rows: Path, out: Path, setup: Setup, options: argparse.Namespace) -> Measured:
    """A run of the stage, from its settings."""
    from tunesmith.train.config import parse_config
    from tunesmith.train.handover import open_examples
    from tunesmith.train.run import train_run
    from tunesmith.train.types import RunPaths

    clock = Clock()
    config = parse_config(_settings(model, rows, setup, options), "the benchmark")
    _reset_peak()
    train_run(config, out, replace=True, callbacks=[clock])
    losses = [
        jsontext.loads(line)["loss"] for line in (out / "log.jsonl").read_bytes().splitlines() if b'"loss"' in line
    ]
    tokens = _tokens(open_examples(RunPaths(out).data / "train"), options)
    return Measured(clock.step_seconds(options.warmup), _peak(), statistics.mean(losses), tokens)


def _settings(model: Path, rows: Path, setup: Setup, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "stage": "sft",
        "model": str(model),
        "data": str(rows),
        "validation": 0.0,
        "method": setup.method,
        "steps": options.steps,
        "batch": setup.batch,
        "accumulation": 1,
        "learning_rate": 1e-4,
        "max_length": setup.length,
        "over_long": "truncate",
        "checkpoints": options.steps,
        "activation_checkpointing": False,
        **({"lora": {"rank": 16}} if setup.method == "lora" else {}),
    }


def bare(model: Path, frozen: Path, out: Path, setup: Setup, options: argparse.Namespace) -> Measured:
    """TRL alone on the tokens that our run froze."""
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from tunesmith.train.config import parse_config
    from tunesmith.train.handover import open_examples
    from tunesmith.train.trainer_model import load_model
    from tunesmith.train.trainer_peft import adapter_of
    from tunesmith.train.trainer_plan import Start

    config = parse_config(_settings(model, Path("-"), setup, options), "the benchmark")
    clock = Clock()
    data: Any = open_examples(frozen)
    data = data.select_columns(["input_ids", "labels"])
    on_gpu = torch.cuda.is_available()
    arguments = SFTConfig(
        output_dir=str(out), max_steps=options.steps, per_device_train_batch_size=setup.batch, learning_rate=1e-4,
        lr_scheduler_type=config.schedule, warmup_steps=config.warmup, weight_decay=config.weight_decay,
        max_grad_norm=config.clip, seed=config.seed, bf16=on_gpu, use_cpu=not on_gpu, save_strategy="no",
        report_to="none", disable_tqdm=True, dataset_kwargs={"skip_prepare_dataset": True}, max_length=None,
        activation_checkpointing=False, optim="adamw_torch_fused" if on_gpu else "adamw_torch",
    )  # fmt: skip
    _reset_peak()
    trainer = SFTTrainer(
        model=load_model(config, Start(str(model)), "causal"), args=arguments, train_dataset=data,
        peft_config=adapter_of(config), callbacks=[clock],
    )  # fmt: skip
    trainer.train()
    mean = next(line["train_loss"] for line in reversed(trainer.state.log_history) if "train_loss" in line)
    return Measured(clock.step_seconds(options.warmup), _peak(), mean, _tokens(data, options))


def _tokens(data: Any, options: argparse.Namespace) -> float:
    """Of a step: the rows are seen once."""
    return sum(map(len, data["input_ids"])) / options.steps


def _reset_peak() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak() -> int:
    return int(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else 0


def measure(setup: Setup, options: argparse.Namespace, work: Path) -> tuple[Line, bool]:
    """All pairs of one setup; whether the goal is reached."""
    rows = work / "rows.jsonl"
    model = make_model(work / "model", setup)
    write_rows(rows, setup, setup.batch * options.steps)
    ours(model, rows, work / "frozen", setup, options)  # freezes the tokens, and warms everything up
    frozen = work / "frozen" / "data" / "train"
    pairs: list[tuple[Measured, Measured]] = []
    for number in range(options.pairs):
        sides = [lambda: bare(model, frozen, work / "bare", setup, options)]
        sides.append(lambda: ours(model, rows, work / "ours", setup, options))
        first, second = (side() for side in (sides if number % 2 == 0 else sides[::-1]))
        pairs.append((first, second) if number % 2 == 0 else (second, first))
        print(f"pair {number + 1} of {options.pairs}: {_told(pairs[-1])}", file=sys.stderr, flush=True)
    return _line(setup, pairs, options, model)


def _told(pair: tuple[Measured, Measured]) -> str:
    before, after = (1_000 * one.step_seconds for one in pair)
    return f"bare {before:.1f} ms, ours {after:.1f} ms a step, {after / before - 1:+.2%}"


def _line(
    setup: Setup, pairs: Sequence[tuple[Measured, Measured]], options: argparse.Namespace, model: Path
) -> tuple[Line, bool]:
    ratios = [after.step_seconds / before.step_seconds - 1 for before, after in pairs]
    low, high = interval_of(ratios)
    line: Line = {
        "model": setup.name,
        "bare, ms a step": spread([1_000 * before.step_seconds for before, _ in pairs], 1),
        "ours, ms a step": spread([1_000 * after.step_seconds for _, after in pairs], 1),
        "overhead (median of the pairs)": f"{statistics.median(ratios):+.2%} (95 % interval {low:+.2%} to {high:+.2%})",
        "pairs": len(pairs),
        "ours, tokens/s": f"{statistics.median(after.step_tokens / after.step_seconds for _, after in pairs):,.0f}",
        "mean loss, bare / ours": f"{pairs[-1][0].mean_loss:.4f} / {pairs[-1][1].mean_loss:.4f}",
    }
    if torch.cuda.is_available():
        gibibytes = 1024**3
        line["peak, bare, GiB"] = f"{max(one.peak_bytes for one, _ in pairs) / gibibytes:.2f}"
        line["peak, ours, GiB"] = f"{max(one.peak_bytes for _, one in pairs) / gibibytes:.2f}"
        line["estimate, GiB"] = _estimated(setup, model)
    return line, statistics.median(ratios) <= GOAL


def interval_of(ratios: Sequence[float]) -> tuple[float, float]:
    """A percentile bootstrap of the median, 95 %."""
    drawing = np.random.default_rng(0)
    medians = np.median(drawing.choice(np.array(ratios), (_RESAMPLES, len(ratios))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return float(low), float(high)


def _estimated(setup: Setup, model: Path) -> str:
    """What `train estimate` says of the same step."""
    from tunesmith.train.estimate import estimate
    from tunesmith.train.estimate_types import Load

    method: Any = setup.method
    load = Load(method=method, max_length=setup.length, batch=setup.batch, checkpointing=False)
    found = estimate(str(model), load)
    return f"{found.low / 1024**3:.2f} to {found.high / 1024**3:.2f}"


def write_page(lines: Sequence[Line], options: argparse.Namespace) -> str:
    """The whole Markdown page."""
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else f"one machine: {machine()}"
    threads = "" if torch.cuda.is_available() else f" {torch.get_num_threads()} threads."
    return (
        "# What the training stage costs beside bare TRL\n\n"
        f"Made by `python benchmarks/train_overhead.py{' --gpu' if options.gpu else ''} --pairs {options.pairs} "
        f"--steps {options.steps}`.\n\nMeasured on {where}.{threads}\n\n"
        "The same weights, frozen tokens, order and arguments on both sides; runs in turn (bare, ours, ours, bare …).\n"
        "A step is timed from its beginning to the next one's. The wanted overhead is at most 2 % at steps of 100 ms\n"
        "or more.\n\n"
        f"{table(lines)}\n"
    )


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=10, help="of runs, one of each side")
    parser.add_argument("--steps", type=int, default=40, help="of a run")
    parser.add_argument("--warmup", type=int, default=5, help="steps at the beginning that do not count")
    parser.add_argument("--threads", type=int, help="of torch on a CPU")
    parser.add_argument("--gpu", action="store_true", help="models of 0.5B to 1.5B in bfloat16")
    parser.add_argument("--only", help="the setups whose name holds this")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and write the page where asked; 1 where a setup misses the goal."""
    warnings.simplefilter("ignore")
    options = read_options()
    if options.gpu and not torch.cuda.is_available():
        raise SystemExit("there is no GPU here; leave out --gpu")
    if options.threads:
        torch.set_num_threads(options.threads)
    setups = [one for one in (GPU if options.gpu else CPU) if not options.only or options.only in one.name]
    lines, good = [], []
    for setup in setups:
        with TemporaryDirectory(prefix="tunesmith-overhead-") as folder:
            line, reached = measure(setup, options, Path(folder))
            shutil.rmtree(folder, ignore_errors=True)
        lines.append(line)
        good.append(reached)
    page = write_page(lines, options)
    print(page)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(page, encoding="utf-8")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
