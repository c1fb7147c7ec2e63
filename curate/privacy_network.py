"""E-mail addresses and public network addresses.

`user@localhost` names no person and is none. Private ranges, netmasks and the public resolvers that everybody types
(8.8.8.8) are no one's address. A dotted quad after the word version is a version.

>>> [found.value for found in emails("请发到li.lei+work@mail.example.com谢谢")]
['li.lei+work@mail.example.com']
>>> [found.value for found in ips("from 203.0.113.77, firmware 4.12.0.3, gateway 192.168.1.1")]
['203.0.113.77']
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from tunesmith.curate.privacy_found import Found, near_words

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9_](?:[A-Za-z0-9._%+'\-]{0,62}[A-Za-z0-9_+\-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9_(\[]|-[A-Za-z0-9])"
)
# What follows the last dot in file names and in code (`a@b.dot`, `icon@2x.png`), and no domain ends in.
_NO_DOMAIN = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|css|[jt]s|json|html|xml|ya?ml|txt|csv|pdf|service|local|localhost|dot|inv)$"
)
# What a sample asks its reader to replace; john.doe@example.com is a person's all the same.
_TO_BE_FILLED = re.compile(r"your[\w.\-]*@|.*@(?:your[\w\-]*|my-?domain)\.")
_LOGIN_IN_URL = re.compile(r"://[^\s/@]{0,80}$")  # ftp://user:password@host
_SERVICE_USERS = frozenset(("git", "hg", "svn"))  # git@github.com:user/repository is where code lies

_QUAD = re.compile(r"(?<![0-9A-Za-z_.\-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z_]|\.[0-9]|-[0-9])")
_COLONS = re.compile(r"(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z_:])")
_NOBODY = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
         "224.0.0.0/3", "8.8.8.8/32", "8.8.4.4/32", "1.1.1.1/32", "1.0.0.1/32", "9.9.9.9/32", "114.114.114.114/32",
         "114.114.115.115/32", "223.5.5.5/32", "223.6.6.6/32", "119.29.29.29/32", "208.67.222.222/32",
         "208.67.220.220/32"),
    )
)  # fmt: skip
_GLOBAL6 = ipaddress.ip_network("2000::/3")
_RESOLVERS6 = ("2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001")
_VERSION_WORDS = re.compile(
    r"version|\bver\b|\bv$|版本|固件|firmware|\brelease|\bbuild\b|驱动|\bdriver|升级|更新到|\bupgrade|\bupdate|章节|\bsection\b|\boid\b",
    re.IGNORECASE,
)
_NETWORK_WORDS = re.compile(
    r"\bip(?:v4)?\b|地址|主机|服务器|登录|登陆|\bhosts?\b|\bserver|\bping\b|\bssh\b|\blogin|\baddress|\btraceroute\b|\bcurl\b|https?://",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Found]:
    """Every e-mail address with a domain that has a dot."""
    for match in _EMAIL.finditer(text):
        user, _, domain = match.group().lower().rpartition("@")
        normal = f"{user}@{domain}"
        is_code = user in _SERVICE_USERS or _NO_DOMAIN.search(domain) or ".." in user
        is_login = _LOGIN_IN_URL.search(text[max(0, match.start() - 83) : match.start()])
        if not (is_code or is_login or _TO_BE_FILLED.match(normal)):
            yield Found("email", *match.span(), match.group(), normal)


def ips(text: str) -> Iterator[Found]:
    """Every public IPv4 or IPv6 address; the ranges reserved for documents count as public."""
    for match in _QUAD.finditer(text):
        if _is_public_quad(text, match):
            yield Found("ip", *match.span(), match.group(), match.group())
    for match in _COLONS.finditer(text):
        normal = _global6(match.group())
        if normal:
            yield Found("ip", *match.span(), match.group(), normal)


def _is_public_quad(text: str, match: re.Match[str]) -> bool:
    parts = match.group().split(".")
    if any(int(part) > 255 or (part[0] == "0" and part != "0") for part in parts):
        return False
    if any(ipaddress.IPv4Address(match.group()) in network for network in _NOBODY):
        return False
    if near_words(_NETWORK_WORDS, text, *match.span(), before=24):
        return True
    is_network = parts[3] == "0" and text[match.end() : match.end() + 1] == "/"
    # 1.2.3.4 and 3.14.15.92 number chapters, versions and lists far more often than machines.
    is_small = max(map(int, parts)) < 100
    return not (is_network or is_small or near_words(_VERSION_WORDS, text, *match.span(), before=30))


def _global6(text: str) -> str | None:
    # A time such as 12:30:45 has no valid reading, and `::` of C++ lies outside of the global range.
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return str(address) if address in _GLOBAL6 and str(address) not in _RESOLVERS6 else None
