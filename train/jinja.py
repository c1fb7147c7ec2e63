"""A conversation as text, by a chat template in Jinja.

>>> rendered("{% for m in messages %}[{{ m.content }}]{% endfor %}", {}, [{"role": "user", "content": "Hi"}], None).text
'[Hi]'
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tunesmith.errors import RowError


class Rendered(NamedTuple):
    """The text, and where the template's generation marks stand in it: `(start, end)` of characters."""

    text: str
    generated: tuple[tuple[int, int], ...] = ()


def rendered(
    source: str,
    variables: dict[str, str],
    turns: list[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    *,
    add_generation_prompt: bool = False,
    marks: bool = False,
) -> Rendered:
    """Render as `apply_chat_template` of transformers does, with the templates that it has compiled.

    :param turns: of plain JSON types; a text that is not there must be absent, not None.
    :param marks: also find the generation marks.
    :raises RowError: `template_refused`, with what the template said.
    """
    from jinja2 import TemplateError, TemplateSyntaxError

    compiled = _compiled(source)
    given = {"messages": turns, "tools": tools, "documents": None, "add_generation_prompt": add_generation_prompt}
    try:
        if marks:
            return _marked(compiled, given | variables)
        return Rendered(compiled.render(given | variables))
    except TemplateSyntaxError:
        raise
    except (TemplateError, TypeError, LookupError, ValueError, AttributeError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RowError("template_refused", reason or type(error).__name__) from None


@lru_cache(maxsize=64)
def _compiled(source: str) -> Any:
    # Not public, but the one place that has the environment of chat templates: its sandbox, `tojson`, `strftime_now`
    # and generation marks. `apply_chat_template` itself copies and checks every message first, which takes as long as
    # rendering; that the texts are the same is tested.
    from transformers.utils.chat_template_utils import _compile_jinja_template

    return _compile_jinja_template(source)


def _marked(compiled: Any, given: Mapping[str, Any]) -> Rendered:
    blocks: list[str] = []
    places: list[tuple[int, int]] = []
    with compiled.environment.activate_tracker(blocks, places):
        for block in compiled.generate(given):
            blocks.append(block)  # noqa: PERF402 (the tracker reads the list while it grows)
    return Rendered("".join(blocks), tuple(places))
