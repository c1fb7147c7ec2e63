"""When to ask a server again, and when no further question makes sense.

>>> seconds_asked("120", now=0.0)
120.0
>>> is_passing("http_503"), is_passing("http_400")
(True, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import NamedTuple

_random = SystemRandom()
#: Codes of a failed attempt that another attempt may mend, beside those of the 5xx kind.
_PASSING = frozenset({"timeout", "connection", "bad_reply", "http_408", "http_409", "http_425", "http_429"})
_LASTING_5XX = frozenset({"http_501", "http_505"})


class Stop(NamedTuple):
    """A failure of the whole endpoint. One that is not `always` is taken as such only before the first good reply:
    later it is about the one question."""

    what: str
    remedy: str
    always: bool


def is_passing(code: str) -> bool:
    """Whether it is worth asking again after an attempt that failed with this code."""
    return code in _PASSING or (code.startswith("http_5") and code not in _LASTING_5XX)


def backoff_seconds(attempt: int, *, first: float, most: float) -> float:
    """How long to wait after the attempt of this number, from 1: doubling, and at random between half and all of it, so
    that many clients do not come back at once."""
    return min(most, first * 2.0 ** (attempt - 1)) * _random.uniform(0.5, 1.0)


def seconds_asked(retry_after: str | None, *, now: float) -> float:
    """The seconds of a `Retry-After` header, which holds seconds or an HTTP date (RFC 9110, 10.2.3); 0 without one.

    :param now: seconds since the epoch.
    """
    if retry_after is None:
        return 0.0
    text = retry_after.strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)


#: By the code of a failed attempt. `{key}` is the variable that holds the key.
STOPS: Mapping[str, Stop] = {
    "http_401": Stop("refuses the key", "put a valid key into the environment variable {key}", True),
    "http_402": Stop("says that the account has no credit", "top it up, then run the same command again", True),
    "http_403": Stop("forbids this", "check that the key in {key} may use this model", False),
    "http_404": Stop("has no such address or model", "check the base URL and the model's name", False),
    "http_405": Stop("does not take questions at this address", "check the base URL; it often ends in /v1", False),
    "redirect": Stop("sends elsewhere", "give the address that it names as base URL", True),
    "address": Stop("is no address", "give a base URL such as http://127.0.0.1:8000/v1", True),
    "no_quota": Stop("says that the quota is used up", "raise it, then run the same command again", True),
}
