"""The only file that imports lm-evaluation-harness: a subject goes in, what the model answered comes out.

>>> engine = LocalEngine(model, tokenizer, batch_size=8)  # doctest: +SKIP
>>> (answers,) = answers_to(engine, anatomy, Settings())  # doctest: +SKIP
>>> answers.items[0]  # doctest: +SKIP
Answer(id='anatomy:0', correct=True, answer='A', expected='A', prompt='5d0c…', failure=None)

A subject is written down as a task of the harness (a YAML file and its data, in a folder that is removed again) and
runs through the harness's own evaluation, so that its accuracy is the harness's `acc`. By log-likelihood each letter is
scored as the continuation of the prompt and the likeliest is the answer; otherwise the answer is read out of the text.
"""

from __future__ import annotations

import io
import logging
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from lm_eval.api.model import LM
from lm_eval.evaluator import evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

from tunesmith.curate import jsontext
from tunesmith.curate.files.scratch_folder import scratch_folder
from tunesmith.errors import InputError
from tunesmith.evaluate.retention_prompts import documents
from tunesmith.evaluate.retention_samples import read_named_sample, read_sample, together
from tunesmith.evaluate.retention_types import Answers, NamedTask, Settings, Subject, Task

#: The harness's own, which decides the examples of named tasks that sample them.
SEED = 1234


class LocalEngine(HFLM):  # type: ignore[misc]
    """A loaded model. Remembers the prompts whose beginning it had to leave out."""

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int) -> None:
        given: dict[str, Any] = {"pretrained": model, "tokenizer": tokenizer, "batch_size": batch_size}
        super().__init__(**given)
        self.failures: dict[str, str] = {}
        self.cut: set[str] = set()

    @property
    def chats(self) -> bool:
        """Whether the model has a chat template."""
        return bool(self.tokenizer.chat_template)

    def _loglikelihood_tokens(self, requests: Any, **settings: Any) -> Any:
        """The harness cuts a long prompt on the left, and its warning is easily missed."""
        for (context, _), context_tokens, answer_tokens in requests:
            if len(context_tokens) + len(answer_tokens) > self.max_length + 1:
                self.cut.add(context)
        return super()._loglikelihood_tokens(requests, **settings)

    def generate_until(self, requests: Any, **settings: Any) -> Any:
        for context, options in (request.args for request in requests):
            room = self.max_length - options.get("max_gen_toks", self.max_gen_toks)
            if len(self.tok_encode(context)) > room:
                self.cut.add(context)
        return super().generate_until(requests, **settings)


class RemoteEngine(LM):  # type: ignore[misc]
    """A model behind a server, by two functions that ask it.

    :param score: log-probabilities of (prompt, continuation) pairs, None with the reason in `failures` by prompt.
    :param write: answers to conversations, None likewise.
    """

    chats = True

    def __init__(self, score: Callable[..., Any], write: Callable[..., Any]) -> None:
        super().__init__()
        self._score, self._write = score, write
        self.failures: dict[str, str] = {}
        self.cut: set[str] = set()

    def loglikelihood(self, requests: Any) -> list[tuple[float, bool]]:
        pairs = [request.args for request in requests]
        found = []
        for (context, _), (logprob, failure) in zip(pairs, self._score(pairs)):
            if failure is not None:
                self.failures[context] = failure
            found.append((math.nan if logprob is None else logprob, False))
        return found

    def loglikelihood_rolling(self, requests: Any) -> list[float]:
        raise NotImplementedError("texts are measured in bits.py")

    def generate_until(self, requests: Any) -> list[str]:
        asked = [request.args for request in requests]
        found = []
        for (context, _), (text, failure) in zip(asked, self._write(asked)):
            if failure is not None:
                self.failures[context] = failure
            found.append(text or "")
        return found

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        """The server has the template: the conversation goes to it as it is."""
        return jsontext.dumps(chat_history)

    @property
    def tokenizer_name(self) -> str:
        return ""


Engine = LocalEngine | RemoteEngine


def local_engine(model: Any, tokenizer: Any, *, batch_size: int) -> LocalEngine:
    """A loaded model as an engine."""
    made: Any = LocalEngine  # its base is registered by a decorator, behind which type checkers lose it
    with _quiet():
        engine: LocalEngine = made(model, tokenizer, batch_size=batch_size)
    return engine


def answers_to(engine: Engine, task: Task, settings: Settings) -> list[Answers]:
    """The answers to each subject of a task.

    :raises InputError: for a named task that there is not, whose data cannot be had, or that has no right and wrong.
    """
    if isinstance(task, Subject):
        return [_subject_answers(engine, task, settings)]
    return _named_answers(engine, task, settings)


def _subject_answers(engine: Engine, subject: Subject, settings: Settings) -> Answers:
    with scratch_folder(Path(gettempdir()) / f"tunesmith-retention-{os.geteuid()}") as folder, _quiet():
        manager = _task(folder, subject, settings, chats=engine.chats)
        samples = _run(engine, manager.load(["subject"]), settings)["subject"]
    by_id = {sample["doc"]["id"]: sample for sample in samples}
    found = [
        read_sample(question, by_id[question.id], engine.failures, engine.cut, settings.mode)
        for question in subject.questions
    ]
    return together(subject.name, found, subject.left_out)


