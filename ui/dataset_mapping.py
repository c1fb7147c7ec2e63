"""How a dataset is read: what was detected and why, another reading chosen by hand, and the first rows it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.dataset_preview import show_cells, show_preview
from tunesmith.ui.dataset_profiles import ask_for_profile
from tunesmith.ui.dataset_reading import MAPPINGS, Looked, format_names, guess, is_complete, is_known, kind_of, look
from tunesmith.ui.datasets import Dataset, write_dataset
from tunesmith.ui.here import Here
from tunesmith.ui.shown import show_error
from tunesmith.ui.words import catalogue, escaped

_COLUMNS = "columns"


def reading_section(here: Here, dataset: Dataset) -> bool:
    """Detection, mapping and preview; whether the rows can be read as it is kept now.

    :raises InputError: the file cannot be read at all.
    """
    with st.spinner(here.say("dataset.opening"), show_time=False):
        looked = look(dataset.path, format="auto", columns=None)
    known = is_known(looked, dataset)
    st.subheader(here.say("dataset.reading"), anchor=False)
    _detected(here, dataset, looked)
    with st.expander(here.say("dataset.read_otherwise"), expanded=not known, icon=":material/tune:"):
        draft = _draft(here, dataset, looked)
    seen = _seen(here, draft)
    if seen is None:
        show_cells(here, looked, key=f"cells_{dataset.id}")
    else:
        show_preview(here, seen.got, key=f"preview_{dataset.id}")
    if draft is not None and seen is not None and (draft.format, draft.columns) != (dataset.format, dataset.columns):
        st.caption(here.say("dataset.not_kept"))
        if st.button(here.say("dataset.keep_reading"), key=f"read_{dataset.id}", type="primary"):
            ask_for_profile(here.workspace, write_dataset(here.workspace, draft))
            st.rerun()
    return known


def format_name(here: Here, name: str) -> str:
    """A format as people call it; one without such a name, as the library does."""
    key = f"format_{name}"
    return here.say.plain(f"dataset.{key}") if key in catalogue("dataset") else name


def _detected(here: Here, dataset: Dataset, looked: Looked) -> None:
    parts = [here.say.plain(f"dataset.container_{looked.container}")]
    parts += [looked.encoding] if looked.encoding != "binary" else []
    parts += [looked.compression] if looked.compression else []
    if dataset.columns:
        pairs = ", ".join(f"{key} = {column}" for key, column in dataset.columns.items())
        st.markdown(here.say("dataset.reads_columns", columns=pairs))
    elif dataset.format != "auto":
        st.markdown(here.say("dataset.reads_as", format=format_name(here, dataset.format)))
    elif looked.format is None:
        st.warning(here.say("dataset.not_detected"), icon="⚠️")
    else:
        st.markdown(here.say("dataset.detected", format=format_name(here, looked.format)))
    if looked.format:
        parts.append(here.say.plain("dataset.alike", n=looked.alike, total=looked.looked_at))
    parts.append(here.say.plain("dataset.its_columns", names=_listed(looked.fields)))
    st.caption(" · ".join(map(escaped, parts)))
    for note in looked.notes:
        st.caption(f"{here.say('dataset.note')} {escaped(note)}")


def _listed(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" … (+{len(names) - most:,})" if len(names) > most else "")


def _draft(here: Here, dataset: Dataset, looked: Looked) -> Dataset | None:
    """The dataset as the person would have it read; None while a column is still to be named."""
    usual = _COLUMNS if dataset.columns or (looked.format is None and dataset.format == "auto") else dataset.format
    options = ["auto", _COLUMNS, *format_names()]
    chosen = st.selectbox(
        here.say("dataset.format"),
        options,
        index=options.index(usual) if usual in options else 0,
        format_func=lambda name: format_name(here, name),
        key=f"format_{dataset.id}",
    )
    if chosen != _COLUMNS:
        return replace(dataset, format=chosen or "auto", columns=None)
    columns = _mapping(here, dataset, looked)
    return replace(dataset, format="auto", columns=columns) if columns else None


def _mapping(here: Here, dataset: Dataset, looked: Looked) -> Mapping[str, str] | None:
    kinds = list(MAPPINGS)
    kind = st.selectbox(
        here.say("dataset.mapping"),
        kinds,
        index=kinds.index(kind_of(dataset.columns, looked.fields)),
        format_func=lambda code: here.say.plain(f"dataset.mapping_{code}"),
        key=f"mapping_{dataset.id}",
    )
    usual = dataset.columns or guess(looked.fields, str(kind))
    needed, others = MAPPINGS[str(kind)]
    columns = {}
    options = ["", *looked.fields]
    boxes = [box for group in (needed, others) if group for box in st.columns(len(group))]
    for name, box in zip((*needed, *others), boxes):
        role = here.say(f"dataset.role_{name}")
        column = box.selectbox(
            role if name in needed else f"{role} {here.say('dataset.if_any')}",
            options,
            index=options.index(usual[name]) if usual.get(name) in options else 0,
            format_func=lambda field: field or here.say.plain("dataset.no_column"),
            key=f"column_{dataset.id}_{kind}_{name}",
        )
        if column:
            columns[name] = column
    if is_complete(columns, str(kind)):
        return columns
    st.caption(here.say("dataset.mapping_incomplete"))
    return None


def _seen(here: Here, draft: Dataset | None) -> Looked | None:
    """The first rows, read as the draft says; a mistake in it stands where it is made."""
    if draft is None:
        return None
    try:
        return look(draft.path, format=draft.format, columns=draft.columns)
    except InputError as error:
        show_error(here.say, error)
        return None
