"""`tunesmith train merge, chat`: what to do with what was trained.

tunesmith train merge runs/medical --out runs/medical/merged
tunesmith train chat runs/medical
echo 什么是高血压？ | tunesmith train chat runs/medical
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from tunesmith.cli_shared import Json, Replace, show

_RUN = "A training run, an adapter's folder, a model's folder, or a name on the hub."


def merge_command(
    run: Annotated[Path, typer.Argument(metavar="RUN_OR_ADAPTER", help="A training run, or an adapter's folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the whole model.")],
    dtype: Annotated[
        str, typer.Option("--dtype", help="Of the weights that are written; auto is the base's own.")
    ] = "auto",
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run the code that comes with the base model.")
    ] = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Put an adapter into the weights of its model, for servers that take no adapters.

    Example: tunesmith train merge runs/medical --out runs/medical/merged
    """
    from tunesmith.train.merge import merge_run
    from tunesmith.train.serve import serve_line

    found = merge_run(run, out, dtype=dtype, trust_remote_code=trust_remote_code, replace=replace)
    line = serve_line(out)
    if json:
        show({**found, "serve": line})
    else:
        show(f"merged: {out} ({found['dtype']})\nserve it: {line}")


def chat_command(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN_OR_MODEL", help=_RUN)],
    adapter: Annotated[Path | None, typer.Option("--adapter", help="An adapter for the model.")] = None,
    system: Annotated[str | None, typer.Option("--system", help="What the model is told first.")] = None,
    prompt: Annotated[str | None, typer.Option("--prompt", "-p", help="Ask this, print the answer, and end.")] = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", help="Most tokens of an answer.")] = 512,
    temperature: Annotated[float, typer.Option("--temperature", help="0 takes the most likely token each time.")] = 0.0,
    top_p: Annotated[float, typer.Option("--top-p", help="Sample from the tokens with this much probability.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Of sampling.")] = 0,
    template: Annotated[
        str, typer.Option("--template", help="chat (the model's own), plain (a base model), or a file in Jinja.")
    ] = "chat",
    revision: Annotated[str | None, typer.Option("--revision", help="Branch, tag or commit on the hub.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option("--dtype", help="auto, float32, bfloat16, float16.")] = "auto",
    json: Json = False,
) -> None:
    """Talk to a model in the terminal. What comes through a pipe is one prompt.

    Example: tunesmith train chat runs/medical
    """
    from tunesmith.cli_shared import refuse_given

    if temperature == 0:
        refuse_given(context, ("top_p",), "is for sampling; add a --temperature above 0, or leave it out")
    asked = prompt if prompt is not None else None if sys.stdin.isatty() else sys.stdin.read()
    if asked is not None and not asked.strip():
        raise typer.BadParameter("there is nothing to ask", param_hint="--prompt" if prompt is not None else "stdin")
    if asked is None and json:
        raise typer.BadParameter("prints one answer; give a --prompt, or a pipe", param_hint="--json")
    from tunesmith.evaluate.predict_backend import Decoding
    from tunesmith.train.chat import HELP, open_speaker, talk

    decoding = Decoding(temperature, top_p, max_tokens, seed)
    settings: dict[str, Any] = {"revision": revision, "template": template, "device": device, "dtype": dtype}
    speaker = open_speaker(run, adapter=adapter, decoding=decoding, **settings)
    if asked is not None:
        _answer(speaker, asked, system, json=json)
        return
    sys.stderr.write(f"[{HELP}]\n")
    talk(speaker, _reader(), sys.stdout, sys.stderr, system=system)


def _answer(speaker: Any, asked: str, system: str | None, *, json: bool) -> None:
    from tunesmith.errors import InputError, RowError
    from tunesmith.train.chat import say_once

    try:
        written = say_once(speaker, asked.rstrip("\n"), None if json else sys.stdout, system=system)
    except RowError as error:
        raise InputError(error.what, where="the prompt") from None
    if json:
        show(
            {
                "answer": written.text,
                "finish": written.finish,
                "tokens": written.n_tokens,
                "prompt_tokens": written.n_prompt_tokens,
            }
        )
    elif written.finish == "length":
        sys.stderr.write(f"[cut after {written.n_tokens:,} tokens; --max-tokens allows more]\n")
    if written.finish == "interrupted":
        raise typer.Exit(130)


def _reader() -> Callable[[], str | None]:
    """Lines that a person types, with the arrow keys' history where the system has it."""
    with suppress(ImportError):
        import readline  # noqa: F401 (input() uses it once it is there)

    def read() -> str | None:
        try:
            return input("> ")
        except EOFError:
            sys.stdout.write("\n")
            return None
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            raise

    return read
