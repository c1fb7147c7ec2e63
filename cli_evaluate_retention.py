"""`tunesmith evaluate retention`: what a tuned model still knows.

tunesmith evaluate retention --model Qwen/Qwen3-0.6B --adapter runs/lora --tasks tasks/cmmlu --out retention
tunesmith evaluate retention --endpoint http://127.0.0.1:8000 --model tuned --before base --tasks tasks/cmmlu --out kept
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from tunesmith.cli_shared import Json, Lang, Replace, progress, refuse_given, show

if TYPE_CHECKING:
    from tunesmith.evaluate.retention_types import Settings, System, Task


def retention_command(
    context: typer.Context,
    model: Annotated[
        str, typer.Option("--model", help="The model after tuning, or with --adapter its base: a folder or hub name.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the result.")],
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--tasks",
            metavar="PATH_OR_NAME",
            help="Folder or file of four-choice questions (CMMLU or C-Eval CSV, JSON Lines), or a task's name in "
            "lm-evaluation-harness. May be given several times, or with commas.",
        ),
    ] = None,
    adapter: Annotated[str | None, typer.Option("--adapter", help="The adapter that was trained on --model.")] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", help="The model before tuning; with --adapter the model without it by default."),
    ] = None,
    mode: Annotated[
        str, typer.Option("--mode", help="loglikelihood compares the letters; generate lets the model write.")
    ] = "loglikelihood",
    endpoint: Annotated[
        str | None,
        typer.Option(
            "--endpoint", metavar="URL", help="An OpenAI-compatible server with --model (and --before) on it."
        ),
    ] = None,
    before_endpoint: Annotated[
        str | None, typer.Option("--before-endpoint", metavar="URL", help="The server of --before, if it is another.")
    ] = None,
    key_variable: Annotated[
        str | None,
        typer.Option("--key-variable", help="Environment variable with the server's key; TUNESMITH_API_KEY if set."),
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", help="Questions under way at once, at a server.")] = 8,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for one reply of a server.")] = 120.0,
    trust_tasks: Annotated[
        bool,
        typer.Option(
            "--trust-tasks", help="Run task files of the harness (.yaml): they are programs; read them first."
        ),
    ] = False,
    shots: Annotated[
        int | None,
        typer.Option("--shots", min=0, help="Solved examples before each question, from dev/; up to 5 by default."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Ask only so many questions of each subject (and texts).")
    ] = None,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", min=1, help="For --mode generate: room for an answer, thoughts included.")
    ] = 512,
    text: Annotated[
        str | None, typer.Option("--text", metavar="FILE", help="General text: also measure its bits per byte.")
    ] = None,
    margin: Annotated[
        float, typer.Option("--margin", min=0, help="A loss over all that does not matter, in points.")
    ] = 2.0,
    subject_margin: Annotated[
        float, typer.Option("--subject-margin", min=0, help="A loss in one subject that does not matter, in points.")
    ] = 5.0,
    bits_margin: Annotated[
        float, typer.Option("--bits-margin", min=0, help="A rise in bits per byte that does not matter.")
    ] = 0.02,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option("--dtype", help="auto, float32, bfloat16, float16.")] = "auto",
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", min=1, help="Questions at once; 8 by default, 1 on a CPU.")
    ] = None,
    lang: Lang = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Ask the same questions before and after tuning: what was retained, what was forgotten, what remains open.

    Example: tunesmith evaluate retention --model Qwen/Qwen3-0.6B --adapter runs/lora --tasks tasks/cmmlu --out kept
    """
    if mode not in ("loglikelihood", "generate"):
        raise typer.BadParameter(f"expected loglikelihood or generate, saw {mode!r}", param_hint="--mode")
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"expected en or zh, saw {lang!r}", param_hint="--lang")
    if endpoint is not None and text is not None:
        raise typer.BadParameter("bits per byte need a local model; leave it out with --endpoint", param_hint="--text")
    _check_options(context, is_served=endpoint is not None, writes=mode == "generate", reads=text is not None)
    from tunesmith.evaluate import retention, retention_output, retention_text
    from tunesmith.evaluate.retention_text_files import read_texts
    from tunesmith.evaluate.retention_types import Settings

    settings = Settings(cast(Literal["loglikelihood", "generate"], mode), shots, limit, max_tokens)
    if endpoint is None:
        systems = _local(model, adapter, before, device, dtype, batch_size)
    else:
        servers = {"after": endpoint, "before": before_endpoint or endpoint}
        treated = {"key_variable": key_variable, "concurrency": concurrency, "timeout_seconds": timeout}
        systems = _remote(servers, model, adapter, before, retention_output.replies(out), treated)
    plan = retention.Plan(
        *systems,
        tasks=_tasks(tasks or [], settings, trusted=trust_tasks),
        settings=settings,
        texts=read_texts(text, limit=limit) if text else None,
        margin=margin / 100,
        subject_margin=subject_margin / 100,
        bits_margin=bits_margin,
    )
    try:
        result = retention.measure_retention(plan, out, replace=replace, language=lang or "en", progress=progress())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was answered is kept, run the same command to go on\n")
        raise typer.Exit(130) from None
    show(result if json else f"{retention_text.as_text(result)}\nresult: {out / retention_output.RESULT}")


