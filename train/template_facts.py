"""What a chat template does, found by rendering small conversations with it.

>>> has_generation("{% generation %}{{ message.content }}{% endgeneration %}")
True
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from tunesmith.curate.local_model import short_reason
from tunesmith.errors import InputError, RowError
from tunesmith.train.jinja import rendered

#: Letters that no template writes by itself.
_ASKED, _SAID, _THOUGHT, _KEY = "qzxasked", "qzxsaid", "qzxthought", "qzxkey"
_GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")
_THINKING = re.compile(r"</?(?:think|thinking|reasoning)>")

Turns = list[dict[str, Any]]


class Fact(NamedTuple):
    """Something to know about a tokenizer and its template, not an error.

    :param code: `pad_is_eos`, `no_pad`, `double_bos`, `no_bos`, `end_is_not_eos`, `no_end_token`, `writes_date`, …
    """

    code: str
    text: str


class Probed(NamedTuple):
    """What `Template` wants to know."""

    end_marks: tuple[str, ...]
    special: tuple[str, ...]
    reasoning: Literal["field", "inline", "removed"]
    arguments: Literal["object", "text"]
    facts: tuple[Fact, ...]


def has_generation(source: str) -> bool:
    """Whether a template marks what the assistant wrote."""
    return bool(_GENERATION.search(source))


def probe(tokenizer: Any, source: str) -> Probed:
    """Look at a template (`source` is empty for none) and its tokenizer.

    :raises InputError: where the template is no Jinja that can be read.
    """
    if not source:
        return Probed(
            (tokenizer.eos_token,), _special(tokenizer, ""), "inline", "object", tuple(_token_facts(tokenizer))
        )
    _check_syntax(source)
    marks = {name: str(mark) for name, mark in tokenizer.special_tokens_map.items()}
    plain = _try(source, marks, _turns())
    prompt = _try(source, marks, _turns()[:1], prompt=True)
    end = _end_of_turn(tokenizer, plain)
    ends: list[str] = [*([end] if end else []), str(tokenizer.eos_token)]
    facts = [*_token_facts(tokenizer), *_template_facts(tokenizer, source, plain, prompt, end)]
    headers = "".join(plain.split(_SAID)) if plain else ""
    return Probed(
        tuple(dict.fromkeys(ends)),
        _special(tokenizer, headers),
        _reasoning(source, marks),
        _arguments(source, marks),
        tuple(facts),
    )


def _check_syntax(source: str) -> None:
    from jinja2 import TemplateSyntaxError

    try:
        rendered(source, {}, [{"role": "user", "content": _ASKED}], None)
    except TemplateSyntaxError as error:
        what = f"the chat template is no Jinja that can be read ({short_reason(error)})"
        raise InputError(what, where=f"line {error.lineno} of the template", remedy="correct it") from None
    except RowError:  # it wants other turns
        return


def _turns(**answer: Any) -> Turns:
    return [{"role": "user", "content": _ASKED}, {"role": "assistant", "content": _SAID, **answer}]


def _try(source: str, marks: dict[str, str], turns: Turns, *, prompt: bool = False) -> str:
    """The rendered turns, empty where the template refuses them."""
    try:
        return rendered(source, marks, turns, None, add_generation_prompt=prompt).text
    except RowError:
        return ""


def _added(tokenizer: Any) -> list[Any]:
    return list(tokenizer.added_tokens_decoder.values())


def _end_of_turn(tokenizer: Any, plain: str) -> str | None:
    """The added token that stands first behind the words of an answer."""
    _, found, rest = plain.rpartition(_SAID)
    if not found:
        return None
    places = {token.content: rest.find(token.content) for token in _added(tokenizer) if not token.content.isspace()}
    at = [(place, -len(mark), mark) for mark, place in places.items() if place >= 0]
    return min(at)[2] if at else None


def _special(tokenizer: Any, headers: str) -> tuple[str, ...]:
    """Strings that only a template may write: the special tokens, and the added tokens that it writes around turns
    (DeepSeek's role marks are not `special`). Marks of thoughts and of calls are what an assistant writes itself."""
    named = {*tokenizer.all_special_tokens, *(tokenizer.chat_control_tokens or ())}  # the maker's own list
    found = [
        token.content
        for token in _added(tokenizer)
        if (token.special or token.content in named or (token.content in headers and not token.content.isalnum()))
        and not token.content.isspace()
        and not _THINKING.fullmatch(token.content)
    ]
    return tuple(sorted(set(found), key=lambda mark: (-len(mark), mark)))


def _reasoning(source: str, marks: dict[str, str]) -> Literal["field", "inline", "removed"]:
    if _THOUGHT in _try(source, marks, _turns(reasoning_content=_THOUGHT, thinking=_THOUGHT)):
        return "field"
    inline = f"<think>\n{_THOUGHT}\n</think>\n\n{_SAID}"
    return "inline" if _THOUGHT in _try(source, marks, _turns(content=inline)) else "removed"


def _arguments(source: str, marks: dict[str, str]) -> Literal["object", "text"]:
    """As an object, which most templates turn into JSON themselves; as text where that fails or gives Python."""

    def asked(arguments: Any) -> str:
        call = {"id": "call00001", "type": "function", "function": {"name": "f", "arguments": arguments}}
        return _try(source, marks, _turns(content="", tool_calls=[call]))

    as_object = asked({_KEY: "v"})
    if _KEY in as_object and f"'{_KEY}'" not in as_object:
        return "object"
    return "text" if _KEY in asked(f'{{"{_KEY}": "v"}}') else "object"


def _token_facts(tokenizer: Any) -> list[Fact]:
    eos = tokenizer.eos_token
    if tokenizer.pad_token_id is None:
        return [_fact("no_pad")]
    return [_fact("pad_is_eos", eos=eos)] if tokenizer.pad_token_id == tokenizer.eos_token_id else []


def adds_bos(tokenizer: Any) -> bool:
    """Whether the tokenizer begins a plain text with BOS."""
    return tokenizer.bos_token_id is not None and tokenizer("x")["input_ids"][:1] == [tokenizer.bos_token_id]


def _template_facts(tokenizer: Any, source: str, plain: str, prompt: str, end: str | None) -> list[Fact]:
    facts = []
    eos, bos = tokenizer.eos_token, tokenizer.bos_token
    if plain and adds_bos(tokenizer):
        facts.append(_fact("double_bos" if plain.startswith(bos) else "no_bos", bos=bos))
    if plain and end is None:
        facts.append(_fact("no_end_token"))
    if end is not None and tokenizer.convert_tokens_to_ids(end) not in tokenizer(plain)["input_ids"]:
        facts.append(_fact("end_is_text", end=end))
    if end is not None and end != eos:
        facts.append(_fact("end_is_not_eos", end=end, eos=eos))
    if plain and not plain.startswith(prompt):
        facts.append(_fact("prompt_differs"))
    if "strftime_now" in source:
        facts.append(_fact("writes_date"))
    return facts


def _fact(code: str, **marks: str) -> Fact:
    return Fact(code, _TEXTS[code].format(**marks))


_TEXTS = {
    "no_pad": "the tokenizer has no token for padding; EOS serves, and no label hangs on it",
    "pad_is_eos": "padding and EOS are one token, {eos}; it is trained all the same: labels are set by place",
    "double_bos": "template and tokenizer both write {bos}: a text rendered beforehand has two; here it has one",
    "no_bos": "the tokenizer begins a text with {bos}, the template does not: chats have none, as in serving",
    "no_end_token": "the template writes no special token behind an answer: a model cannot learn to stop",
    "end_is_text": "turns end with {end}, which the tokenizer cuts into other tokens: a model cannot learn to stop",
    "end_is_not_eos": "turns end with {end}, EOS is {eos}: a server must stop at both (generation_config.json)",
    "prompt_differs": "the template asks for an answer otherwise than it writes one; the asking counts",
    "writes_date": "the template writes today's date: rows that are encoded on another day differ in it",
}
