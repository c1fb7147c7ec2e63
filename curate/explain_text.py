"""A row's story as a page of text for the terminal, in the order in which it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.curate.explain_meaning_text import missed, tell_left_out
from tunesmith.curate.explain_quality_text import tell_contamination, tell_private
from tunesmith.curate.likeness_text import tell_duplicates
from tunesmith.curate.shown import count, cut, number
from tunesmith.curate.text_page import Page, listed

if TYPE_CHECKING:
    from tunesmith.curate.story import Edit, RuleTold, Side, Story

_TURN_CHARACTERS = 700
_CHANGE_CHARACTERS = 240
_UNNEEDED = {"cap": "was over the cap", "num_samples": "not among the rows that the registry asks for"}
_REPEATS = {"exact_duplicate": "repeats", "semantic_duplicate": "says the same as"}
_MISSES = {"≥": "under", "≤": "over", "<": "not under", ">": "not over", "=": "not", "≠": "which is"}
_RULE = 22  # columns of a rule's name
_LANGUAGES = {
    "zh": "Chinese",
    "en": "English",
    "ja": "Japanese",
    "ko": "Korean",
    "other": "no language known by its script",
}


def as_text(story: Story, color: bool = False, width: int = 100) -> str:
    """The story for a person.

    :param color: with ANSI colours.
    :param width: columns of the terminal.
    """
    page = Page(color, width)
    page.title(f"{story.row_id} {headline(story)}", "green" if story.verdict == "kept" else "red")
    page.pair("Stood in", f"{story.place} (source {story.source}, group {story.group})")
    page.pair("Read as", _read_as(story))
    if story.content_id:
        same = f", as {listed(story.same_content)} too" if story.same_content else ""
        page.pair("Content id", f"{story.content_id}{same}")
    page.blank()
    page.turns(story.turns, most=_TURN_CHARACTERS)
    page.heading("What happened to it")
    _tell_stages(page, story)
    page.heading("To change that")
    for advice in story.advice:
        page.plain(advice.what + (":" if advice.command else ""))
        if advice.command:
            page.command(advice.command)
    return page.text()


def headline(story: Story) -> str:
    """What became of the row, after its id: `was dropped: answer_too_short`."""
    if story.verdict == "kept":
        return "validates" if story.ended[0].file.startswith("validation") else f"trains{_times(story)}"
    if story.verdict == "invalid":
        return f"could not be read: {story.rule}"
    if story.verdict == "unsampled":
        if story.left_out:
            return f"is good, but {missed(story.left_out)}"
        return f"is good, but {_UNNEEDED.get(story.rule or '', 'the mix did not need it')}"
    if story.partner:
        return f"was dropped: it {_REPEATS.get(story.rule or '', 'nearly repeats')} {story.partner.row_id}"
    return "was dropped by a person" if story.stage == "decisions" else f"was dropped: {story.rule}"


def _times(story: Story) -> str:
    copies = len(story.ended[0].lines)
    return f" {copies} times" if copies > 1 else ""


def _read_as(story: Story) -> str:
    if story.verdict == "invalid":
        return f"nothing: {story.detail}"
    language = _LANGUAGES[story.signals["language"]]
    return f"{story.format}, kind {story.kind}, {count(story.signals['turns'], 'turn')}, {language}"


def _tell_stages(page: Page, story: Story) -> None:
    for edit in story.edits:
        _tell_edit(page, edit)
    if story.private:
        tell_private(page, story.private)
    _tell_decision(page, story)
    if story.signals:
        page.pair(
            "Measured", " · ".join(f"{name} {_measured(value)}" for name, value in story.signals.items() if value)
        )
        _tell_rules(page, story)
    for reason in story.broken_calls:
        page.pair("Tool call", reason, "red")
    if story.held:
        tell_contamination(page, story.held)
    tell_duplicates(page, story)
    if story.left_out:
        tell_left_out(page, story, story.left_out)
    _tell_split_and_mix(page, story)
    for ended in story.ended:
        lines = ", ".join(f"{line:,}" for line in ended.lines)
        page.pair("Ended in", f"{ended.file}, line{'s' if len(ended.lines) > 1 else ''} {lines}")


def _measured(value: object) -> str:
    if isinstance(value, bool):
        return "yes"
    return number(value) if isinstance(value, int | float) else str(value)


_LABELS = {"fill": "Filled", "clean": "Cleaned", "history": "Shortened", "redact": "Redacted", "decision": "Edited"}


def _tell_edit(page: Page, edit: Edit) -> None:
    kind, _, names = edit.what.partition(":")
    label = _LABELS[kind]
    if kind == "history":
        first, last = edit.changes[0].turn, edit.changes[-1].turn
        page.pair(label, f"{count(len(edit.changes), 'turn')} left, {first} to {last} of the conversation as it came")
        return
    if names:
        page.pair(label, edit.what.replace(f"{kind}:", ""))
        label = ""
    elif not edit.changes:
        page.pair(label, "without a change of its text")
    for change in edit.changes:
        before, after = _around(change.before or "", change.after or "")
        page.pair(label, f"{change.role}, turn {change.turn}")
        page.pair("  before", before or "(nothing)", "red")
        page.pair("  after", after or "(nothing)", "green")


def _around(before: str, after: str) -> tuple[str, str]:
    """Both texts without most of what they share at both ends."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    left, right = max(0, start - 30), max(0, end - 30)
    return _part(before, left, right), _part(after, left, right)


