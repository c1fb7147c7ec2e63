"""What a workspace holds, for Home: names and times, read from its folders without opening what is in them.

>>> found_in(workspace).is_empty  # doctest: +SKIP
True
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tunesmith.ui.datasets import Dataset, read_datasets
from tunesmith.ui.here import Person
from tunesmith.ui.workspace import Kind, Workspace


class Thing(NamedTuple):
    """A run, a model or a report: its name, and when it was changed last."""

    name: str
    changed: float


class Left(NamedTuple):
    """A campaign that somebody can go on with: how many items are left for them."""

    campaign: str
    left: int


class Found(NamedTuple):
    """What there is, the latest first."""

    datasets: list[Dataset]
    runs: list[Thing]
    models: list[Thing]
    reports: list[Thing]
    predictions: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody has begun."""
        return not any(self)


#: What a finished thing of a kind has in its folder; where nothing is named, the folder itself is enough.
_FINISHED: dict[Kind, tuple[str, ...]] = {"runs": ("manifest.json",), "models": (), "reports": ()}


def found_in(workspace: Workspace) -> Found:
    """Look into the folders."""
    things = {kind: [*_things(workspace, kind, needed)] for kind, needed in _FINISHED.items()}
    predictions = len(workspace.names("predictions"))
    return Found(read_datasets(workspace), things["runs"], things["models"], things["reports"], predictions)


def reviews_left(workspace: Workspace, person: Person) -> list[Left]:
    """The open campaigns in which this person has something left; none where nobody reviews yet.

    :raises TunesmithError: the store is there, and cannot be read.
    """
    store = workspace.review_store
    if "://" not in store and not Path(store).is_file():
        return []
    from tunesmith.evaluate.review_store_campaigns import campaigns
    from tunesmith.ui.review_open import how_far, reviewer_here, store_here

    opened = store_here(workspace)
    known = reviewer_here(opened, person)
    if known is None or not known.active:
        return []
    names = [one.name for one in campaigns(opened) if one.state == "open"]
    left = [Left(name, how_far(opened, name, person.name)[1]) for name in names]
    return [one for one in left if one.left]


def _things(workspace: Workspace, kind: Kind, needed: tuple[str, ...]) -> list[Thing]:
    found = []
    for name in workspace.names(kind):
        path = workspace.folder(kind) / name
        if path.is_dir() and all((path / file).is_file() for file in needed):
            found.append(Thing(name, path.stat().st_mtime))
    return found
