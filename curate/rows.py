"""All rows of a run side by side: the columns of every source in the recipe's order, and what each row is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.engines.engine import Engine
from tunesmith.curate.ingest import (
    Ingested,
    finish_source,
    ingested_in,
    is_ingested,
    read_source,
    unmeasured,
)
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading_told import announce_room
from tunesmith.curate.recipe import LoadedRecipe
from tunesmith.curate.said import Said, note
from tunesmith.curate.shards import read_columns
from tunesmith.curate.sources import Source, open_source
from tunesmith.curate.stages import fingerprint
from tunesmith.curate.treatment import treatment_of


class Rows(NamedTuple):
    """All rows of a run, in the order of the recipe's sources, with what the stages need to know of them."""

    columns: pa.Table
    row_ids: pa.StringArray
    sources: tuple[Source, ...]
    ingested: tuple[Ingested, ...]
    source: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    group_names: tuple[str, ...]


def open_sources(loaded: LoadedRecipe) -> tuple[Source, ...]:
    """Open every source of a recipe."""
    treatment = treatment_of(loaded.recipe)._replace(basic=loaded.basic)
    return tuple(
        open_source(
            source.path,
            name=source.name or "",
            group=source.group,
            format=source.format,
            columns=source.columns,
            treatment=treatment._replace(fill=source.fill),
            base=loaded.folder,
        )
        for source in loaded.recipe.sources
    )


def ingest_all(sources: tuple[Source, ...], cache: Path, progress: Progress, engine: Engine) -> tuple[Rows, set[str]]:
    """Stage 1 for every source, and the columns of all rows side by side."""
    folders = [_folder_of(source, cache) for source in sources]
    # By folder: sources of the same bytes are read once.
    waiting = {folder: source.plan for source, folder in zip(sources, folders) if not is_ingested(folder)}
    files = [file for plan in waiting.values() for file in plan.input.files]
    size = sum(file.size_bytes for file in files)
    announce_room(files, cache, progress)
    basic = all(plan.treatment.basic for plan in waiting.values())
    with engine.converter(size, progress, basic=basic) as convert:
        read = [read_source(plan, folder, progress, convert) for folder, plan in waiting.items()]
    engine.measure([one for folder, plan in waiting.items() for one in unmeasured(plan, folder)], progress)
    for (folder, plan), rows in zip(waiting.items(), read):
        finish_source(plan, folder, rows)
    done = tuple(ingested_in(folder) for folder in folders)
    tables = [read_columns(ingested.shards) for ingested in done]
    return _side_by_side(sources, done, tables), {folder.name for folder in folders}


def _folder_of(source: Source, cache: Path) -> Path:
    files = [(file.digest, file.container, file.encoding) for file in source.plan.input.files]
    return cache / f"ingest-{fingerprint(files, source.spec)}"  # not the name: a renamed source is not read again


def _side_by_side(sources: tuple[Source, ...], ingested: tuple[Ingested, ...], tables: list[pa.Table]) -> Rows:
    sizes = [len(table) for table in tables]
    first_shard = np.cumsum([0, *(len(one.shards) for one in ingested[:-1])])
    columns = pa.concat_tables(tables)
    number = np.repeat(np.arange(len(sources), dtype=np.int32), sizes)
    groups = tuple(dict.fromkeys(source.group for source in sources))
    group_of = np.array([groups.index(source.group) for source in sources], np.int32)
    shard = columns["shard"].to_numpy() + first_shard.astype(np.int32)[number]
    columns = columns.set_column(columns.schema.get_field_index("shard"), "shard", pa.array(shard))
    names = pa.array([source.plan.name for source in sources], pa.string())
    columns = columns.append_column("source", names.take(pa.array(number)))
    columns = columns.append_column("group", pa.array(groups, pa.string()).take(pa.array(group_of[number])))
    row_ids = pc.binary_join_element_wise(columns["source"], columns["position"].cast(pa.string()), ":")
    return Rows(columns, row_ids.combine_chunks(), sources, ingested, number, group_of[number], groups)


def announce_formats(rows: Rows) -> Iterator[Said]:
    """Rows that came in another format than the rest of their source were read all the same, and are said."""
    for source, ingested in zip(rows.sources, rows.ingested):
        said = [note(text) for text in source.notes]
        yield from (Said(f"{source.plan.name}: {one.en}", f"{source.plan.name}：{one.zh}") for one in said)
        if ingested.rows == 0:
            yield Said(f"{source.plan.name}: holds no rows", f"{source.plan.name}：没有任何行")
        if len(ingested.formats) < 2:
            continue
        main = max(ingested.formats, key=lambda name: ingested.formats[name])
        for name, count in ingested.formats.items():
            if name != main:
                place = source.plan.input.locate(ingested.first_positions[name])
                yield _other_format(source.plan.name, name, main, count, place)


def _other_format(source: str, name: str, main: str, count: int, place: str) -> Said:
    rows_are = "1 row is" if count == 1 else f"{count:,} rows are"
    first = "at" if count == 1 else "the first at"
    return Said(
        f"{source}: {rows_are} {name} rather than {main}, {first} {place}",
        f"{source}：有 {count:,} 行是 {name} 而不是 {main}，{'位于' if count == 1 else '第一行位于'} {place}",
    )
