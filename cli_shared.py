"""What the commands share: options, progress, and printing one JSON object or a text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns", help="Map columns: prompt=ask,answer=reply (also system, input, history, text, chosen …)."
    ),
]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of the report: en or zh.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over another run in that folder.")]


def progress() -> Any:
    """Progress on standard error."""
    from tunesmith.terminal import progress_for

    return progress_for(sys.stderr)


def colored() -> bool:
    """Whether standard output is a terminal that wants colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def show(what: dict[str, Any] | str) -> None:
    """Print a text, or an object as JSON."""
    if isinstance(what, str):
        typer.echo(what)
        return
    from tunesmith.curate.jsontext import dumps_indented

    typer.echo(dumps_indented(what))


def pairs(text: str | None) -> dict[str, str] | None:
    """`prompt=ask,answer=reply` as a mapping; as JSON where a column's name holds a comma: `{"prompt": "a,b"}`."""
    if text is None:
        return None
    if text.startswith("{"):
        return _mapping(text)
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not pairs or not all(key.strip() and equals and value.strip() for key, equals, value in pairs):
        raise typer.BadParameter(f"expected name=column pairs such as prompt=ask,answer=reply, saw {text!r}")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _mapping(text: str) -> dict[str, str]:
    from json import loads

    try:
        found = loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"is no JSON: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise typer.BadParameter(f'expected an object of texts such as {{"prompt": "ask"}}, saw {text!r}')
    return found


def refuse_given(context: typer.Context, names: Iterable[str], why: str) -> None:
    """An option that would do nothing is a mistake, and is told as one.

    :param names: of parameters of the command, with `_`.
    """
    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(why, param_hint="--" + name.replace("_", "-"))


def json_file(path: Path | None) -> dict[str, Any] | None:
    """The object in a file that an option names."""
    if path is None:
        return None
    from tunesmith.curate.io import read_json_object

    return read_json_object(path)
