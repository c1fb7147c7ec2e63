"""The frame around every page: who looks, in which language, which pages there are, and what a mistake looks like.

A page is the function `page(here)` of `ui/page_<name>.py`, imported when it is first visited. What a role may not see
is not in the navigation, and at its address stands only that it is not theirs.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from tunesmith.ui.here import Here, Role
from tunesmith.ui.identity import person_here
from tunesmith.ui.launch import launched
from tunesmith.ui.links import link
from tunesmith.ui.people import signed_in
from tunesmith.ui.shown import mistakes_shown
from tunesmith.ui.words import LANGUAGE_NAMES, LANGUAGES, Language, Words

#: Pictures of ours; a Material icon as the icon of the browser's tab would be fetched from the web.
ASSETS = Path(__file__).with_name("assets")


#: A language other than the browser's, in the address.
_LANGUAGE = "lang"


class Place(NamedTuple):
    """A page: its module and address, its mark in the navigation, who may see it."""

    name: str
    icon: str
    role: Role


#: The navigation: sections and their pages.
PLACES: dict[str, tuple[Place, ...]] = {
    "": (Place("home", ":material/home:", "owner"),),
    "section_data": (
        Place("dataset", ":material/dataset:", "owner"),
        Place("curate", ":material/filter_alt:", "owner"),
        Place("mix", ":material/balance:", "owner"),
    ),
    "section_people": (Place("review", ":material/rate_review:", "reviewer"),),
    "section_model": (
        Place("train", ":material/model_training:", "owner"),
        Place("report", ":material/analytics:", "lead"),
    ),
    "section_work": (Place("jobs", ":material/pending_actions:", "owner"),),
}


def main() -> None:
    """Draw the page that the address asks for."""
    say = Words(_language())
    st.set_page_config(page_title=say.plain("common.app"), page_icon=ASSETS / "mark.svg", layout="wide")
    st.logo(ASSETS / "logo.svg", icon_image=ASSETS / "mark.svg", size="large")
    workspace = launched().workspace.make()
    person = person_here(workspace, say)
    here = Here(workspace, person, say, dark=st.context.theme.type == "dark", places={})
    chosen = st.navigation(_pages(here))
    _language_choice(say)
    with st.sidebar:
        signed_in(here)
    chosen.run()


def _pages(here: Here) -> dict[str, list[Any]]:
    sections: dict[str, list[Any]] = {"": [_start(here)]}
    for section, places in PLACES.items():
        seen = [place for place in places if here.person.may(place.role)]
        if seen:
            title = here.say(f"common.{section}") if section else ""
            sections.setdefault(title, []).extend(_page(here, place) for place in seen)
        sections[""] += [_closed(here, place) for place in places if place not in seen]
    return sections


def _start(here: Here) -> Any:
    """Where a bare address leads: Streamlit would not answer to the own address of a page that is the default."""

    def draw() -> None:
        first = "home" if here.person.may("owner") else "review"
        st.switch_page(here.places[first], query_params=st.query_params.to_dict())

    return st.Page(draw, title=here.say("common.app"), url_path="start", default=True, visibility="hidden")


def _page(here: Here, place: Place) -> Any:
    title = here.say(f"common.{place.name}")
    page = st.Page(_drawer(here, place), title=title, icon=place.icon, url_path=place.name)
    here.places[place.name] = page
    return page


def _closed(here: Here, place: Place) -> Any:
    """What stands at the address of somebody else's page; without it Streamlit tells of a missing file, in English."""

    def draw() -> None:
        st.title(here.say(f"common.{place.name}"))
        st.info(here.say("common.not_yours"))
        st.caption(here.say("common.ask_owner"))
        link(here, "review", here.say("common.review"), icon=":material/arrow_forward:")

    return st.Page(draw, title=here.say(f"common.{place.name}"), url_path=place.name, visibility="hidden")


def _drawer(here: Here, place: Place) -> Callable[[], None]:
    def draw() -> None:
        with mistakes_shown(here.say):
            _module(place).page(here)

    return draw


def _module(place: Place) -> Any:
    """The page's module. Streamlit looks for garbage after every run, which takes 0.1 s where it looks at all that the
    pages have imported; what a first visit brought in stays, so it is taken out of that search."""
    name = f"tunesmith.ui.page_{place.name}"
    is_new = name not in sys.modules
    module = import_module(name)
    if is_new:
        gc.collect()
        gc.freeze()
    return module


def _language() -> Language:
    chosen = st.session_state.get("language") or st.query_params.get(_LANGUAGE) or _browsers_language()
    return "zh" if chosen == "zh" else "en"


def _browsers_language() -> Language:
    return "zh" if (st.context.locale or "").startswith("zh") else "en"


def _language_choice(say: Words) -> None:
    with st.sidebar:
        st.segmented_control(
            say("common.language"),
            LANGUAGES,
            default=say.language,
            required=True,
            format_func=lambda code: LANGUAGE_NAMES[code],
            key="language",
            label_visibility="collapsed",
        )
    _keep_language(say.language)


def _keep_language(language: Language) -> None:
    """Another language than the browser's stands in the address of every page, so that a reload keeps it."""
    if language != _browsers_language():
        if st.query_params.get(_LANGUAGE) != language:
            st.query_params[_LANGUAGE] = language
    elif _LANGUAGE in st.query_params:
        del st.query_params[_LANGUAGE]
