"""`tunesmith evaluate score`: how good one system's answers are.

tunesmith evaluate score preds.jsonl --references data/evaluation.jsonl --out scores/before
tunesmith evaluate score preds.jsonl --out scores/before --metrics rougeL,choice_accuracy --slice source --json
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from tunesmith.cli_shared import Json, Lang, pairs, progress, show

if TYPE_CHECKING:
    from tunesmith.curate.embeddings import Embedder


def score_command(
    path: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="JSON Lines of id, messages, prediction, reference, fields.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the scores.")],
    references: Annotated[
        Path | None, typer.Option("--references", help="File with the right answers and further fields, by id.")
    ] = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", help="Names, such as rougeL,choice_accuracy; all that apply by default.")
    ] = None,
    compatible: Annotated[
        str | None,
        typer.Option("--compatible", help="Add the figures of rouge-score, rouge-chinese or llamafactory."),
    ] = None,
    similarity: Annotated[
        str | None,
        typer.Option("--similarity", metavar="MODEL", help="Add the similarity of meaning, by this embedding model."),
    ] = None,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slice", metavar="FIELD", help="Score by this field; by default by all of 2 to 20 values."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Map names of the file: prediction=output,reference=label.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the intervals.")] = 0,
    lang: Lang = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over other scores in that folder.")] = False,
    json: Json = False,
) -> None:
    """Score answers: each figure with its number of items and a 95 % interval, over all and by slice.

    Example: tunesmith evaluate score preds.jsonl --references data/evaluation.jsonl --out scores/before
    """
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    from tunesmith.evaluate.score import score_file
    from tunesmith.evaluate.score_text import as_text

    try:
        summary = score_file(
            path,
            out,
            references=references,
            columns=pairs(columns),
            metrics=_names(metrics),
            compatible=compatible,
            embedder=_embedder(similarity),
            slices=slices,
            language=cast(Literal["en", "zh"], lang or "en"),
            seed=seed,
            replace=replace,
            progress=progress(),
        )
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; run the same command to go on\n")
        raise typer.Exit(130) from None
    show(summary if json else as_text(summary, out))


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _embedder(model: str | None) -> Embedder | None:
    if model is None:
        return None
    from tunesmith.curate.embedding_model import open_embedder

    return open_embedder(model)
