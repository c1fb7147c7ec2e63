"""`tunesmith train preflight`: what will be trained, before it costs anything.

tunesmith train preflight --data runs/medical --model Qwen/Qwen3-0.6B --max-length 2048
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from tunesmith.cli_shared import Json, Lang, Replace, colored, progress, refuse_given, show

if TYPE_CHECKING:
    from tunesmith.train.types import Encoding, Stage

_SYSTEMS = ("llamafactory", "trl", "siliconflow")
_MODES = {
    "--train-on": ("answers", "last-answer", "all"),
    "--over-long": ("drop", "truncate", "split"),
    "--reasoning": ("trained", "masked"),
    "--special": ("escape", "refuse"),
}


def preflight_command(
    context: typer.Context,
    data: Annotated[
        list[str],
        typer.Option(
            "--data", metavar="RUN_OR_FILE", help="Folder of a curate run, or files; may be given several times."
        ),
    ],
    model: Annotated[str, typer.Option("--model", help="Folder or hub name of the model: its tokenizer and template.")],
    max_length: Annotated[int, typer.Option("--max-length", help="Tokens of an example, at most.")],
    validation: Annotated[
        list[str] | None, typer.Option("--validation", help="Files to validate on, if the run brings none.")
    ] = None,
    stage: Annotated[
        str, typer.Option("--stage", help="sft, pretrain, dpo, kto, orpo, simpo, reward or grpo.")
    ] = "sft",
    train_on: Annotated[
        str, typer.Option("--train-on", help="Whose tokens are trained: answers, last-answer or all.")
    ] = "answers",
    over_long: Annotated[
        str, typer.Option("--over-long", help="A row longer than --max-length: drop, truncate or split.")
    ] = "drop",
    reasoning: Annotated[
        str, typer.Option("--reasoning", help="Thoughts before an answer: trained or masked.")
    ] = "trained",
    special: Annotated[
        str, typer.Option("--special", help="Special tokens in a row's text: escape them, or refuse the row.")
    ] = "escape",
    packing: Annotated[bool, typer.Option("--packing/--no-packing", help="Several examples in one sequence.")] = False,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Sequences in a batch, for the padding.")] = 8,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="A chat template in Jinja in place of the model's."),
    ] = None,
    row: Annotated[str | None, typer.Option("--row", metavar="ID", help="Show this row token by token.")] = None,
    system: Annotated[
        str | None, typer.Option("--for", help="Also predict what llamafactory, trl or siliconflow would do.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for report.html, rows.parquet and preflight.json.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 where a row is dropped or cut, or the template does not match.")
    ] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run the code of a tokenizer that brings its own.")
    ] = False,
    lang: Lang = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Tokenise every row as training would, and show what is trained, masked, cut and dropped, and why.

    Example: tunesmith train preflight --data runs/medical --model Qwen/Qwen3-0.6B --max-length 2048 --out preflight
    """
    _check(stage, train_on, over_long, reasoning, special, system, lang)
    _refuse_idle(context, stage, writes=out is not None)
    from tunesmith.train.preflight_asked import Asked
    from tunesmith.train.preflight_run import run_preflight
    from tunesmith.train.types import Encoding

    modes: dict[str, Any] = {"train_on": train_on, "over_long": over_long, "reasoning": reasoning, "special": special}
    encoding: Encoding = Encoding(max_length, packing=packing, **modes)
    asked = Asked(
        data=tuple(data),
        model=model,
        encoding=encoding,
        stage=cast("Stage", stage),
        validation=tuple(validation or ()),
        template=template,
        batch_size=batch,
        row=row,
        system=system,
        out=out,
        replace=replace,
        language="zh" if lang == "zh" else "en",
        trust_remote_code=trust_remote_code,
    )
    try:
        done = run_preflight(asked, progress=progress())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; nothing was trained\n")
        raise typer.Exit(130) from None
    show(done.figures if json else done.text(color=colored()))
    if strict and done.problems:
        raise typer.Exit(1)


def _refuse_idle(context: typer.Context, stage: str, *, writes: bool) -> None:
    """Options that would do nothing."""
    if stage == "pretrain":
        refuse_given(
            context, ("train_on", "over_long", "reasoning", "template"), "documents are trained whole, in chunks"
        )
    elif stage != "sft":
        idle = ("train_on", "reasoning", "special", "packing", "batch")
        refuse_given(context, idle, f"TRL tokenises the rows of {stage} itself; leave this out")
    if not writes:
        refuse_given(context, ("lang", "replace"), "is for the page; add --out")


def _check(
    stage: str, train_on: str, over_long: str, reasoning: str, special: str, system: str | None, lang: str | None
) -> None:
    from tunesmith.train.types import Stage

    given = {"--train-on": train_on, "--over-long": over_long, "--reasoning": reasoning, "--special": special}
    allowed = {**_MODES, "--stage": get_args(Stage), "--for": _SYSTEMS, "--lang": ("en", "zh")}
    for option, value in {**given, "--stage": stage, "--for": system, "--lang": lang}.items():
        if value is not None and value not in allowed[option]:
            expected = " or ".join([", ".join(allowed[option][:-1]), allowed[option][-1]])
            raise typer.BadParameter(f"expected {expected}, saw {value!r}", param_hint=option)
