"""Private data of people who do not exist, in sentences such as users write.

>>> from random import Random
>>> resident_number(Random(1))[:6] in REGIONS
True
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings

REGIONS = ("110105", "120101", "130102", "210102", "310112", "320106", "330106", "350203", "370102", "420111", "510107")


def phone(row: Row, random: Random, wordings: Wordings) -> Edited:
    """A telephone number in one of the forms that people write."""
    forms = wordings.phones[row.language]
    variant = random.choice([*forms])
    return _placed(row, random, forms[variant](random), variant, wordings.sayings["phone"])


def resident_id(row: Row, random: Random, wordings: Wordings) -> Edited:
    """A Chinese resident number whose check digit is right."""
    number = resident_number(random)
    variant, form = random.choice((("plain", number), ("plain", number), ("spaced", _grouped(number))))
    return _placed(row, random, form, variant, wordings.sayings["id"])


def secret(row: Row, random: Random, wordings: Wordings) -> Edited:
    """An e-mail address or an access key."""
    if random.random() < 0.5:
        return _placed(row, random, wordings.address(random), "e-mail", wordings.sayings["mail"])
    variant = random.choice([*wordings.keys])
    return _placed(row, random, wordings.keys[variant](random), variant, wordings.sayings["key"])


def resident_number(random: Random) -> str:
    """Region, birthday, sequence, and the check character of GB 11643 (ISO 7064, MOD 11-2)."""
    birthday = f"{random.randint(1952, 2006)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    body = f"{random.choice(REGIONS)}{birthday}{random.randint(1, 999):03}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """The character c for which the weighted sum of all eighteen is 1 modulo 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return "0123456789X"[(1 - total) % 11]


def _grouped(number: str) -> str:
    return f"{number[:6]} {number[6:14]} {number[14:]}"


def _placed(row: Row, random: Random, found: str, variant: str, sayings: Mapping[str, tuple[str, ...]]) -> Edited:
    """At the end of the prompt, or at the start or end of the answer."""
    said = random.choice(sayings[row.language]).replace("@@", found)
    joiner = "\n" if row.language == "en" or random.random() < 0.5 else ""
    place = random.random()
    if place < 0.5:
        return Edited(row.asked(f"{row.prompt.rstrip()}{joiner or ' '}{said}"), variant)
    answer = f"{row.answer.rstrip()}{joiner or ' '}{said}" if place < 0.85 else f"{said}\n{row.answer}"
    return Edited(row.answered(answer), variant)
