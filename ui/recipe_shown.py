"""A recipe on a page: its text in a frame of fixed height, to read, to copy and to download."""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.here import Here

#: Pixels; a longer recipe is scrolled inside its frame.
HEIGHT = 260


def recipe_file(here: Here, text: str, name: str, *, key: str, title: str) -> None:
    """The text, and above it a title with the download beside it.

    :param name: of the file that is downloaded.
    :param title: in Markdown.
    """
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(title, width="content")
        st.download_button(
            here.say("curate.download_recipe"),
            text,
            file_name=name,
            mime="application/yaml",
            key=key,
            icon=":material/download:",
            on_click="ignore",
        )
    st.code(text, language="yaml", wrap_lines=True, height=HEIGHT)
