"""`tunesmith curate score`: measure every row once with a model.

tunesmith curate score train.jsonl --out scores.jsonl --ifd --perplexity --model Qwen/Qwen2.5-0.5B-Instruct
tunesmith curate score runs/medical --out judged.jsonl --judge qwen3 --base-url http://127.0.0.1:8000
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli_shared import Columns, Json, pairs, progress, show

if TYPE_CHECKING:
    from tunesmith.curate.endpoint import Endpoint
    from tunesmith.curate.score_run import Plan


def score_command(
    source: Annotated[
        str, typer.Argument(metavar="DATA_OR_RUN", help="Whatever `curate run` takes, or the folder of a finished run.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the scores, a JSON line for each content.")],
    ifd: Annotated[
        bool, typer.Option("--ifd", help="Instruction-following difficulty; above 1 the prompt does not help.")
    ] = False,
    perplexity: Annotated[bool, typer.Option("--perplexity", help="Of the answer given its prompt.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="For --ifd and --perplexity: a model's folder or name on the hub.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", metavar="MODEL", help="Have this model of a server score each row, 1 to 5.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", envvar="TUNESMITH_BASE_URL", help="For --judge: an OpenAI-compatible server."),
    ] = None,
    key_variable: Annotated[
        str | None,
        typer.Option("--key-variable", help="Environment variable with the server's key; TUNESMITH_API_KEY if set."),
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", help="Questions under way at once.")] = 8,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for one reply.")] = 120.0,
    judge_tokens: Annotated[
        int, typer.Option("--judge-tokens", help="Room for one judgement, thoughts included.")
    ] = 2048,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", help="Prompt and answer together; a longer row has no score.")
    ] = 2048,
    cut: Annotated[
        bool, typer.Option("--cut", help="Leave out the beginning of a prompt that is too long, and count it.")
    ] = False,
    batch_tokens: Annotated[
        int, typer.Option("--batch-tokens", help="Tokens that go through the model at once.")
    ] = 2048,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option("--dtype", help="auto, float32, bfloat16, float16.")] = "auto",
    format: Annotated[str, typer.Option("--format", help="Read as this format instead of detecting it.")] = "auto",
    columns: Columns = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder for what was computed; OUT.cache by default.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over scores that are there.")] = False,
    json: Json = False,
) -> None:
    """Measure every row once with a model: difficulty, perplexity, a judge's score. A recipe reads them as `scores`.

    Example: tunesmith curate score train.jsonl --out scores.jsonl --ifd --perplexity --model Qwen/Qwen2.5-0.5B-Instruct
    """
    from tunesmith.curate import score_run, score_summary
    from tunesmith.curate.score_rows import open_rows

    kept = (cache or score_run.cache_folder(out)) / score_run.REPLIES
    endpoint = _endpoint(judge, base_url, key_variable, concurrency, timeout, kept)
    rows = open_rows(source, format=format, columns=pairs(columns))
    wanted = {"ifd": ifd, "perplexity": perplexity, "judge": judge is not None}
    plan = score_run.Plan(
        tuple(name for name, wish in wanted.items() if wish), None, max_tokens, cut, endpoint, judge_tokens
    )
    try:
        plan = _with_model(plan, model, device, dtype, batch_tokens)
        scored = score_run.score(rows, out, plan, cache=cache, replace=replace, progress=progress())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was scored is kept, run the same command to go on\n")
        raise typer.Exit(130) from None
    show(score_summary.as_json(scored) if json else score_summary.as_text(scored))


def _endpoint(
    judge: str | None, base_url: str | None, key_variable: str | None, concurrency: int, timeout: float, cache: Path
) -> Endpoint | None:
    if judge is None:
        return None
    if base_url is None:
        raise typer.BadParameter("a judge needs the address of a server", param_hint="--base-url")
    from tunesmith.curate.endpoint import Endpoint

    return Endpoint(
        base_url, judge, key_variable=key_variable, concurrency=concurrency, timeout_seconds=timeout, cache=cache
    )


def _with_model(plan: Plan, model: str | None, device: str, dtype: str, batch_tokens: int) -> Plan:
    """The plan with its model loaded, where it needs one."""
    if model is None:
        return plan
    if not {"ifd", "perplexity"} & set(plan.measures):
        raise typer.BadParameter("a local model measures --ifd or --perplexity; add one", param_hint="--model")
    from tunesmith.curate.score_model import load_model

    loaded = load_model(model, device=device, dtype=dtype, batch_tokens=batch_tokens)
    return plan._replace(model=loaded, limit=min(plan.limit, loaded.limit))
