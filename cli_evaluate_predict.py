"""`tunesmith evaluate predict`: ask a model all questions of a set.

tunesmith evaluate predict --data questions.jsonl --model Qwen/Qwen3-0.6B --out before.jsonl
tunesmith evaluate predict --data questions.jsonl --model Qwen/Qwen3-0.6B --adapter runs/lora --out after.jsonl
tunesmith evaluate predict --data questions.jsonl --endpoint http://127.0.0.1:8000 --model qwen3 --out served.jsonl
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunesmith.cli_shared import Json, Replace, pairs, progress, refuse_given, show

if TYPE_CHECKING:
    from tunesmith.evaluate.predict_backend import Backend


def predict_command(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Option("--data", help="Questions: id, messages, reference a line, or any format that `curate` reads."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the predictions; its name ends in .jsonl.")],
    model: Annotated[
        str | None, typer.Option("--model", help="A model's folder or name on the hub; with --endpoint its name there.")
    ] = None,
    adapter: Annotated[Path | None, typer.Option("--adapter", help="Folder of a PEFT adapter for the model.")] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="Branch, tag or commit on the hub.")] = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="URL", help="Ask an OpenAI-compatible server instead of a local model."),
    ] = None,
    key_variable: Annotated[
        str | None,
        typer.Option("--key-variable", help="Environment variable with the server's key; TUNESMITH_API_KEY if set."),
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", help="Questions under way at once on a server.")] = 8,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for one reply of a server.")] = 120.0,
    temperature: Annotated[float, typer.Option("--temperature", help="0 takes the most likely token each time.")] = 0.0,
    top_p: Annotated[float, typer.Option("--top-p", help="Sample from the tokens with this much probability.")] = 1.0,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", help="Most tokens of an answer, thoughts included.")
    ] = 1024,
    seed: Annotated[int, typer.Option("--seed", help="Of sampling.")] = 0,
    stop: Annotated[
        list[str] | None, typer.Option("--stop", help="A text that ends an answer; may be given several times.")
    ] = None,
    template: Annotated[
        str,
        typer.Option("--template", help="chat (the model's own), plain (a base model), or a file with one in Jinja."),
    ] = "chat",
    template_settings: Annotated[
        str | None, typer.Option("--template-settings", help="For the template: enable_thinking=false.")
    ] = None,
    keep_thinking: Annotated[
        bool,
        typer.Option("--keep-thinking", help="Leave a <think> block in the answer; else it goes to meta.reasoning."),
    ] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option("--dtype", help="auto, float32, bfloat16, float16.")] = "auto",
    batch_tokens: Annotated[
        int,
        typer.Option(
            "--batch-tokens", min=1, help="Tokens of prompts and answers that a local model works on at once."
        ),
    ] = 16_384,
    format: Annotated[str, typer.Option("--format", help="Read the questions as this format.")] = "auto",
    columns: Annotated[
        str | None,
        typer.Option("--columns", help="Map columns of the questions: prompt=ask,reference=gold,id=number."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder for what was answered; OUT.cache by default.")
    ] = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Ask a model all questions of a set; one prediction a line, a failed one null with its reason.

    Example: tunesmith evaluate predict --data data/evaluation.jsonl --model Qwen/Qwen3-0.6B --out before.jsonl
    """
    from tunesmith.evaluate import predict
    from tunesmith.evaluate.predict_backend import Decoding
    from tunesmith.evaluate.predict_questions import read_questions

    if model is None:
        raise typer.BadParameter("name a model, local or on the server", param_hint="--model")
    decoding = Decoding(temperature, top_p, max_tokens, seed, tuple(stop or ()))
    decoding.check()
    _check_options(context, is_served=endpoint is not None, template=template, is_greedy=decoding.is_greedy)
    questions = read_questions(data, format=format, columns=pairs(columns))
    predict.check_place(out, questions)
    settings = {name: _value(text) for name, text in (pairs(template_settings) or {}).items()}
    try:
        if endpoint is not None:
            backend = _served(endpoint, model, key_variable, concurrency, timeout, settings)
        else:
            backend = _local(model, adapter, revision, template, settings, device, dtype, batch_tokens)
        done = predict.predict(
            questions,
            backend,
            out,
            decoding=decoding,
            keep_thinking=keep_thinking,
            cache=cache,
            replace=replace,
            progress=progress(),
        )
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was answered is kept, run the same command to go on\n")
        raise typer.Exit(130) from None
    show(predict.as_json(done) if json else predict.as_text(done))


def _value(text: str) -> Any:
    """`false` as what it means in JSON; any other word as a text."""
    from tunesmith.curate import jsontext

    try:
        return jsontext.loads(text.encode())
    except ValueError:
        return text


def _check_options(context: typer.Context, *, is_served: bool, template: str, is_greedy: bool) -> None:
    """Options that would be ignored are refused."""
    if is_served:
        named = ("template",) if template != "chat" else ()
        local = ("adapter", "revision", *named, "device", "dtype", "batch_tokens")
        refuse_given(context, local, "is for a local model; leave out --endpoint or this")
    else:
        refuse_given(context, ("key_variable", "concurrency", "timeout"), "is for a server; add --endpoint")
    if template == "plain":
        refuse_given(context, ("template_settings",), "is for a chat template; --template plain has none")
    if is_greedy:
        refuse_given(context, ("top_p",), "is for sampling; add a --temperature above 0, or leave it out")


def _served(
    url: str, model: str, key_variable: str | None, concurrency: int, timeout: float, settings: Mapping[str, Any]
) -> Backend:
    from tunesmith.curate.endpoint import Endpoint
    from tunesmith.evaluate.predict_endpoint import EndpointBackend

    server = Endpoint(url, model, key_variable=key_variable, concurrency=concurrency, timeout_seconds=timeout)
    return EndpointBackend(server, template_settings=settings)


def _local(
    model: str,
    adapter: Path | None,
    revision: str | None,
    template: str,
    settings: Mapping[str, Any],
    device: str,
    dtype: str,
    batch_tokens: int,
) -> Backend:
    from tunesmith.evaluate.predict_transformers import load_backend
    from tunesmith.evaluate.retention_local import base_and_adapter

    base, trained = base_and_adapter(model, None if adapter is None else str(adapter))
    return load_backend(
        base,
        adapter=None if trained is None else Path(trained),
        revision=revision,
        template=template,
        template_settings=settings,
        device=device,
        dtype=dtype,
        batch_tokens=batch_tokens,
    )
