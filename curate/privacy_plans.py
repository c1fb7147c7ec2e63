"""The numbering plans of the world, by phonenumbers: whether a number can be one, and its E.164 form.

>>> in_plan("(415) 555-2671", "US"), in_plan("123-456-7890", "US"), in_plan("+44 (0)20 7946 0958")
('+14155552671', '', '+442079460958')
>>> in_some_plan("06 12 34 56 78"), in_some_plan("0412 345 678")
('+33612345678', '+61412345678')
"""

from __future__ import annotations

import re

# Set aside by Ofcom for films and manuals, so that no plan has them; who writes a sample conversation takes them.
_FICTION = re.compile(r"\+44(?:7700900|1632960|20794609|[0-9]{3}4960|8081570|9098790|3069990)[0-9]{3}")
# In this order; a number that several plans hold is read by the one that writes it so, else by the first.
_REGIONS = (
    "US", "GB", "CN", "AU", "IN", "DE", "FR", "IE", "NZ", "ZA", "CA", "HK", "TW", "SG", "MY", "JP", "KR", "IT", "ES",
    "PT", "NL", "BE", "CH", "AT", "SE", "NO", "DK", "FI", "PL", "CZ", "HU", "RO", "GR", "TR", "RU", "UA", "IL", "AE",
    "SA", "EG", "NG", "KE", "PK", "BD", "LK", "ID", "PH", "TH", "VN", "MX", "BR", "AR", "CL", "CO", "PE",
)  # fmt: skip


def in_plan(value: str, region: str | None = None) -> str:
    """The E.164 form, or nothing where the region's plan, or that of a leading +, has no such number."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return normal if phonenumbers.is_valid_number(number) or _FICTION.fullmatch(normal) else ""


def in_some_plan(value: str, *, as_written: bool = False) -> str:
    """The E.164 form by the plan of any larger country, for a number that the words around call a phone number.

    :param as_written: only by a plan that groups the digits in this way.
    """
    plans = [(region, normal) for region in _REGIONS if (normal := in_plan(value, region))]
    otherwise = plans[0][1] if plans and not as_written else ""
    return next((normal for region, normal in plans if is_written(value, region)), otherwise)


def is_written(value: str, region: str) -> bool:
    """Whether the region's plan groups the digits of a valid number this way."""
    import phonenumbers

    number = phonenumbers.parse(value, region)
    return _groups(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)) == _groups(value)


def _groups(value: str) -> list[str]:
    return re.findall("[0-9]+", value)
