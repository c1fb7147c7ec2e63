"""The parts of Curate that need no page: the draft, the marks, the words, the names of new runs."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given as of_any
from hypothesis import strategies as st

import tests.ui.curate_given as given
from tunesmith.curate.rules import RULES
from tunesmith.curate.word_diff import Piece
from tunesmith.ui.curate_draft import (
    changed_rules,
    preview_command,
    with_numbers,
    with_policy,
    with_rules,
    without,
    written_number,
)
from tunesmith.ui.curate_marks import marked_html, nearby
from tunesmith.ui.curate_recipe import new_run_name
from tunesmith.ui.curate_words import left_because, parameter_name, reason, rule_name
from tunesmith.ui.words import LANGUAGES, Words
from tunesmith.ui.workspace import Workspace

_TAG = re.compile(r"<[^>]*>")


def test_a_draft_keeps_the_last_number_of_a_parameter() -> None:
    draft = with_numbers((), "loop", "from_share", {"zh": 0.3, "en": 0.25})
    draft = with_numbers(draft, "answer_too_long", "max_characters", {"en": 100_000})
    draft = with_numbers(draft, "loop", "from_share", {"zh": 0.5, "en": 0.25})
    assert draft == ("answer_too_long.max_characters.en=100000", "loop.from_share.zh=0.5", "loop.from_share.en=0.25")
    assert with_numbers(draft, "loop", "from_share", {}) == draft[:1]
    assert changed_rules(draft) == ["answer_too_long", "loop"]
    assert without(draft, "loop") == draft[:1]


def test_a_rule_that_is_switched_off_and_on_again_is_unchanged() -> None:
    draft = with_numbers((), "loop", "from_share", {"en": 0.5})
    off = with_policy(draft, "loop", "off")
    assert off == ("loop=off",)
    assert with_policy(off, "loop", None) == ()
    assert with_policy((), "loop", "flag") == ("loop.policy=flag",)
    assert with_policy((), "loop", "drop", turn_on=True) == ("loop=on", "loop.policy=drop")


def test_numbers_are_written_as_people_do() -> None:
    assert [written_number(one) for one in (100_000, 1e6, 0.35, 1.0)] == ["100000", "1000000", "0.35", "1"]


def test_the_command_previews_the_same() -> None:
    assert preview_command("tea", ("loop=off",)) == ["curate", "preview", "runs/tea", "--set", "loop=off"]


def test_changed_rules_join_those_of_the_recipe() -> None:
    assert with_rules({"rules": {"a": False, "b": False}}, {"b": {"x": 1}}) == {"rules": {"a": False, "b": {"x": 1}}}
    assert with_rules({"name": "x"}, {}) == {"name": "x"}


@of_any(st.lists(st.tuples(st.text(), st.booleans())))
def test_a_marked_text_holds_the_text_and_no_tag_but_ours(parts: list[tuple[str, bool]]) -> None:
    made = marked_html([Piece(text, differs) for text, differs in parts])
    assert {tag.split()[0].strip("<>/") for tag in _TAG.findall(made)} <= {"div", "mark"}
    inner = html.unescape(_TAG.sub("", made)).replace("\u200b", "")
    clean = html.unescape(html.escape("".join(text for text, _ in parts))).replace("\u200b", "")
    assert inner == clean


def test_hostile_pieces_become_no_markup() -> None:
    made = marked_html([Piece('<img src=x onerror="alert(1)">', True), Piece("&lt;b&gt;</mark></div><script>", False)])
    assert "<img" not in made
    assert "<script" not in made
    assert made.count("</div>") == 1
    assert "&amp;lt;b&amp;gt;" in made


def test_far_words_become_gaps() -> None:
    pieces = [Piece("same words again and " * 40, False), Piece("new", True)]
    shown = "".join(piece.text for piece in nearby(pieces, most=300))
    assert shown.endswith("new")
    assert len(shown) < 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_parameter_has_words(language: str) -> None:
    say = Words(language)  # type: ignore[arg-type]
    for name, rule in RULES.items():
        assert rule_name(say, name) != name
        assert reason(say, name, None)
        for parameter in rule.defaults:
            assert parameter_name(say, parameter)


def test_a_rule_of_ones_own_is_escaped_in_markdown_only() -> None:
    say = Words("en")
    assert rule_name(say, given.HOSTILE).startswith(r"\!\[x\]\(")
    assert rule_name(say, given.HOSTILE, plain=True) == given.HOSTILE
    assert left_because(say, "rules", "mine") == "mine"
    assert left_because(say, "duplicates", None) == "Duplicates"


def test_a_new_run_takes_the_next_free_number(workspace: Workspace) -> None:
    assert new_run_name(workspace, "tea") == "tea-2"
    (workspace.folder("runs") / "tea-2").mkdir()
    (workspace.folder("recipes") / "tea-3.yaml").write_text("")
    assert new_run_name(workspace, "tea") == new_run_name(workspace, "tea-2") == "tea-4"
