"""Whether what is trained looks like what a server will ask: the same template, and the same prompt, token by token.

A server renders the turns before an answer with `add_generation_prompt=True`. That must be what stands before the
answer in the example that is trained; where it is not, the model is asked in a way that it never saw.

>>> compare_templates("{% generation %}{{ a }}{% endgeneration %}", "{{ a }}")
'marks'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import RowError
from tunesmith.train.preflight_tally import SPECIAL_FLAG, strings_in
from tunesmith.train.preflight_types import Serving
from tunesmith.train.types import MASKED, PARTS, Encoded, Example, Fate

if TYPE_CHECKING:
    from tunesmith.train.template import Template

EXAMPLES = 5  # ids of rows that differ
_BATCH = 256  # rows that are tokenised at once
_AROUND = 12  # tokens shown on each side of the place where two prompts part
_GENERATION = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")
_PROBE = "tunesmith"
#: What the encoding notes where a prompt may not be the beginning of an example.
_DOUBTS = frozenset({"prompt_differs", "prompt_refused", "boundary_cut", "history_rewritten"})
_REASONING = PARTS.index("reasoning")  # masked where a person asks for it
#: What a role's opening is where the template has no place for the role.
REFUSED = "refused"


class _Asked(NamedTuple):
    """A row whose prompts are compared token by token."""

    encoded: Encoded
    prompts: tuple[str, ...]
    is_escaped: bool


def served_template(template: Template) -> Template | None:
    """The model's own template, which a server uses; None where its folder holds none."""
    from tunesmith.train.template import template_of

    own = template.tokenizer.chat_template
    if not own or own == template.source:
        return template if own else None
    return template_of(template.tokenizer, template.name)


@dataclass
class Compared:
    """How many rows were compared, and what was found: at most `EXAMPLES` ids of rows that differ, and the first."""

    rows: int = 0
    same: int = 0
    escaped: int = 0
    skipped: int = 0
    ids: list[str] = field(default_factory=list)
    example: dict[str, str] | None = None

    def merge(self, other: Compared) -> None:
        """Add what was found in the rows behind these."""
        for name in ("rows", "same", "escaped", "skipped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ids = [*self.ids, *other.ids][:EXAMPLES]
        self.example = self.example or other.example


class PromptCheck:
    """Compares the context of each answer that is trained with the prompt that a server makes of the turns before it.

    Where both use one template, the encoding has done that already: it looks for the server's text at the beginning of
    the example, and notes where that is not so or where a token crosses its end. Where no token does, the tokens before
    are the same too. All other rows are rendered and tokenised once more here, and compared token by token.

    :param served: the template in the model's folder, None where there is none.
    """

    def __init__(self, template: Template, served: Template | None, *, last_only: bool = False) -> None:
        self._template, self._served, self._last_only = template, served, last_only
        self._waiting: list[_Asked] = []
        self._found = Compared()

    def add(self, encoded: Encoded) -> None:
        """One row, if it has an example."""
        if not encoded.examples:
            return
        row, _, fate = encoded
        asked = prompts_of(row.record, last_only=self._last_only)
        if self._served is None or not asked or self._begins_elsewhere(fate):
            self._found.skipped += 1
            return
        is_escaped = SPECIAL_FLAG in fate.flags and any(
            strings_in(Record("sft", prompt), self._template.special) for prompt in asked
        )
        if self._served is self._template and not is_escaped and _DOUBTS.isdisjoint(fate.flags):
            self._is_same()
            return
        self._wait(self._served, encoded, asked, is_escaped)

    def _begins_elsewhere(self, fate: Fate) -> bool:
        """Rows that were split for their length are asked in other words than they stand in."""
        return self._served is not self._template and (fate.outcome, fate.reason) == ("split", "too_long")

    def _wait(self, served: Template, encoded: Encoded, asked: Sequence[Messages], is_escaped: bool) -> None:
        from tunesmith.train.turns import render

        row = encoded.row
        try:
            texts = [render(served, turns, row.record.tools, add_generation_prompt=True) for turns in asked]
        except RowError as error:
            self._differs(row.row_id, {"served": error.what, "trained": ""})
            return
        self._waiting.append(_Asked(encoded, tuple(texts), is_escaped))
        if len(self._waiting) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        texts = [text for one in self._waiting for text in one.prompts]
        made = iter(self._template.core.encode_batch(texts, add_special_tokens=False))
        for one in self._waiting:
            self._compare(one, [next(made).ids for _ in one.prompts])
        self._waiting.clear()

    def _compare(self, one: _Asked, prompts: Sequence[Sequence[int]]) -> None:
        examples = one.encoded.examples
        missing = [prompt for prompt in prompts if not any(is_context(prompt, example) for example in examples)]
        if not missing:
            self._is_same()
        elif one.is_escaped:
            self._found.rows, self._found.escaped = self._found.rows + 1, self._found.escaped + 1
        else:
            self._differs(one.encoded.row.row_id, self._shown(examples[-1].input_ids.tolist(), missing[-1]))

    def _shown(self, trained: Sequence[int], served: Sequence[int]) -> dict[str, str]:
        """Both around the first place where they part."""
        pairs = enumerate(zip(trained, served))
        place = next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(trained), len(served)))
        around = slice(max(0, place - _AROUND), place + _AROUND)
        return {"served": self._text(served[around]), "trained": self._text(trained[around]), "token": str(place)}

    def _is_same(self) -> None:
        self._found.rows, self._found.same = self._found.rows + 1, self._found.same + 1

    def _differs(self, row_id: str, shown: Mapping[str, str]) -> None:
        self._found.merge(Compared(rows=1, ids=[row_id], example={"row_id": row_id, **shown}))

    def _text(self, ids: Sequence[int]) -> str:
        return str(self._template.tokenizer.decode(ids, skip_special_tokens=False))

    def found(self) -> Compared:
        """What was found in all rows."""
        self._flush()
        return self._found


