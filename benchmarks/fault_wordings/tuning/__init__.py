"""The set that the authors of the rules have read."""

from fault_wordings.tuning.edits import ECHO_PREFIXES, LOOP_PLACES, LOOP_UNITS
from fault_wordings.tuning.empty import EMPTY
from fault_wordings.tuning.markup import MARKUP, NEXT
from fault_wordings.tuning.private import KEYS, PHONES, SAYINGS, address
from fault_wordings.tuning.refusals import REFUSALS
from fault_wordings.tuning.unsafe import UNSAFE

__all__ = [
    "ECHO_PREFIXES",
    "EMPTY",
    "KEYS",
    "LOOP_PLACES",
    "LOOP_UNITS",
    "MARKUP",
    "NEXT",
    "PHONES",
    "REFUSALS",
    "SAYINGS",
    "UNSAFE",
    "address",
]
