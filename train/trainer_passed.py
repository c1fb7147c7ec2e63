"""What stands below `trl:` and is passed to the stage's trainer: checked before anything is loaded, blamed by its name.

>>> check_passed(config, SFTConfig)  # doctest: +SKIP
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: trl: `adam_beta1` expects a number, saw 'high'; see SFTConfig of TRL
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tunesmith.curate.local_model import short_reason
from tunesmith.curate.recipe_errors import nearest, saw
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig

#: How libraries say that they cannot work with a value. What is about memory or the disk is told before these.
REFUSALS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    TypeError,
    ValueError,
)


def check_passed(config: TrainConfig, settings: type[Any]) -> None:
    """:raises InputError: for all keys below `trl:` that `settings` does not have, else all values of another kind."""
    fields = {field.name: field for field in dataclasses.fields(settings)}
    absent = [key for key in config.trl if key not in fields]
    wrong = [f"`{key}`{nearest(key, fields) if _is_near(key, fields) else ''}" for key in absent]
    remedy = f"see {settings.__name__} of TRL"
    if wrong:
        what = f"the trainer of `stage: {config.stage}` does not know {', '.join(wrong)}"
        raise InputError(what, where="trl", remedy=remedy)
    hints = typing.get_type_hints(settings)
    choices = {key: fields[key].metadata.get("choices") for key in config.trl}
    wrong = [said for key, value in config.trl.items() if (said := _wrong(key, value, hints[key], choices[key]))]
    if wrong:
        raise InputError("; ".join(wrong), where="trl", remedy=remedy)


def _is_near(key: str, known: Mapping[str, Any]) -> bool:
    return bool(difflib.get_close_matches(key, known, n=1))


def _wrong(key: str, value: Any, hint: Any, choices: Any) -> str | None:
    import pydantic
    import pydantic_core

    given = [value] if typing.get_origin(hint) is list and isinstance(value, str) else value  # TRL takes `ipo` too
    text = pydantic_core.to_json(given, inf_nan_mode="constants", fallback=str)
    try:
        pydantic.TypeAdapter(hint).validate_json(text, strict=True)  # of JSON: a list may stand for a tuple
    except pydantic.ValidationError:
        return f"`{key}` expects {_words(hint)}, saw {saw(value)}"
    if choices and value is not None and value not in choices:
        return f"`{key}` expects {', '.join(map(str, choices))}, saw {saw(value)}"
    return None


_KINDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping",
    types.NoneType: "nothing",
}


def _words(hint: Any) -> str:
    """A type as a person says it."""
    kind = typing.get_origin(hint) or hint
    if kind in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_words, typing.get_args(hint))))
    if kind is typing.Literal:
        return " or ".join(map(repr, typing.get_args(hint)))
    return _KINDS.get(kind, "text")


@contextmanager
def blamed(config: TrainConfig, has_begun: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """What a library refuses inside, as an error that names the keys below `trl:`; without such keys it is ours.

    :param has_begun: whether a step was trained before it went wrong; then it is no setting that is refused.
    """
    try:
        yield
    except REFUSALS as error:
        if not config.trl or has_begun():
            raise
        raise refused(config, error) from error


def refused(config: TrainConfig, error: BaseException) -> InputError:
    """The error for settings that the trainer cannot work with: the keys that it speaks of, else all below `trl:`."""
    spoken = [key for key, value in config.trl.items() if _speaks_of(str(error), key, value)]
    shown = ", ".join(f"`{key}: {_short(config.trl[key])}`" for key in spoken or config.trl) or "these settings"
    what = f"the trainer of `stage: {config.stage}` refuses {shown} ({type(error).__name__}: {short_reason(error)})"
    remedy = "correct it or leave it out" if len(spoken or config.trl) == 1 else "correct them or leave them out"
    return InputError(what, where="trl" if config.trl else "the settings", remedy=remedy)


def _speaks_of(text: str, key: str, value: Any) -> bool:
    """Whether a message has the key, in its words or as code, or its value or a key inside it."""
    spelled = [key, key.replace("_", " ")]
    inside = [*value] if isinstance(value, Mapping | list) else [value]
    spelled += [str(one) for one in inside if not isinstance(one, bool) and len(str(one)) > 1]
    return any(one.lower() in text.lower() for one in spelled)


def _short(value: Any) -> str:
    found = saw(value) if isinstance(value, Mapping | Sequence) and not isinstance(value, str) else str(value)
    return found if len(found) <= 60 else found[:57] + "…"
