"""The two sides of `train_overhead.py`, each in a process of its own that stands still while the other one steps.

>>> model = make_model(work / "model", CPU[0])  # doctest: +SKIP
>>> write_rows(work / "rows.jsonl", CPU[0], n=1_000)  # doctest: +SKIP
>>> freeze(model, work / "rows.jsonl", work / "frozen", CPU[0])  # doctest: +SKIP
>>> task = Task(CPU[0], Lengths(10, 10, 16), model, work / "rows.jsonl", work / "frozen", work)  # doctest: +SKIP
>>> pair = measure_pair(task, is_bare_first=True)  # doctest: +SKIP
>>> pair.ours.blocks[0].cpu_seconds / pair.bare.blocks[0].cpu_seconds  # doctest: +SKIP
1.004
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import numpy as np
import torch
from transformers import TrainerCallback

from tunesmith.curate import jsontext

_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}{% if m['role'] == 'assistant' %}{% generation %}"
    "{{ m['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\\n' }}{% else %}{{ m['content'] + '<|im_end|>\\n' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
_TEXT_WORDS = 40  # of which each is a token, or nearly


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


class Lengths(NamedTuple):
    """How long a side runs.

    :param warmup: steps before the first block.
    :param block: steps between two changes of sides.
    :param n_blocks: of each side.
    """

    warmup: int
    block: int
    n_blocks: int

    @property
    def steps(self) -> int:
        """One more than is timed: a step ends where the next one begins, and saving is outside of what is timed."""
        return self.warmup + self.block * self.n_blocks + 1


class Task(NamedTuple):
    """What both sides are given; `frozen` is the folder of a run that froze the tokens of `rows`."""

    setup: Setup
    lengths: Lengths
    model: Path
    rows: Path
    frozen: Path
    work: Path


class Block(NamedTuple):
    """What some steps in a row took: by the clock, of all threads of the process, and of these the part outside of the
    arithmetic that both sides have in common (forward, backward, clipping, optimizer)."""

    wall_seconds: float
    cpu_seconds: float
    outside_seconds: float


class Side(NamedTuple):
    """One run: its blocks in order, the highest memory of the device (0 on a CPU), the mean loss of its steps, and the
    tokens of a step."""

    blocks: list[Block]
    peak_bytes: int
    mean_loss: float
    step_tokens: float


class Pair(NamedTuple):
    """Both sides, whose blocks stood side by side in time."""

    bare: Side
    ours: Side


class Arithmetic:
    """Counts the processor seconds of this thread in the trainer's own step, the clipping and the optimizer."""

    def __init__(self) -> None:
        from accelerate import Accelerator
        from accelerate.optimizer import AcceleratedOptimizer
        from transformers import Trainer

        self.seconds = 0.0
        for owner, name in (
            (Trainer, "training_step"),
            (Accelerator, "clip_grad_norm_"),
            (AcceleratedOptimizer, "step"),
        ):
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*given, **named)
            finally:
                self.seconds += time.thread_time() - began

        return counted


class Turns(TrainerCallback):
    """Says after each block of steps what it took, and stands still until it is told to go on."""

    def __init__(self, line: Connection, lengths: Lengths) -> None:
        self.line = line
        self.lengths = lengths
        self.arithmetic = Arithmetic()
        self.began = (0.0, 0.0, 0.0)

    def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        past = state.global_step - self.lengths.warmup
        if past < 0 or past % self.lengths.block:
            return
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        wall, cpu, inside = time.perf_counter(), time.process_time(), self.arithmetic.seconds
        spent = cpu - self.began[1]
        self.line.send(Block(wall - self.began[0], spent, spent - (inside - self.began[2])))
        self.line.recv()
        # what a thread that writes logs does while the other side steps belongs to the block to come
        self.began = (time.perf_counter(), cpu, inside)


def measure_pair(task: Task, *, is_bare_first: bool, with_itself: bool = False) -> Pair:
    """Run both sides in two new processes, block by block in turn: bare, ours, ours, bare, bare …

    :param with_itself: bare on both sides, which shows what this machine makes of no difference at all.
    """
    sides: list[Callable[[Connection, Task], None]] = [_bare, _bare if with_itself else _ours]
    started = [_start(side, task) for side in sides]
    lines = [line for _, line in started]
    for line in lines:
        line.recv()  # warmed up
    blocks: list[list[Block]] = [[], []]
    for number in range(task.lengths.n_blocks):
        for place in (0, 1) if is_bare_first == (number % 2 == 0) else (1, 0):
            lines[place].send("go")
            blocks[place].append(lines[place].recv())
    for line in lines:
        line.send("end")
    bare, ours = (line.recv()._replace(blocks=of_side) for line, of_side in zip(lines, blocks, strict=True))
    for process, _ in started:
        process.join()
    return Pair(bare, ours)