def _named_answers(engine: Engine, named: NamedTask, settings: Settings) -> list[Answers]:
    with _quiet():
        tasks = _load_named(named)
        for name, task in tasks["tasks"].items():
            _check_named(name, task, settings)
            if settings.shots is not None and task.get_config("num_fewshot") != 0:
                task.set_config(key="num_fewshot", value=settings.shots)
        samples = _run(engine, tasks, settings, limit=settings.limit)
        sizes = {name: len(task.eval_docs) for name, task in tasks["tasks"].items()}
    return [_named_subject(name, some, sizes[name], engine) for name, some in samples.items()]


def _named_subject(name: str, samples: list[dict[str, Any]], size: int, engine: Engine) -> Answers:
    """Of several ways to read an answer the first that the task names counts."""
    read = [sample for sample in samples if sample["filter"] == samples[0]["filter"]]
    found = [read_named_sample(name, sample, engine.failures, engine.cut) for sample in read]
    return together(name, found, size - len(read))


def _load_named(named: NamedTask) -> Any:
    manager = TaskManager(include_defaults=False) if named.is_file else _all_tasks()
    if not named.is_file and named.name not in manager.task_index:
        close = get_close_matches(named.name, manager.all_tasks, 3)
        remedy = f"did you mean {', '.join(close)}?" if close else "give a folder or file of questions"
        raise InputError("is neither a file nor a task of lm-evaluation-harness", where=named.name, remedy=remedy)
    try:
        return manager.load([named.name])
    except (OSError, ImportError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        remedy = "connect to the hub that has its data, or give local files of questions"
        raise InputError(f"cannot be loaded ({reason})", where=named.name, remedy=remedy) from error


def _check_named(name: str, task: Any, settings: Settings) -> None:
    kind = task.get_config("output_type")
    fitting = {"multiple_choice": "loglikelihood", "generate_until": "generate"}.get(kind)
    if fitting is None or getattr(task, "UNSAFE_CODE", False):
        what = "a task that runs code" if getattr(task, "UNSAFE_CODE", False) else f"a task of the kind {kind}"
        raise InputError(f"{what} cannot be measured here", where=name, remedy="leave it out")
    if fitting != settings.mode:
        raise InputError(f"a task of the kind {kind} needs --mode {fitting}", where=name, remedy="measure it by itself")
    if task.get_config("num_fewshot") is None:
        task.set_config(key="num_fewshot", value=0)


@lru_cache(maxsize=1)
def _all_tasks() -> TaskManager:
    """Reads thousands of files: some 20 seconds."""
    return TaskManager()


def _task(folder: Path, subject: Subject, settings: Settings, *, chats: bool) -> TaskManager:
    """The subject as a task of the harness in a folder. JSON is YAML too."""
    files = {}
    for split, rows in zip(("test", "dev"), documents(subject, settings.mode)):
        if rows:
            files[split] = str(folder / f"{split}.jsonl")
            Path(files[split]).write_text("".join(f"{jsontext.dumps(row)}\n" for row in rows), encoding="utf-8")
    task = {
        "task": "subject",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": files, "cache_dir": str(folder / "cache")},
        "test_split": "test",
        "num_fewshot": len(subject.shots),
        # a field of the documents each, so that braces in a question are not taken for a template
        "description": "introduction",
        "doc_to_text": "text",
        "metadata": {"version": 1},
        **(_SCORED if settings.mode == "loglikelihood" else _written(settings.max_tokens, chats=chats)),
    }
    if subject.shots:
        task |= {"fewshot_split": "dev", "fewshot_config": {"sampler": "first_n"}}
    (folder / "subject.yaml").write_text(jsontext.dumps(task), encoding="utf-8")
    return TaskManager(include_path=str(folder), include_defaults=False)


_SCORED = {
    "output_type": "multiple_choice",
    "doc_to_choice": "letters",
    "doc_to_target": "answer",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}


def _written(max_tokens: int, *, chats: bool) -> dict[str, Any]:
    """A chat model ends by itself; one without a template would go on with the next question."""
    return {
        "output_type": "generate_until",
        "doc_to_target": "expected",
        "generation_kwargs": {"until": [] if chats else ["\n\n"], "max_gen_toks": max_tokens, "do_sample": False},
        "metric_list": [{"metric": "bypass", "aggregation": "bypass", "higher_is_better": True}],
    }


def _run(
    engine: Engine, tasks: Any, settings: Settings, *, limit: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The harness's samples of each task, in the order of its documents."""
    for task in tasks["tasks"].values():
        task.set_fewshot_seed(seed=SEED)
    engine.cut.clear()
    engine.failures.clear()
    result: Any = evaluate(
        lm=engine,
        task_dict=tasks,
        limit=limit,
        bootstrap_iters=0,
        apply_chat_template=settings.mode == "generate" and engine.chats,
        fewshot_as_multiturn=True,
    )
    samples: dict[str, list[dict[str, Any]]] = result["samples"]
    return samples


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the harness's bars and remarks, which go to the terminal whatever one asks for; errors are raised."""
    logger = logging.getLogger("lm_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
