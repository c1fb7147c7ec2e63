"""What a lead decides about one item: a press for a choice, a row of numbers for a rubric, a new text for a row."""

from __future__ import annotations

import streamlit as st

from tunesmith.evaluate.review_adjudicate import Disagreement
from tunesmith.evaluate.review_types import Answer, CampaignData, Criterion
from tunesmith.ui.here import Here
from tunesmith.ui.words import escaped


def answer_form(here: Here, data: CampaignData, one: Disagreement) -> Answer | None:
    """The answer, once it is given."""
    comment = st.text_input(here.say("lead.why"), key=f"lead_why_{one.item}", max_chars=2000)
    if data.campaign.mode == "rubric":
        return _rated(here, data, one, comment)
    if data.campaign.mode == "curation":
        return _row(here, one, comment)
    return _chosen(here, one, comment)


def _chosen(here: Here, one: Disagreement, comment: str) -> Answer | None:
    found = None
    with st.container(horizontal=True):
        for choice in ("left", "right", "equal", "both_bad"):
            label = here.say(f"lead.decide_{choice}")
            if st.button(label, key=f"lead_decide_{one.item}_{choice}", width="content"):
                found = Answer(choice, comment=comment)
    return found


def _rated(here: Here, data: CampaignData, one: Disagreement, comment: str) -> Answer | None:
    ratings = {criterion.name: _rating(one, criterion) for criterion in data.criteria}
    if not st.button(here.say("lead.decide"), key=f"lead_decide_{one.item}", type="primary"):
        return None
    given = {name: rating for name, rating in ratings.items() if rating is not None}
    if len(given) < len(ratings):
        st.warning(here.say("lead.rate_all"))
        return None
    return Answer(None, given, comment=comment)


def _rating(one: Disagreement, criterion: Criterion) -> int | None:
    anchors = "  \n".join(f"{score}: {escaped(text)}" for score, text in sorted(criterion.anchors.items()))
    chosen = st.segmented_control(
        escaped(criterion.name),
        list(range(criterion.low, criterion.high + 1)),
        key=f"lead_rating_{one.item}_{criterion.name}",
        help=anchors or None,
    )
    return None if chosen is None else int(chosen)


def _row(here: Here, one: Disagreement, comment: str) -> Answer | None:
    text = st.text_area(
        here.say("lead.new_text"), value=one.answers[0] if one.answers else "", key=f"lead_edit_{one.item}"
    )
    found = None
    with st.container(horizontal=True):
        for choice in ("keep", "drop", "edit"):
            if st.button(here.say(f"lead.decide_{choice}"), key=f"lead_decide_{one.item}_{choice}", width="content"):
                found = Answer(choice, edit={"answer": text} if choice == "edit" else None, comment=comment)
    wrong = "empty" if not text.strip() else "unchanged" if text in one.answers else ""
    if found is not None and found.choice == "edit" and wrong:
        st.error(here.say(f"lead.refused_{wrong}"), icon="⚠️")
        return None
    return found
