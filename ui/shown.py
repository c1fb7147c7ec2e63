"""How things that are not ours are shown: as the text that they are, never as Markdown, HTML or a formula.

>>> show_command(say, ["curate", "run", "my recipe.yaml", "--out", "runs/first"])  # doctest: +SKIP
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st
from streamlit.errors import FragmentHandledException

from tunesmith.errors import InternalError, TunesmithError
from tunesmith.ui.words import Words, escaped

Draw = TypeVar("Draw", bound=Callable[..., None])


def show_error(say: Words, error: TunesmithError) -> None:
    """A mistake in words: what was expected, what was seen, what to do."""
    st.error("  \n".join(escaped(line) for line in str(error).splitlines()), icon="⚠️")


@contextmanager
def mistakes_shown(say: Words) -> Iterator[None]:
    """Around what may go wrong: a person's mistake becomes words; a bug does too, and keeps its traceback in the log.

    The frame has it around each page, `fragment` around each part of one.
    """
    try:
        yield
    except FragmentHandledException:  # told already, where it happened
        raise
    except Exception as error:
        if isinstance(error, TunesmithError) and not isinstance(error, InternalError):
            show_error(say, error)
            return
        st.error(say("common.error_unexpected"), icon="⚠️")
        raise


def fragment(say: Words, *, run_every: float | None = None) -> Callable[[Draw], Draw]:
    """A part of a page that is drawn again by itself, as `st.fragment` does, its mistakes in words.

    It is drawn without the frame then, and Streamlit would show no more of a mistake than its type.

    :param run_every: seconds after which it is drawn again; None: only when something in it is used.
    """
    return lambda draw: st.fragment(mistakes_shown(say)(draw), run_every=run_every)


def show_command(say: Words, arguments: Sequence[str]) -> None:
    """The command line that does what the page does, to copy."""
    st.caption(say("common.command"))
    st.code(command_line(arguments), language="bash", wrap_lines=True)


def command_line(arguments: Sequence[str]) -> str:
    """The arguments as a person would type them."""
    return shlex.join(["tunesmith", *arguments])


def show_text(text: str) -> None:
    """A text of somebody's data, with its lines and spaces."""
    st.text(text)
