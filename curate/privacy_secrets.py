"""Keys of services, by their prefixes or by the name that stands before them, and private keys in PEM form.

A key must look random: `sk-your-key-here` and `ghp_xxxxxxxx…` are none.

>>> [found.kind for found in api_keys('key = "sk-demo7Qv2LkXn93TzRb8WcYp4HsJd6MgFa1Ue5Ko0"')]
['api_key']
>>> [found.value for found in api_keys("Authorization: Bearer 8f14e45fceea167a5a36dedd4bea2543")]
['8f14e45fceea167a5a36dedd4bea2543']
>>> list(api_keys("sk-your-api-key-goes-here-0000000000"))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tunesmith.curate.privacy_found import Found, entropy_bits

# Prefix and body as the services document them. Where the body has one length, the form says most of it, and a body
# without a digit counts too: three of a thousand tokens of 34 letters and digits have none.
_FIXED = (
    r"gh[pousr]_[A-Za-z0-9]{36}", r"hf_[A-Za-z0-9]{34}", r"npm_[A-Za-z0-9]{36}", r"glpat-[A-Za-z0-9_\-]{20}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}", r"AIza[A-Za-z0-9_\-]{35}", r"r8_[A-Za-z0-9]{37}", r"gsk_[A-Za-z0-9]{52}",
    r"sk-[A-Za-z0-9]{48}", r"GOCSPX-[A-Za-z0-9_\-]{28}", r"pplx-[A-Za-z0-9]{48}", r"rubygems_[a-f0-9]{48}",
    r"dop_v1_[a-f0-9]{64}", r"sh(?:pat|pca|ppa|pss)_[A-Fa-f0-9]{32}", r"dapi[a-f0-9]{32}",
    r"lsv2_[a-z]{2}_[a-f0-9]{32}_[a-f0-9]{10}", r"key-[a-f0-9]{32}", r"[a-f0-9]{32}-us[0-9]{1,2}",
    r"(?:SK|AC)[a-f0-9]{32}", r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}", r"[a-f0-9]{32}\.[A-Za-z0-9]{16}",
    r"[MNO][A-Za-z0-9_\-]{23,25}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,38}", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
)  # fmt: skip
# The body's length is a lower bound where they changed it over time.
_OPEN = (
    r"sk-[A-Za-z0-9_\-]{16,220}", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,220}", r"whsec_[A-Za-z0-9+/=]{16,220}",
    r"sk_[A-Za-z0-9_\-]{16,220}", r"gh[pousr]_[A-Za-z0-9]{30,255}", r"github_pat_[A-Za-z0-9_]{22,255}",
    r"gl[a-z]{2,5}-[A-Za-z0-9_\-]{20,64}", r"hf_[A-Za-z0-9]{30,40}", r"LTAI[A-Za-z0-9]{12,24}",
    r"AKID[A-Za-z0-9]{28,40}", r"AKLT[A-Za-z0-9]{28,60}", r"bce-v3/ALTAK-[A-Za-z0-9]{16,40}/[a-f0-9]{32,64}",
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,250}", r"xapp-[A-Za-z0-9\-]{30,250}", r"pypi-[A-Za-z0-9_\-]{50,250}",
    r"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{30,60}", r"ya29\.[A-Za-z0-9_\-]{30,300}", r"xai-[A-Za-z0-9]{40,100}",
    r"nvapi-[A-Za-z0-9_\-]{40,100}", r"pcsk_[A-Za-z0-9_]{40,100}", r"hv[sb]\.[A-Za-z0-9_\-]{24,200}",
    r"lin_api_[A-Za-z0-9]{32,60}", r"ntn_[A-Za-z0-9]{40,60}", r"secret_[A-Za-z0-9]{40,50}",
    r"fig[dor]_[A-Za-z0-9_\-]{30,60}", r"PMAK-[a-f0-9\-]{40,80}", r"dckr_(?:pat|oat)_[A-Za-z0-9_\-]{24,60}",
    r"ATATT3[A-Za-z0-9_\-=]{60,250}", r"tvly-[A-Za-z0-9\-]{24,60}", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{32,200}",
    r"NRAK-[A-Z0-9]{24,40}", r"sbp_[a-f0-9]{40}", r"nfp_[A-Za-z0-9]{32,60}", r"sntrys_[A-Za-z0-9_+/=]{40,300}",
    r"jina_[A-Za-z0-9_\-]{40,80}", r"e2b_[a-f0-9]{40}", r"fw_[A-Za-z0-9]{20,40}", r"co_[A-Za-z0-9]{36,50}",
    r"(?<=hooks\.slack\.com/services/)T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{20,30}",
    r"eyJ[A-Za-z0-9_\-]{8,2000}\.eyJ[A-Za-z0-9_\-]{8,4000}\.[A-Za-z0-9_\-]{16,1000}",
)  # fmt: skip
_EDGE, _END = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
_FIXED_KEYS = re.compile(rf"{_EDGE}(?:{'|'.join(_FIXED)}){_END}")
_OPEN_KEYS = re.compile(rf"{_EDGE}(?:{'|'.join(_OPEN)})(?![A-Za-z0-9])")
_PREFIX = re.compile(
    r"^(?:sk-(?:proj-|ant-(?:api[0-9]{2}-)?|or-v1-|svcacct-|admin-)?|[A-Za-z]{2,8}[0-9]?[-_](?:live_|test_|pat_|v1_|api_|[a-z]{2}_)?"
    r"|AKIA|ASIA|AIza|LTAI|AKID|AKLT|dapi|SG\.|ya29\.|hv[sb]\.|[0-9]{8,10}:AA)"
)
_MIN_FIXED_BITS = 2.6
_MIN_ENTROPY_BITS = 3.0  # AKIAIOSFODNN7EXAMPLE has 3.4, a row of x and 0 has 1
# Slugs such as sk-learn-pipeline-3-steps are words between hyphens; a key has one long stretch of mixed characters.
_STRETCH = re.compile(r"[A-Za-z0-9]{12,}")

# What a key is called in code, settings, headers and prose.
_NAMES = (
    r"(?:api|access|secret|auth|private|service|account|license|encryption|signing|subscription|app|client|master"
    r"|openai|azure)"
    r"[ _\-]?(?:key|token|secret|access[ _\-]?key)|(?:aws|client|app|consumer|webhook|jwt|session)"
    r"[ _\-]?(?:secret|token)"
    r"(?:[ _\-]access[ _\-]key)?|(?:bearer|access|auth|refresh|bot|deploy|personal)[ _\-]?token"
    r"|\btoken|\bsecret|\bapikey|密钥|令牌|秘钥|口令"
)
_NAMED = re.compile(
    rf"(?:{_NAMES})[A-Za-z0-9_]{{0,12}}[\"'`\]）)]{{0,2}}\s{{0,2}}(?:=>|:=|==?|[:：]|\bis\b|是|为)\s{{0,2}}[\"'`“]?"
    r"(?P<key>[A-Za-z0-9_\-+/]{16,200}={0,2})(?![A-Za-z0-9_(\[.…])",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"\b(?:Bearer|Basic|Token|X-[A-Za-z\-]{0,20}(?:Key|Token):)\s{1,2}(?P<key>[A-Za-z0-9_\-.~+/]{16,400}={0,2})(?![A-Za-z0-9_(\[…])"
)
_LONG, _MIN_LONG_BITS = 24, 4.2  # 40 random characters of base64 have 4.4 or more, a path of as many 3.9
# A key that only its name tells has one long stretch.
_LONG_STRETCH = re.compile(r"[A-Za-z0-9]{16,}|[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}")
_PLACEHOLDER = re.compile(
    r"your|example|sample|placeholder|insert|replace|change|dummy|secret|xxxx|\*\*|1234567|abcdefg|qwerty|token|password|demo|todo|here",
    re.IGNORECASE,
)

_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?P<closed>(?:(?!-----BEGIN ).){1,20000}?)-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?P<open>[A-Za-z0-9+/=\s\\]{40,}))",
    re.DOTALL,
)


def api_keys(text: str) -> Iterator[Found]:
    """Every key whose body looks random: of a known service, or named a key by what stands before it."""
    for match in _FIXED_KEYS.finditer(text):
        body = _PREFIX.sub("", match.group())
        if entropy_bits(body) >= _MIN_FIXED_BITS and not _is_counted(body):
            yield _found(match.start(), match.group())
    for match in _OPEN_KEYS.finditer(text):
        value = match.group().rstrip("-_")
        if _looks_random(_PREFIX.sub("", value)):
            yield _found(match.start(), value)
    for form in (_NAMED, _BEARER):
        for match in form.finditer(text):
            if _is_unguessable(match["key"]):
                yield _found(match.start("key"), match["key"])


def _found(start: int, value: str) -> Found:
    return Found("api_key", start, start + len(value), value, value)


def _is_counted(body: str) -> bool:
    """Whether it runs through the alphabet, as what is to be filled in does: abcdefghij…"""
    steps = [ord(after) - ord(before) for before, after in pairwise(body)]
    return 2 * steps.count(1) > len(steps)


def _n_kinds(body: str) -> int:
    """How many it has of digits, small letters and capitals."""
    return sum(any(map(kind, body)) for kind in (str.isdigit, str.islower, str.isupper))


def _looks_random(body: str) -> bool:
    if entropy_bits(body) < _MIN_ENTROPY_BITS:
        return False
    kinds = _n_kinds(body)
    return (kinds > 1 and bool(_STRETCH.search(body))) or (kinds > 2 and len(body) >= _LONG)


def _is_unguessable(key: str) -> bool:
    if key[0] == "/" or _PLACEHOLDER.search(key) or _is_counted(key) or entropy_bits(key) < _MIN_ENTROPY_BITS:
        return False
    if len(key) >= _LONG and _n_kinds(key) > 2 and entropy_bits(key) >= _MIN_LONG_BITS:
        return True
    stretch = _LONG_STRETCH.search(key)
    return stretch is not None and _is_shuffled(stretch.group())


def _is_shuffled(stretch: str) -> bool:
    """Whether digits stand among letters, or capitals among small ones, more than in names such as getTokenOf2023."""
    n_changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(stretch))
    n_capitals, n_letters = sum(map(str.isupper, stretch)), sum(map(str.isalpha, stretch))
    return n_changes > 2 or 0.3 * n_letters < n_capitals < 0.7 * n_letters


def private_keys(text: str) -> Iterator[Found]:
    """Every private key in PEM form, closed or cut off; a header that is only mentioned has no body and is none."""
    for match in _PEM.finditer(text):
        body = re.sub(r"\\[nr]|\s", "", match["closed"] or match["open"])
        if re.search(r"[A-Za-z0-9+/=]{32}", body):
            value = match.group().rstrip()
            yield Found("private_key", match.start(), match.start() + len(value), value, body)