def serving_of(template: Template, served: Template | None, found: Compared) -> Serving:
    """What was compared, beside the verdict on the templates."""
    return Serving(
        template=compare_templates(template.source, served.source if served else None),
        trained_hash=template.hash,
        served_hash=served.hash if served else None,
        compared=found.rows,
        same=found.same,
        escaped=found.escaped,
        not_compared=found.skipped,
        differs=tuple(found.ids),
        example=found.example,
        starts=starts_of(template) if template.source else None,
        facts={fact.code: fact.text for fact in template.facts},
    )


def compare_templates(trained: str, served: str | None) -> str:
    """`same`, `marks`, `differs` or `none`; see `Serving.template`."""
    if not served:
        return "none"
    if trained == served:
        return "same"
    bare = [_GENERATION.sub("", text) for text in (trained, served)]
    return "marks" if bare[0] == bare[1] else "differs"


def prompts_of(record: Record, *, last_only: bool) -> tuple[Messages, ...]:
    """The turns before each answer; before an answer that begins a conversation there are none."""
    places = [place for place, turn in enumerate(record.turns) if turn.role == "assistant" and place]
    return tuple(record.turns[:place] for place in (places[-1:] if last_only else places))


def is_context(prompt: Sequence[int], example: Example) -> bool:
    """Whether an example begins with a prompt and trains what comes next: a masked token there is one that a server
    does not write and the model does not learn to. Of an example that was cut, as far as it goes."""
    ids, end = example.input_ids, len(prompt)
    if not np.array_equal(ids[:end], prompt[: len(ids)]):
        return False
    return end >= len(ids) or example.labels[end] != MASKED or int(example.parts[end]) == _REASONING


def starts_of(template: Template) -> dict[str, str]:
    """What stands before the words of a turn, by role; `refused` where the template has no place for one."""
    ask, answer = Message("user", "?"), Message("assistant", _PROBE)
    call = {"id": "call00001", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    called = Message("assistant", None, tool_calls=[call])
    tries: dict[str, tuple[Messages, Messages]] = {
        "system": ((), (Message("system", _PROBE), ask)),
        "user": ((), (Message("user", _PROBE),)),
        "assistant": ((ask,), (ask, answer)),
        "tool": ((ask, called), (ask, called, Message("tool", _PROBE, tool_call_id="call00001"))),
    }
    return {role: _start(template, before, turns) for role, (before, turns) in tries.items()}


def _start(template: Template, before: Messages, turns: Messages) -> str:
    from tunesmith.train.turns import render

    try:
        whole = render(template, turns, None)
        earlier = render(template, before, None) if before else ""
    except RowError:
        return REFUSED
    head, found, _ = whole.partition(_PROBE)
    return head[_common(head, earlier) :] if found else REFUSED


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with together."""
    return next((at for at, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
