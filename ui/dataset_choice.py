"""Several datasets chosen from a list, each under a name that no other one has.

A list of Streamlit knows its entries by what they are called: of two with one name, choosing either means the last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here


def choose_datasets(
    here: Here, label: str, datasets: Sequence[Dataset], usual: Sequence[Dataset], *, key: str
) -> list[Dataset]:
    """A list to choose from; when a dataset comes, goes or is called otherwise, it begins with the usual ones again."""
    names = names_of(here, datasets)
    by_id = {dataset.id: dataset for dataset in datasets}
    chosen = st.multiselect(
        label,
        list(by_id),
        default=[one.id for one in usual],
        format_func=lambda name: names[name],
        key=f"{key}_{abs(hash(tuple(names.items())))}",
    )
    return [by_id[name] for name in chosen]


def names_of(here: Here, datasets: Sequence[Dataset]) -> dict[str, str]:
    """Id -> title and group, as plain text; the id too where two would be called alike."""
    told = {one.id: f"{one.title} ({here.say.plain(f'dataset.group_{one.group}')})" for one in datasets}
    often = Counter(told.values())
    return {name: f"{title} [{name}]" if often[title] > 1 else title for name, title in told.items()}
