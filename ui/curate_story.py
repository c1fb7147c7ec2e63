"""One row's story: what it says, what became of it and why, what was done to it, and what a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from tunesmith.ui.curate_decide import decide_buttons, decide_command, decide_row, decided
from tunesmith.ui.curate_marks import marked_html
from tunesmith.ui.curate_pairs import show_contrast
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_words import language_name, left_because, rule_name, shown_number, verdict_name
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.rows import role_name, show_turns
from tunesmith.ui.shown import command_line, show_command

if TYPE_CHECKING:
    from tunesmith.curate.records import Record
    from tunesmith.curate.story import Edit, RuleTold, Story

_VERDICT_COLOURS = {"kept": "green", "dropped": "orange", "invalid": "red", "unsampled": "gray"}


def show_story(here: Here, opened: Opened) -> None:
    """Ask for a row, and tell its story.

    :raises InputError: where there is no such row.
    """
    from tunesmith.curate.explain import explain

    key = f"row_{opened.name}"
    if key not in st.session_state:
        st.session_state[key] = asked("row") or ""
    which = st.text_input(here.say("curate.which_row"), key=key, placeholder=_example(opened)).strip()
    if not which:
        st.caption(here.say("curate.which_row_help"))
        return
    if asked("row") != which:
        st.query_params["row"] = which
    story = explain(opened.run, which)
    _head(here, opened, story)
    text, told = st.columns([3, 2], gap="medium")
    with text:
        show_turns(here, story.turns, key=f"story_{opened.name}_{story.row_id}")
        if story.partner is not None:
            st.markdown(f"**{here.say('curate.beside')}**")
            show_contrast(here, story.partner, story.row_id, key=f"story_pair_{opened.name}_{story.row_id}")
        _edit_form(here, opened, story)
    with told:
        _what_happened(here, story)
        _rules(here, story)
        _measured(here, story)
        show_command(here.say, ["curate", "explain", f"runs/{opened.name}", story.row_id])


def _example(opened: Opened) -> str:
    ids = opened.run.ledger["row_id"]
    return str(ids[0]) if len(ids) else ""


def _head(here: Here, opened: Opened, story: Story) -> None:
    line = opened.run.line(opened.run.number_of(story.row_id))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{here.say('curate.row_name', row=story.row_id)}**", width="content")
        st.badge(verdict_name(here.say, story.verdict), color=_VERDICT_COLOURS[story.verdict])  # type: ignore[arg-type]
        decide_buttons(here, opened, line, key=f"story_{opened.name}")
    if story.verdict != "kept":
        st.markdown(here.say("curate.because", reason=left_because(here.say, story.stage, story.rule, plain=True)))
    if story.detail:
        st.text(story.detail)


def _what_happened(here: Here, story: Story) -> None:
    """In the order in which it happened."""
    st.markdown(f"**{here.say('curate.what_happened')}**")
    st.markdown("\n".join(f"- {line}" for line in _events(here, story)))
    for edit in story.edits:
        _edit(here, edit)


def _events(here: Here, story: Story) -> Iterator[str]:
    say = here.say
    yield say("curate.stood_in", place=story.place, source=story.source, group=story.group)
    if story.format:
        language = language_name(say, str(story.signals.get("language") or "other"))
        yield f"{say('curate.read_as', format=story.format)} · {language}"
    if story.same_content:
        yield say("curate.same_content", n=len(story.same_content))
    if story.private is not None:
        found = ", ".join(f"{name} {count}" for name, count in story.private.kinds.items())
        yield say(f"curate.private_{story.private.policy}", found=found)
    if story.decision is not None:
        by, why = story.decision.by or "", story.decision.reason or ""
        yield " ".join(
            (say(f"curate.was_decided_{story.decision.action}", by=by), say("curate.in_words", why=why) if why else "")
        )
    failed = [rule for rule in story.rules if not rule.passed]
    if story.rules:
        asked_of = sum(rule.applies for rule in story.rules)
        yield say("curate.rules_failed" if failed else "curate.rules_passed", n=len(failed), total=asked_of)
    if story.held is not None:
        yield say("curate.holds_item", item=story.held.item, share=shown_number(story.held.containment))
    if story.partner is not None:
        yield say("curate.stayed_instead", row=story.partner.row_id)
    if story.partner_of:
        yield say("curate.left_for_it", n=len(story.partner_of), rows=_listed(story.partner_of))
    for finding in story.findings:
        rows = [finding.partner.row_id] if finding.partner else [*finding.others]
        yield say(f"curate.found_{finding.what}", rows=_listed(rows), n=max(1, len(rows)))
    if story.split is not None:
        yield say(f"curate.side_{story.split.side}", n=story.split.sharing or 0)
    for ended in story.ended:
        yield say("curate.ended_in", file=ended.file, lines=", ".join(f"{line:,}" for line in ended.lines))


def _listed(rows: tuple[str, ...] | list[str], most: int = 5) -> str:
    return ", ".join(rows[:most]) + (f" … (+{len(rows) - most:,})" if len(rows) > most else "")


def _edit(here: Here, edit: Edit) -> None:
    """What changed the row, before and after."""
    with st.expander(here.say("curate.changed_by", what=edit.what)):
        for change in edit.changes:
            from tunesmith.curate.word_diff import mark_differences

            st.caption(role_name(here, change.role))
            before, after = mark_differences(change.before or "", change.after or "")
            for told, text, pieces in (("before", change.before, before), ("after", change.after, after)):
                st.caption(here.say(f"curate.{told}"))
                if text is None:
                    st.text(here.say.plain("curate.no_text"))
                else:
                    st.html(marked_html(pieces))


def _rules(here: Here, story: Story) -> None:
    """The rules that it fails, and those that it passes at a click."""
    if not story.rules:
        return
    for rule in story.rules:
        if not rule.passed:
            st.markdown(f"- **{rule_name(here.say, rule.name)}** {_compared(here, rule)}")
    passed = [rule for rule in story.rules if rule.passed and rule.applies]
    with st.expander(here.say("curate.passed_rules", n=len(passed))):
        st.markdown("\n".join(f"- {rule_name(here.say, rule.name)} {_compared(here, rule)}" for rule in passed))


def _compared(here: Here, rule: RuleTold) -> str:
    if rule.value is None or rule.threshold is None or rule.sign in ("=", "≠"):
        return ""
    return here.say("curate.measured", value=shown_number(rule.value), threshold=shown_number(rule.threshold))


def _measured(here: Here, story: Story) -> None:
    if story.signals:
        with st.expander(here.say("curate.all_signals")):
            st.json({name: value for name, value in story.signals.items() if value is not None})


def _edit_form(here: Here, opened: Opened, story: Story) -> None:
    """Another text for the last question or the last answer; it begins with what was decided last."""
    if story.verdict == "invalid":
        return
    number = opened.run.number_of(story.row_id)
    record = opened.run.record(number)
    before = decided(here.workspace).get(opened.run.line(number)["content_id"])
    made, shown = _texts(record), _texts(before.record if before and before.record else record)
    key = f"edit_{opened.name}_{story.row_id}"
    with st.expander(here.say("curate.edit_row"), icon=":material/edit:"), st.form(f"{key}_form", border=False):
        for name, role, height in (("prompt", "user", 120), ("answer", "assistant", 200)):
            if name in made:
                st.text_area(here.say(f"curate.role_{role}"), shown.get(name, ""), key=f"{key}_{name}", height=height)
        st.text_input(here.say("curate.why"), key=f"{key}_reason")
        st.form_submit_button(
            here.say("common.save"),
            key=f"{key}_save",
            on_click=_save,
            args=(here, opened, story.row_id, key, made, shown),
        )
        st.caption(here.say("curate.edit_help"))
        st.code(command_line(decide_command(opened, story.row_id, "edit")), language="bash", wrap_lines=True)


def _texts(record: Record) -> dict[str, str]:
    """What of a row can be changed: its last question, where it has one, and its last answer (of a text the text)."""
    if record.kind == "text":
        return {"answer": record.text or ""}
    prompt = next((turn.content or "" for turn in reversed(record.turns) if turn.role == "user"), None)
    answers = record.chosen or tuple(turn for turn in record.turns if turn.role == "assistant")
    answer = (answers[-1].content if answers else None) or ""
    return {"answer": answer} if prompt is None else {"prompt": prompt, "answer": answer}


def _save(here: Here, opened: Opened, row_id: str, key: str, made: Mapping[str, str], shown: Mapping[str, str]) -> None:
    """Decide on what was changed; nothing where nothing was.

    A decision takes the place of the one before: it holds all that differs from the run, not from what was shown.
    """
    new = {name: str(st.session_state[f"{key}_{name}"]) for name in made}
    if new == shown:
        return
    changed = {name: text for name, text in new.items() if text != made[name]} or {"answer": made["answer"]}
    decide_row(here, opened, row_id, "edit", reason=st.session_state.get(f"{key}_reason") or None, **changed)
