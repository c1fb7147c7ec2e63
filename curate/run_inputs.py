"""Everything that a run depends on: its sources, the files that the recipe names beside them, and the mark of them all.

Two runs with the same mark have the same bytes; a folder of another mark is refused by the part that differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tunesmith.curate.embedding_model import open_embedder
from tunesmith.curate.embeddings import Embedder
from tunesmith.curate.files.urls import is_url, masked
from tunesmith.curate.io import file_digest
from tunesmith.curate.recipe import LoadedRecipe, resolved
from tunesmith.curate.run_selection import needs_embedder
from tunesmith.curate.sources import Source
from tunesmith.curate.stage_contamination import evaluation_digests
from tunesmith.curate.stages import fingerprint
from tunesmith.curate.token_counts import Tokenizer, open_tokenizer
from tunesmith.errors import InputError


class NamedFiles(NamedTuple):
    """The files that a recipe names beside its sources, where they are."""

    decisions: list[Path]
    scores: list[Path]
    tokenizer: Tokenizer | None = None
    embedder: Embedder | None = None


def named_files(loaded: LoadedRecipe) -> NamedFiles:
    """Find them.

    :raises InputError: where one is not there.
    """
    recipe = loaded.recipe
    return NamedFiles(
        [_resolve(loaded, path, "decisions") for path in recipe.decisions],
        [_resolve(loaded, path, "scores") for path in recipe.scores],
        open_tokenizer(recipe.tokenizer, base=loaded.folder) if recipe.tokenizer else None,
        _embedder(loaded),
    )


def _embedder(loaded: LoadedRecipe) -> Embedder | None:
    """The model, where a key needs it: opening it loads torch."""
    if not needs_embedder(loaded.recipe):
        return None
    wish = loaded.recipe.embedding
    return open_embedder(wish.model, device=wish.device, base=loaded.folder)


def _resolve(loaded: LoadedRecipe, path: str, key: str) -> Path:
    if is_url(path):
        remedy = "copy it beside the recipe and name it there"
        raise InputError(f"a {key} file is read from this machine", where=masked(path), remedy=remedy)
    place = Path(path) if Path(path).is_absolute() else loaded.folder / path
    if not place.is_file():
        raise InputError(f"the {key} file does not exist", where=str(place), remedy=f"check `{key}` in the recipe")
    return place


def run_parts(loaded: LoadedRecipe, sources: tuple[Source, ...], files: NamedFiles) -> dict[str, str]:
    """What the output depends on: the recipe (but for the language), the input and how it is read, and other files."""
    plain = resolved(loaded.recipe)
    del plain["language"]  # a finished run only writes its report again
    inputs = [
        [source.spec, [(file.name, file.digest, file.container, file.encoding) for file in source.plan.input.files]]
        for source in sources
    ]
    tokenizer = files.tokenizer.digest if files.tokenizer else None
    return {
        "recipe": fingerprint(plain),
        "input": fingerprint(inputs),
        "decisions": fingerprint([file_digest(path) for path in files.decisions]),
        "scores": fingerprint([file_digest(path) for path in files.scores]),
        "evaluation sets": fingerprint(evaluation_digests(loaded.recipe.contamination, loaded.folder)),
        "tokenizer": fingerprint(tokenizer),
        "embedding model": fingerprint(files.embedder.digest if files.embedder else None),
        "versions": fingerprint(),
    }


def input_places(loaded: LoadedRecipe, sources: tuple[Source, ...], files: NamedFiles) -> list[Path]:
    """Files and folders that a run reads, so that it is never told to write over them."""
    wish = loaded.recipe.contamination
    asked = [*(source.asked for source in sources), *(wish.against if wish else ())]
    found = (_place(path, loaded.folder) for path in asked)
    return [*(place for place in found if place is not None), *files.decisions, *files.scores]


def _place(path: str, folder: Path) -> Path | None:
    """Where a source lies on this machine; None where it lies elsewhere."""
    if path.startswith("hub:"):
        return None
    if is_url(path):
        from tunesmith.curate.files.remote import local_path  # with asyncio, which few runs want

        return local_path(path)
    return folder / path.partition("#")[0]
