"""Two answers side by side with the words that differ marked.

The page puts every piece into the document as text: whatever a model wrote, nothing of it becomes a tag, a link or a
picture. Streamlit's own elements can show text, or marks, but not both without Markdown.

>>> show_answers(here, case, before="base", after="tuned", key="case_17")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tunesmith.ui.here import Here
from tunesmith.ui.words import escaped

_CSS = """
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .75rem;
  font-family: var(--st-font); color: var(--st-text-color); }
.side { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: .6rem .8rem;
  max-height: 24rem; overflow: auto; background: var(--st-secondary-background-color); }
.name { font-size: .85rem; opacity: .75; margin: 0 0 .35rem; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .95rem; line-height: 1.5; margin: 0; }
.note { font-size: .85rem; opacity: .7; }
mark { background: color-mix(in srgb, var(--st-primary-color) 25%, transparent); color: inherit; border-radius: 3px;
  text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
"""

_JS = """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".pair");
  root.replaceChildren();
  const add = (to, tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.textContent = text;
    to.appendChild(made);
    return made;
  };
  for (const side of data.sides) {
    const box = add(root, "section", "side", "");
    box.tabIndex = 0;
    box.dir = "auto";
    add(box, "p", "name", side.name);
    const text = add(box, "p", "text", "");
    for (const piece of side.pieces) {
      if (piece[1] === "note") add(text, "span", "note", piece[0]);
      else if (piece[1] === "differs") add(text, "mark", "", piece[0]);
      else text.appendChild(document.createTextNode(piece[0]));
    }
  }
}
"""


def show_answers(here: Here, case: Mapping[str, Any], *, before: str, after: str, key: str) -> None:
    """Both answers; a long one without its middle, which is said.

    :param before, after: the systems' names.
    """
    import streamlit as st

    from tunesmith.evaluate.report_words import say

    sides, is_marked = sides_of(here, case, before, after)
    _component()(data={"sides": sides}, key=key)
    if not is_marked and case["before"] and case["after"]:
        st.caption(escaped(say(here.say.language, "unmarked")))


def sides_of(here: Here, case: Mapping[str, Any], before: str, after: str) -> tuple[list[dict[str, Any]], bool]:
    """The two sides as pieces of text: each with what it is, `same`, `differs` or a `note` of ours.

    The second value is whether differences are marked: of answers that share few words they would be everything.
    """
    from tunesmith.curate.report_format import visible
    from tunesmith.evaluate.report_texts import compared
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    answers = compared(case["before"] or "", case["after"] or "")
    sides = []
    for side, name, answer in (("before", before, answers[0]), ("after", after, answers[1])):
        title = say(language, f"answer_{side}", name=name)
        pieces: list[tuple[str, str]] = []
        if not case[side]:
            key = "report.no_answer" if case[side] is None else "report.empty_answer"
            pieces = [(here.say.plain(key), "note")]
        for place, part in enumerate(answer.parts):
            if place:
                pieces.append((f"\n{say(language, 'cut_out', n=f'{answer.left_out:,}')}\n", "note"))
            pieces += [(visible(piece.text), "differs" if piece.differs else "same") for piece in part if piece.text]
        sides.append({"name": visible(title), "pieces": pieces})
    return sides, all(answer.is_marked for answer in answers)


def is_shortened(case: Mapping[str, Any]) -> bool:
    """Whether some of an answer is left out."""
    from tunesmith.evaluate.report_texts import left_out

    return any(left_out(case[side] or "") for side in ("before", "after"))


@cache
def _component() -> Any:
    import streamlit as st

    return st.components.v2.component("tunesmith_answers", html='<div class="pair"></div>', css=_CSS, js=_JS)