def _shared(one: str, other: str) -> int:
    size = 0
    for a, b in zip(one, other):
        if a != b:
            break
        size += 1
    return size


def _part(text: str, left: int, right: int) -> str:
    middle = cut(text[left : len(text) - right], most=_CHANGE_CHARACTERS)
    return ("… " if left else "") + middle + (" …" if right else "")


def _tell_decision(page: Page, story: Story) -> None:
    found = story.decision
    if found is None:
        if story.verdict != "invalid":
            page.pair("Decisions", "nobody has decided about it")
        return
    did = {"keep": "exempted it from the rules", "drop": "took it out", "edit": "changed its text"}[found.action]
    reason = f": {found.reason}" if found.reason else ""
    page.pair("Decisions", f"{found.by or 'a person'} {did}{reason}", "yellow")


def _tell_rules(page: Page, story: Story) -> None:
    failed = [rule for rule in story.rules if not rule.passed]
    total = sum(rule.applies for rule in story.rules)
    if not failed:
        summary = f"passes all {total}" if story.rules else "none is on"
    else:
        summary = f"fails {len(failed)} of {total}"
    page.pair("Rules", summary, "red" if failed else None)
    exempt = story.decision is not None and story.decision.action == "keep"
    for rule in failed:
        page.pair("", _failed_line(rule, exempt=exempt), "red")
    for rule in story.rules:
        if rule.applies and rule.passed and rule.sign != "=" and rule.threshold is not None:
            value = "not known" if rule.value is None else f"{number(rule.value)} {rule.sign} {number(rule.threshold)}"
            page.pair("", f"✓ {rule.name:<{_RULE}} {value}")
    for what, names in (
        (
            "✓ nothing found by",
            [rule.name for rule in story.rules if rule.applies and rule.passed and rule.sign == "="],
        ),
        ("– not asked of text:", [rule.name for rule in story.rules if not rule.applies]),
    ):
        if names:
            page.pair("", f"{what} {', '.join(names)}")


def _failed_line(rule: RuleTold, *, exempt: bool) -> str:
    seen = ""
    if rule.value is not None and rule.threshold is not None:
        seen = f"{number(rule.value)}, {_MISSES[rule.sign]} {number(rule.threshold)}: "
    return f"✗ {rule.name:<{_RULE}} {seen}{_done(rule, exempt=exempt)} ({rule.why})"


def _done(rule: RuleTold, *, exempt: bool) -> str:
    if rule.dropped:
        return "this dropped it"
    if exempt:
        return "but it is exempt"
    return "a flag" if rule.policy == "flag" else "would have dropped it too"


def _tell_split_and_mix(page: Page, story: Story) -> None:
    if story.split:
        page.pair("Split", f"{story.split.side} ({_company(story.split)})")
    if story.mix:
        ratio = " : ".join(f"{name} {weight:g}" for name, weight in story.mix.ratio.items())
        taken = {0: "not taken", 1: "taken once"}.get(story.mix.copies, f"taken {story.mix.copies} times")
        page.pair("Mix", f"{taken} ({ratio}, in {story.mix.unit})", None if story.mix.copies else "red")


def _company(side: Side) -> str:
    if side.sharing is None:
        return "the recipe asks for no validation side"
    if not side.sharing:
        return "no other row has a like prompt"
    has = "has a like prompt and shares" if side.sharing == 1 else "have like prompts and share"
    return f"{count(side.sharing, 'other row')} {has} its side: {listed(side.row_ids)}"
