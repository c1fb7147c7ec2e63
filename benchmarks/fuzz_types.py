"""What the parts of the fuzzing benchmark have in common: a target, and what may come of an input.

>>> Target("sizes", make=lambda random: random.randbytes(3), check=lambda inputs, folder: [True] * len(inputs))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

#: Takes inputs and a folder to write in; says of each whether it was accepted. Raises what should not happen.
Check = Callable[[Sequence[bytes], Path], list[bool]]


class Broken(AssertionError):  # noqa: N818 (what is broken is the promise)
    """A promise that did not hold: a row lost, a round trip that changed a row, two ways to one result that differ."""


class Target(NamedTuple):
    """Something that takes bytes from outside.

    :param make: an input; the same random source gives the same bytes.
    :param check: refuses with an error of the project's tree, which it counts, and lets any other out.
    :param batch: how many inputs `check` takes at once.
    :param share: of all inputs, in parts of a thousand.
    :param kernels: whether it runs compiled kernels, which are then also run with checked bounds.
    """

    name: str
    make: Callable[[Random], bytes]
    check: Check
    share: int = 0
    batch: int = 1
    kernels: bool = False


def hold(condition: object, what: str) -> None:
    """:raises Broken: where a promise does not hold."""
    if not condition:
        raise Broken(what)
