"""A conversation as text, by a chat template in Jinja.

>>> rendered("{% for m in messages %}[{{ m.content }}]{% endfor %}", {}, [{"role": "user", "content": "Hi"}], None).text
'[Hi]'
"""

from __future__ import annotations

from collections.abc import Iterable
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
    from jinja2.runtime import new_context

    compiled, names = _compiled(source)
    given = {"messages": turns, "tools": tools, "documents": None, "add_generation_prompt": add_generation_prompt}
    # what `compiled.render` does, but for copying the environment's names each time, which takes longer than the text
    context = new_context(compiled.environment, compiled.name, compiled.blocks, names | given | variables, shared=True)
    try:
        blocks = compiled.root_render_func(context)
        return _marked(compiled, blocks) if marks else Rendered("".join(blocks))
    except TemplateSyntaxError:
        raise
    except (TemplateError, TypeError, LookupError, ValueError, AttributeError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RowError("template_refused", reason or type(error).__name__) from None


@lru_cache(maxsize=64)
def _compiled(source: str) -> tuple[Any, dict[str, Any]]:
    """A template, and the names that its environment gives to all."""
    # Not public, but the one place that has the environment of chat templates: its sandbox, `tojson`, `strftime_now`
    # and generation marks. `apply_chat_template` itself copies and checks every message first, which takes as long as
    # rendering; that the texts are the same is tested.
    from transformers.utils.chat_template_utils import _compile_jinja_template

    compiled = _compile_jinja_template(source)
    return compiled, dict(compiled.globals)


def _marked(compiled: Any, blocks: Iterable[str]) -> Rendered:
    made: list[str] = []
    places: list[tuple[int, int]] = []
    with compiled.environment.activate_tracker(made, places):
        for block in blocks:
            made.append(block)  # noqa: PERF402 (the tracker reads the list while it grows)
    return Rendered("".join(made), tuple(places))
