"""Digits, letters, numbers and keys of nobody, drawn from a generator.

>>> dialled(Random(1), "0#@ ####")  # doctest: +ELLIPSIS
'02...
"""

from __future__ import annotations

import base64
import json
import string
from random import Random

ALNUM = string.ascii_letters + string.digits
_AREAS = ("212", "303", "312", "404", "415", "503", "617", "702", "713", "206")
_MOBILES = ("135", "136", "137", "138", "139", "150", "151", "158", "176", "180", "186", "188", "189", "199")


def digits(random: Random, n: int) -> str:
    """This many digits."""
    return "".join(random.choices(string.digits, k=n))


def drawn(random: Random, n: int, letters: str = ALNUM) -> str:
    """This many of the letters."""
    return "".join(random.choices(letters, k=n))


def dialled(random: Random, form: str) -> str:
    """The form with a digit for each # and a digit of 2 to 9 for each @."""
    return "".join(
        random.choice(string.digits) if mark == "#" else str(random.randint(2, 9)) if mark == "@" else mark
        for mark in form
    )


def mobile(random: Random, form: str) -> str:
    """A Chinese mobile number, in three groups."""
    number = random.choice(_MOBILES) + digits(random, 8)
    return form.format(number[:3], number[3:7], number[7:])


def american(random: Random, form: str) -> str:
    """A number of the North American plan, in three groups."""
    return form.format(random.choice(_AREAS), f"{random.randint(2, 9)}{random.randint(20, 99)}", digits(random, 4))


def token(random: Random, algorithm: str = "HS256", n_signature: int = 43) -> str:
    """A JSON web token with a signature of nothing."""
    parts = ({"alg": algorithm, "typ": "JWT"}, {"sub": digits(random, 8), "iat": 1700000000 + random.randrange(10**7)})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return f"{coded[0]}.{coded[1]}.{drawn(random, n_signature)}"


def private_key(random: Random, kinds: tuple[str, ...]) -> str:
    """A block in PEM form, of one of the kinds (each with its closing space)."""
    lines = "\n".join(drawn(random, 64) for _ in range(4))
    kind = random.choice(kinds)
    return f"\n-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----\n"
