"""The one place that imports numba: kernels over flat arrays, compiled on first use and cached beside their file.

A kernel calls kernels of its own file only: numba's cache looks at the time stamp of the file of the function that it
compiled, so one that had inlined a kernel of another file would stay as it was when that one changed.

>>> @compiled
... def total(numbers):
...     found = 0
...     for number in numbers:
...         found += number
...     return found
>>> total(np.array([1, 2, 3]))
6
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import event

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

#: A number in a kernel. Type checkers take `array[i]` for an array, so a narrower name would only bring ignores.
Scalar = Any


def compiled(function: Kernel) -> Kernel:
    """Machine code for `function`, without the interpreter lock; compiled once for each combination of dtypes."""
    try:
        return cast(Kernel, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to cache in: a read-only system, or a function typed at a prompt
        return cast(Kernel, njit(nogil=True)(function))


def inlined(function: Kernel) -> Kernel:
    """A part of the kernels of its file; no Python calls it, so it has neither entry point nor cache of its own."""
    no_entry: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # in numba, not in its types
    return cast(Kernel, njit(nogil=True, **no_entry)(function))


@contextmanager
def compilation_told(say: Callable[[str], None]) -> Iterator[None]:
    """Tell, once, when a kernel has to be compiled in this block rather than found in the cache."""
    with event.install_listener("numba:compile", _Telling(say)):
        yield


class _Telling(event.Listener):
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told = False

    def on_start(self, event: Any) -> None:
        if not self._told:
            self._told = True
            self._say("compiling the kernels, once for this installation: less than a minute")

    def on_end(self, event: Any) -> None:
        pass
