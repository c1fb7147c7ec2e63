"""All targets of the fuzzing benchmark, by name; a module of targets is imported when one of its own is asked for.

>>> target_named("formats").share
250
"""

from __future__ import annotations

from importlib import import_module

from fuzz_types import Target

_MODULES = ("fuzz_files", "fuzz_rows", "fuzz_recipes", "fuzz_kernels", "fuzz_pairs")


def all_targets() -> dict[str, Target]:
    """Every target, in the order of the page."""
    return {target.name: target for name in _MODULES for target in import_module(name).TARGETS}


def target_named(name: str) -> Target:
    """The target of this name.

    :raises KeyError: where there is none.
    """
    return all_targets()[name]