def _check_options(context: typer.Context, *, is_served: bool, writes: bool, reads: bool) -> None:
    """Options that would be ignored are refused."""
    if is_served:
        refuse_given(context, ("device", "dtype", "batch_size"), "is for a local model; leave out --endpoint or this")
    else:
        served = ("before_endpoint", "key_variable", "concurrency", "timeout")
        refuse_given(context, served, "is for a server; add --endpoint")
    if not writes:
        refuse_given(context, ("max_tokens",), "is for written answers; add --mode generate")
    if not reads:
        refuse_given(context, ("bits_margin",), "is for bits per byte; add --text")


def _tasks(named: list[str], settings: Settings, *, trusted: bool) -> list[Task]:
    """Local files by their place, everything else by its name.

    :param trusted: whether a task file may run what it holds.
    """
    from tunesmith.errors import InputError
    from tunesmith.evaluate.retention_files import is_path, read_subjects
    from tunesmith.evaluate.retention_types import NamedTask

    shots = settings.shots if settings.mode == "loglikelihood" else settings.shots or 0
    found: list[Task] = []
    for text in named:
        for name in map(str.strip, [text] if text and Path(text).exists() else text.split(",")):
            if name and is_path(name):
                found += read_subjects(name, shots=shots, limit=settings.limit)
            elif name:
                found.append(task := NamedTask(name))
                if task.is_file and not trusted:
                    what = "is a task in the harness's own words, whose templates and functions run as you"
                    raise InputError(what, where=name, remedy="read it, then add --trust-tasks")
    return found


def _local(
    model: str, adapter: str | None, before: str | None, device: str, dtype: str, batch_size: int | None
) -> tuple[System | None, System]:
    from tunesmith.evaluate.retention_local import local_systems

    return local_systems(model, adapter, before, device=device, dtype=dtype, batch_size=batch_size)


def _remote(
    servers: dict[str, str], model: str, adapter: str | None, before: str | None, cache: Path, treated: dict[str, Any]
) -> tuple[System | None, System]:
    """The model and the one before, each by its name on its server."""
    if adapter is not None:
        message = "a server names an adapter as a model of its own: --model tuned --before base"
        raise typer.BadParameter(message, param_hint="--adapter")
    from tunesmith.curate.endpoint import Endpoint
    from tunesmith.evaluate.retention_server import ServerSystem

    def system(side: str, name: str) -> System:
        kept, fresh = (Endpoint(servers[side], name, cache=file, **treated) for file in (cache, None))
        return ServerSystem(kept, fresh=fresh)

    if before is None and servers["before"] != servers["after"]:
        before = model
    return None if before is None else system("before", before), system("after", model)
