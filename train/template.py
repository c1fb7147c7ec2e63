"""A model's tokenizer with the chat template that its rows are rendered by.

>>> template = open_template("Qwen/Qwen3-0.6B")  # doctest: +SKIP
>>> template.end_marks, [fact.code for fact in template.facts]  # doctest: +SKIP
(('<|im_end|>',), [])

Everything is read from a folder, or from what was downloaded before; a name that is not here offline is told. Code that
comes with a model is never run unless a person asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import xxhash

from tunesmith.curate.io import read_text
from tunesmith.curate.local_model import short_reason
from tunesmith.errors import InputError
from tunesmith.train.special import pattern_of
from tunesmith.train.template_facts import Fact as Fact
from tunesmith.train.template_facts import has_generation, probe
from tunesmith.train.token_places import token_sizes
from tunesmith.train.words import Words, can_remember

_NO_TEMPLATE = "give one with --template FILE, or name the chat model of its family (…-Instruct)"


#: Words whose pieces the tokenizer remembers. With its own 10,000, English text takes a fifth longer.
_CACHED_WORDS = 300_000


@dataclass(frozen=True, eq=False)
class Template:
    """A tokenizer and the chat template in Jinja that goes with it; made by `open_template`.

    :param name: the folder or the name on the hub.
    :param source: the text of the chat template; empty where none was asked for (pre-training).
    :param tool_source: the template that is used where a row has tools, if the model has another for that.
    :param end_marks: special tokens that end a turn of the assistant, the template's own first, then EOS.
    :param special: the strings that only the template may write: where a row's text has one, it is encoded as text.
    :param reasoning: where the thoughts before an answer go: a `field` that the template knows, `inline` in the
        content, or `removed` where the template leaves them out of every turn.
    :param arguments: whether the arguments of a tool call are given as an `object` or as JSON `text`.
    """

    tokenizer: Any
    name: str
    source: str
    tool_source: str | None
    hash: str
    has_generation: bool
    bos_id: int | None
    eos_id: int
    pad_id: int | None
    end_marks: tuple[str, ...]
    end_ids: tuple[int, ...]
    special: tuple[str, ...]
    reasoning: Literal["field", "inline", "removed"]
    arguments: Literal["object", "text"]
    facts: tuple[Fact, ...]

    @cached_property
    def variables(self) -> dict[str, str]:
        """What a template is given beside the messages: `bos_token`, `eos_token` …"""
        return {name: str(mark) for name, mark in self.tokenizer.special_tokens_map.items()}

    @cached_property
    def core(self) -> Any:
        """The tokenizer of the library `tokenizers`, which encodes in batches, on all cores."""
        core = self.tokenizer.backend_tokenizer
        core.no_truncation()  # some tokenizer.json files carry both
        core.no_padding()
        core.encode_special_tokens = False
        if hasattr(core.model, "_resize_cache"):
            core.model._resize_cache(_CACHED_WORDS)
        return core

    @cached_property
    def words(self) -> Words | None:
        """Encodes texts by words that it remembers; None where the tokenizer is none of which that is known to do."""
        return Words(self.core) if can_remember(self.core) else None

    @cached_property
    def token_sizes(self) -> Any:
        """The bytes of each token, where `words` are."""
        return token_sizes(self.core)

    @cached_property
    def special_pattern(self) -> re.Pattern[str]:
        """Matches any of `special`."""
        return pattern_of(self.special)

    @cached_property
    def end_pattern(self) -> re.Pattern[str]:
        """Matches any of `end_marks`."""
        return pattern_of(self.end_marks)

    def source_for(self, tools: object) -> str:
        """The template of a row: many models have one for tools."""
        return self.tool_source if tools is not None and self.tool_source else self.source


def open_template(
    model: str,
    *,
    template: Path | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
    chat: bool = True,
) -> Template:
    """The tokenizer of a model with its own chat template, or with one from a file.

    :param chat: False for pre-training, which needs no chat template.
    :raises InputError: where there is no tokenizer, no chat template or no EOS, where a name is not here offline, or
        where the tokenizer would run code that nobody allowed.
    """
    tokenizer = _tokenizer(model, revision, trust_remote_code)
    return template_of(tokenizer, model, given=read_text(template) if template else None, chat=chat)


def template_of(tokenizer: Any, name: str, *, given: str | None = None, chat: bool = True) -> Template:
    """A template for a tokenizer that is loaded already.

    :raises InputError: as `open_template`.
    """
    if not getattr(tokenizer, "is_fast", False):
        remedy = "name a version of the model that has a tokenizer.json"
        raise InputError(
            "the tokenizer has no fast form, and tokens cannot be traced to text", where=name, remedy=remedy
        )
    if tokenizer.eos_token_id is None:
        remedy = "set eos_token in its tokenizer_config.json, or name the chat model of its family"
        raise InputError("the tokenizer has no EOS token, so no answer could ever end", where=name, remedy=remedy)
    source, tool_source = _sources(tokenizer, name, given) if chat else ("", None)
    found = probe(tokenizer, source)
    return Template(
        tokenizer=tokenizer,
        name=name,
        source=source,
        tool_source=tool_source,
        hash=_hash(tokenizer, source, tool_source),
        has_generation=has_generation(source),
        bos_id=tokenizer.bos_token_id,
        eos_id=int(tokenizer.eos_token_id),
        pad_id=tokenizer.pad_token_id,
        end_marks=found.end_marks,
        end_ids=tuple(tokenizer.convert_tokens_to_ids(mark) for mark in found.end_marks),
        special=found.special,
        reasoning=found.reasoning,
        arguments=found.arguments,
        facts=found.facts,
    )


def _tokenizer(model: str, revision: str | None, trust_remote_code: bool) -> Any:
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        remedy = "pip install 'tunesmith[train]'"
        raise InputError(f"training needs transformers ({error})", remedy=remedy) from None
    if Path(model).is_file():
        raise InputError("is a file where the folder of a model was expected", where=model, remedy="name its folder")
    try:
        return AutoTokenizer.from_pretrained(model, revision=revision, trust_remote_code=trust_remote_code)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise _unreadable(model, error) from error


def _unreadable(model: str, error: Exception) -> InputError:
    reason = short_reason(error)
    if "trust_remote_code" in str(error):
        what = "its tokenizer is code that came with the model, which is not run unless you ask for it"
        return InputError(what, where=model, remedy="read that code, then add --trust-remote-code")
    if Path(model).is_dir():
        remedy = "name the folder that holds tokenizer.json and tokenizer_config.json"
        return InputError(f"holds no tokenizer that can be read ({reason})", where=model, remedy=remedy)
    what = f"is no folder here, and its tokenizer is neither downloaded nor to be had from the hub now ({reason})"
    return InputError(what, where=model, remedy="give a folder, or download the model where there is a network")


def _sources(tokenizer: Any, name: str, given: str | None) -> tuple[str, str | None]:
    """The template, and another for rows with tools where there is one."""
    if given is not None:
        return given, None
    found = tokenizer.chat_template
    if isinstance(found, Mapping):  # several by name
        if isinstance(found.get("default"), str):
            return found["default"], found.get("tool_use")
        raise InputError(
            f"has chat templates named {', '.join(found)}, and none named default", where=name, remedy=_NO_TEMPLATE
        )
    if not isinstance(found, str) or not found.strip():
        raise InputError("the tokenizer has no chat template", where=name, remedy=_NO_TEMPLATE)
    return found, None


def _hash(tokenizer: Any, source: str, tool_source: str | None) -> str:
    """Of all that decides which tokens a row becomes."""
    parts = [
        tokenizer.backend_tokenizer.to_str(),
        source,
        tool_source or "",
        repr(sorted(tokenizer.special_tokens_map.items())),
    ]
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())
