"""The sixteen kinds of fault: how each is planted, and which names in the ledger count as finding it.

`marks` are the names that belong to the fault: they count for recall and for precision. `also` are other sensible names
for such a row, which count for recall only. A name also covers its kinds: `unsafe` covers `unsafe:drugs`.

>>> len(FAULTS), FAULTS[0].name
(16, 'broken tool JSON')
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from fault_empty import empty_answer
from fault_encodings import mojibake
from fault_loops import loop
from fault_marks import leftover_markup
from fault_private import phone, resident_id, secret
from fault_refusals import refusal
from fault_rows import Row
from fault_text import Edited, echo, edited_duplicate, exact_duplicate, truncated
from fault_tools import broken_call
from fault_wordings import Wordings

Edit = Callable[[Row, Random, Wordings], Edited | None]


class Fault(NamedTuple):
    """One kind. Without an edit its rows are not made of a row of the base: see fault_planting."""

    name: str
    edit: Edit | None
    marks: tuple[str, ...]
    also: tuple[str, ...] = ()
    copies: bool = False  # the row that was edited stays, and the edited one is added


def belongs(mark: str, names: tuple[str, ...]) -> bool:
    """The mark is one of the names or a kind of it."""
    return any(mark == name or mark.startswith(f"{name}:") for name in names)


def private(*kinds: str) -> tuple[str, ...]:
    """The flags and edits of these kinds of private data."""
    return tuple(f"{what}:{kind}" for kind in kinds for what in ("privacy", "redact"))


# Planted in this order: the kinds that fewest rows can carry choose first.
FAULTS = (
    Fault("broken tool JSON", broken_call, ("broken_tool_call",)),
    Fault("wrong answer language", None, ("wrong_language",)),
    Fault("truncated answer", truncated, ("truncated_answer",)),
    Fault("mojibake", mojibake, ("mojibake", "clean:mojibake")),
    Fault("edited duplicate", edited_duplicate, ("near_duplicate",), ("variant",), copies=True),
    Fault("answer echoes prompt", echo, ("prompt_equals_answer", "answer_repeats_prompt")),
    Fault("repetition loop", loop, ("loop", "clean:repeated")),
    Fault("exact duplicate", exact_duplicate, ("exact_duplicate",), ("near_duplicate",), copies=True),
    Fault("phone number", phone, private("phone")),
    Fault("resident id", resident_id, private("resident_id")),
    Fault("e-mail or key", secret, private("email", "api_key", "private_key")),
    Fault("refusal boilerplate", refusal, ("refusal",)),
    Fault(
        "empty or placeholder answer",
        empty_answer,
        ("missing_answer", "empty_turn", "answer_too_short", "placeholder", "stub_answer", "empty_politeness"),
        ("noise",),
    ),
    Fault("leftover markup", leftover_markup, ("template_marks", "clean:end_marks")),
    Fault("overlap with an evaluation set", None, ("contamination",)),
    Fault("unsafe content", None, ("unsafe",)),
)

# (fault that was planted, name of another fault that the row then truly carries too, why)
CONSEQUENCES = (
    ("exact duplicate", "near_duplicate", "what differs in case, width or spacing is alike as well"),
    ("repetition loop", "truncated_answer", "loops end where a token limit would have cut them, or without a mark"),
    ("leftover markup", "truncated_answer", "what follows an opened turn may end with the name of a role"),
    ("answer echoes prompt", "truncated_answer", "an echo ends as its prompt does, which may be without a mark"),
    ("refusal boilerplate", "wrong_language", "it is in the row's language, where the prompt may ask for another"),
)
