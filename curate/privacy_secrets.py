"""Keys of services, known by their prefixes, and private keys in PEM form.

A key must look random: `sk-your-key-here` and `ghp_xxxxxxxx…` are none.

>>> [found.kind for found in api_keys('key = "sk-demo7Qv2LkXn93TzRb8WcYp4HsJd6MgFa1Ue5Ko0"')]
['api_key']
>>> list(api_keys("sk-your-api-key-goes-here-0000000000"))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.curate.privacy_found import Found, entropy_bits

# Prefix and body as the services document them; the body's length is a lower bound where they changed it over time.
_KEYS = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:sk-|sk_live_|sk_test_|rk_live_|pk_live_|whsec_)[A-Za-z0-9_\-]{16,220}"
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_\-]{20,64}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_\-]{35}|LTAI[A-Za-z0-9]{12,24}|AKID[A-Za-z0-9]{28,40}"
    r"|xox[abeoprs]-[A-Za-z0-9\-]{10,250}|hf_[A-Za-z0-9]{30,40}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_\-]{50,250}"
    r"|SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{30,60}"
    r"|eyJ[A-Za-z0-9_\-]{8,2000}\.eyJ[A-Za-z0-9_\-]{8,4000}\.[A-Za-z0-9_\-]{16,1000}"
    r")(?![A-Za-z0-9])"
)
_PREFIX = re.compile(r"^(?:[a-z]{2,6}[-_](?:live_|test_|proj-|ant-|pat_)?|AKIA|ASIA|AIza|LTAI|AKID|SG\.)")
_MIN_ENTROPY_BITS = 3.0  # AKIAIOSFODNN7EXAMPLE has 3.4, a row of x and 0 has 1
# Slugs such as sk-learn-pipeline-3-steps are words between hyphens; a key has one long stretch of mixed characters.
_STRETCH = re.compile(r"[A-Za-z0-9]{12,}")

_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?P<closed>(?:(?!-----BEGIN ).){1,20000}?)-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?P<open>[A-Za-z0-9+/=\s\\]{40,}))",
    re.DOTALL,
)


def api_keys(text: str) -> Iterator[Found]:
    """Every key of a known service whose body looks random."""
    for match in _KEYS.finditer(text):
        value = match.group().rstrip("-_")
        if _looks_random(_PREFIX.sub("", value)):
            yield Found("api_key", match.start(), match.start() + len(value), value, value)


def _looks_random(body: str) -> bool:
    mixed = any(map(str.isdigit, body)) and any(map(str.isalpha, body))
    return mixed and bool(_STRETCH.search(body)) and entropy_bits(body) >= _MIN_ENTROPY_BITS


def private_keys(text: str) -> Iterator[Found]:
    """Every private key in PEM form, closed or cut off; a header that is only mentioned has no body and is none."""
    for match in _PEM.finditer(text):
        body = re.sub(r"\\[nr]|\s", "", match["closed"] or match["open"])
        if re.search(r"[A-Za-z0-9+/=]{32}", body):
            value = match.group().rstrip()
            yield Found("private_key", match.start(), match.start() + len(value), value, body)
