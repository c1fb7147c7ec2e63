"""`tunesmith curate index …`: an index of an existing training set, and deliveries checked against it.

tunesmith curate index build train.jsonl --out train.index.arrow
tunesmith curate index query train.index.arrow new.jsonl --out matches.jsonl
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tunesmith.cli_shared import Json, progress, show

index = typer.Typer(help="Check new data against a training set, without reading that again.", no_args_is_help=True)

Store = Annotated[str, typer.Option("--store", help="arrow (a file), redis (a server), memory (query only).")]
RedisUrl = Annotated[
    str | None,
    typer.Option(
        "--redis-url",
        envvar="TUNESMITH_REDIS_URL",
        help="redis://host:port/db; one with a password belongs into the environment variable.",
    ),
]


@index.command("build")
def index_build_command(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs, dataset_info.json#entry, hub:owner/name, or folders of finished runs."
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Index file to write.")] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="Jaccard similarity from which a row matches, 0.1 to 1.")
    ] = 0.7,
    on: Annotated[
        str,
        typer.Option("--on", help="What has to be alike: row (whole conversation and answer), whole, prompt, answer."),
    ] = "row",
    ngram: Annotated[int, typer.Option("--ngram", help="Tokens in a shingle.")] = 5,
    store: Store = "arrow",
    redis_url: RedisUrl = None,
    name: Annotated[str | None, typer.Option("--name", help="With --store redis: name of the index.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over an index that is there.")] = False,
    json: Json = False,
) -> None:
    """Index a training set, so that each new delivery can be checked against it.

    Example: tunesmith curate index build train.jsonl --out train.index.arrow
    """
    from tunesmith.curate import index as library

    built = library.build_index(
        sources,
        out=out,
        store=store,
        redis_url=redis_url if store == "redis" else None,
        name=name,
        threshold=threshold,
        on=on,
        ngram=ngram,
        replace=replace,
        progress=progress(),
    )
    show(library.as_json(built) if json else library.as_text(built))


@index.command("query")
def index_query_command(
    index_file: Annotated[str, typer.Argument(metavar="INDEX", help="The index file; with --store redis its name.")],
    sources: Annotated[list[str], typer.Argument(help="The delivery: whatever `index build` takes.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File for the matches, a JSON line each (or a folder that exists).")
    ],
    new: Annotated[
        Path | None, typer.Option("--new", help="File for the rows that match nothing, as they came.")
    ] = None,
    store: Store = "arrow",
    redis_url: RedisUrl = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over files that are there.")] = False,
    json: Json = False,
) -> None:
    """Say which rows of a delivery an index knows. They are not compared with each other: `curate dedup` does that.

    Example: tunesmith curate index query train.index.arrow new.jsonl --out matches.jsonl --new rest.jsonl
    """
    from tunesmith.curate import index as library
    from tunesmith.curate.index_query import query_index

    found = query_index(
        index_file, sources, out=out, new=new, store=store, redis_url=redis_url, replace=replace, progress=progress()
    )
    show(library.as_json(found) if json else library.as_text(found))
