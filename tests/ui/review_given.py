"""Campaigns for the tests of the review: small ones by hand, of systems whose names nobody could overlook."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, insert_campaign
from tunesmith.evaluate.review_types import Criterion, Mode, NewCampaign, NewItem, Side
from tunesmith.ui.here import Here

#: Names that stand in no page, no library and no answer.
SYSTEMS = ("zyx-basemodel-7q", "wvu-tunedmodel-9k")
HOSTILE = "![x](http://evil.example/a.png) <b>*n*</b> $x$ <img src=x onerror=alert(1)>"

CRITERIA = (
    Criterion("correct", "Is it true?", anchors={1: "wrong", 5: "all of it is right"}),
    Criterion(f"kind {HOSTILE}", HOSTILE, low=1, high=3, anchors={1: HOSTILE}),
)


def make(
    where: str,
    mode: Mode = "pairwise",
    n: int = 4,
    *,
    name: str = "spring",
    people: tuple[str, ...] = (),
    **wishes: Any,
) -> None:
    """A campaign of `n` items in a store's file; one answer an item and no repeats, unless it is wished otherwise."""
    with open_store(where, create=True) as store:
        fill(store, mode, n, name=name, people=people, **wishes)


def fill(
    store: Store, mode: Mode, n: int, *, name: str = "spring", people: tuple[str, ...] = (), **wishes: Any
) -> None:
    given = {"overlap": 1, "repeats": 0.0, "guidelines": f"guide {HOSTILE}", **wishes}
    insert_campaign(store, NewCampaign(name, mode, **given), [item(mode, place) for place in range(n)])
    for person in people:
        add_reviewer(store, person)


def item(mode: Mode, place: int) -> NewItem:
    first, second = Side(SYSTEMS[0], f"one {place} {HOSTILE}"), Side(SYSTEMS[1], f"two {place}\n\n# big\n{HOSTILE}")
    content: dict[str, Any] = {"messages": [{"role": "user", "content": f"ask {place} {HOSTILE}"}]}
    content["reference"] = [f"gold {place} {HOSTILE}"]
    if mode == "curation":
        found = {"verdict": "dropped", "rule": "zebra_rule", "value": 3.0, "threshold": 8.0, "row": {"a": 1}}
        return NewItem(f"row{place}", "", (Side("", f"one {place}"),), {**content, **found, "kind": "sft"})
    if mode == "rubric":
        return NewItem(f"q{place}", SYSTEMS[0], (first,), content)
    return NewItem(f"q{place}", "|".join(SYSTEMS), (first, second), content)


def script(here):  # its text alone is run: no annotations, imports inside
    from tunesmith.ui.page_review import page

    page(here)


def drawn(here: Here, *, start: bool = True, **query: str) -> AppTest:
    """The page, past its welcome."""
    app = AppTest.from_function(script, kwargs={"here": here}, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if start and any(button.key == "review_start" for button in app.button):
        app.button(key="review_start").click().run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.text, app.info, app.warning, app.error)
    progress = [str(one.proto.text) for one in app.get("progress")]
    return "\n".join([str(one.value) for kind in kinds for one in kind] + progress)


def rendered(app: AppTest) -> list[str]:
    """All that Streamlit reads as Markdown."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    values = [str(one.value) for kind in kinds for one in kind]
    labels = [str(one.label) for kind in (app.button, app.text_input, app.text_area, app.expander) for one in kind]
    return values + labels + [str(one.proto.text) for one in app.get("progress")]


def keys(app: AppTest, start: str) -> list[str]:
    return [str(button.key) for button in app.button if str(button.key).startswith(start)]