def _start(side: Callable[[Connection, Task], None], task: Task) -> tuple[Any, Connection]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=side, args=(there, task), daemon=True)
    process.start()
    there.close()  # so that a side that dies is an end of file here, and no endless wait
    return process, here


def _quietly() -> None:
    """One thread: what two do beside each other depends on the machine's mood."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)


def _ours(line: Connection, task: Task) -> None:
    """A run of the stage, from its settings."""
    from tunesmith.train.config import parse_config
    from tunesmith.train.run import train_run
    from tunesmith.train.watch_log import read_log

    _quietly()
    out = task.work / "ours"
    config = parse_config(settings_of(task.model, task.rows, task.setup, task.lengths.steps), "the benchmark")
    train_run(config, out, replace=True, callbacks=[Turns(line, task.lengths)])
    mean = statistics.mean(one["loss"] for one in read_log(out / "log.jsonl") if "loss" in one)
    line.send(Side([], _peak(), mean, _step_tokens(task)))


def _bare(line: Connection, task: Task) -> None:
    """TRL alone on the tokens that our run froze."""
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from tunesmith.train.config import parse_config
    from tunesmith.train.trainer_model import load_model, numbers_of
    from tunesmith.train.trainer_optimizers import optimizer_of
    from tunesmith.train.trainer_peft import adapter_of
    from tunesmith.train.trainer_plan import Start

    _quietly()
    config = parse_config(settings_of(task.model, Path("-"), task.setup, task.lengths.steps), "the benchmark")
    on_gpu = torch.cuda.is_available()
    numbers = numbers_of(config, "cuda" if on_gpu else "cpu")
    arguments = SFTConfig(
        output_dir=str(task.work / "bare"), max_steps=task.lengths.steps, learning_rate=config.learning_rate,
        per_device_train_batch_size=task.setup.batch, lr_scheduler_type=config.schedule, warmup_steps=config.warmup,
        weight_decay=config.weight_decay, max_grad_norm=config.clip, seed=config.seed,
        bf16=numbers.autocast == torch.bfloat16, use_cpu=not on_gpu, save_strategy="no",
        report_to="none", disable_tqdm=True, max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True}, activation_checkpointing=False,
        optim=optimizer_of(config).trainer,
    )  # fmt: skip
    trainer = SFTTrainer(
        model=load_model(config, Start(str(task.model)), "causal"), args=arguments,
        train_dataset=_examples(task).select_columns(["input_ids", "labels"]),
        peft_config=adapter_of(config), callbacks=[Turns(line, task.lengths)],
    )  # fmt: skip
    trainer.train()
    mean = next(one["train_loss"] for one in reversed(trainer.state.log_history) if "train_loss" in one)
    line.send(Side([], _peak(), mean, _step_tokens(task)))


def freeze(model: Path, rows: Path, out: Path, setup: Setup) -> None:
    """Let a run of one step write the tokens that both sides train on."""
    from tunesmith.train.config import parse_config
    from tunesmith.train.run import train_run

    train_run(parse_config(settings_of(model, rows, setup, 1), "the benchmark"), out, replace=True)


def settings_of(model: Path, rows: Path, setup: Setup, steps: int) -> dict[str, Any]:
    """Of our run, with what the stage does by itself."""
    return {
        "stage": "sft",
        "model": str(model),
        "data": str(rows),
        "validation": 0.0,
        "method": setup.method,
        "steps": steps,
        "batch": setup.batch,
        "accumulation": 1,
        "learning_rate": 1e-4,
        "max_length": setup.length,
        "over_long": "truncate",
        "checkpoints": steps,
        "activation_checkpointing": False,
        **({"lora": {"rank": 16}} if setup.method == "lora" else {}),
    }


def _examples(task: Task) -> Any:
    from tunesmith.train.handover import open_examples
    from tunesmith.train.types import RunPaths

    return open_examples(RunPaths(task.frozen).data / "train")


def _step_tokens(task: Task) -> float:
    """Of a step: the rows are seen once."""
    return sum(map(len, _examples(task)["input_ids"])) / task.lengths.steps


def _peak() -> int:
    return int(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else 0


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
    return [" ".join(words[word] for word in drawing.integers(0, len(words), _TEXT_WORDS)) for _ in range(n)]


def write_rows(path: Path, setup: Setup, n: int) -> None:
    """Rows of one length, nearly that of the setup: no block has longer ones than another."""
    texts = _texts(n)
    n_texts = max(1, (setup.length - 30) // _TEXT_WORDS)
    lines = []
    for place in range(n):
        answer = " ".join(texts[(place + turn) % n] for turn in range(n_texts))
        turns = [{"role": "user", "content": texts[place][:60]}, {"role": "assistant", "content": answer}]
        lines.append(jsontext.dumps({"messages": turns}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
