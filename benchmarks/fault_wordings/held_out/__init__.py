"""The set that nobody reads who writes rules."""

from fault_wordings.held_out.edits import ECHO_PREFIXES, LOOP_PLACES, LOOP_UNITS
from fault_wordings.held_out.empty import EMPTY
from fault_wordings.held_out.markup import MARKUP, NEXT
from fault_wordings.held_out.private import KEYS, PHONES, SAYINGS, address
from fault_wordings.held_out.refusals import REFUSALS
from fault_wordings.held_out.unsafe_en import UNSAFE as ENGLISH
from fault_wordings.held_out.unsafe_zh import UNSAFE as CHINESE

UNSAFE = {"en": ENGLISH, "zh": CHINESE}

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
