"""Addresses of objects: what is one, and that none carries a key.

A source's address is written into the manifest, the report and every message, so a password or a signature in it would
be, too. Such an address is refused, and shown without what it must not show.

>>> is_url("s3://bucket/train.jsonl"), is_url("data/train.jsonl"), is_url("hub:owner/name")
(True, False, False)
>>> masked("cannot reach http://me:secret@store:9000/a?X-Amz-Signature=ab12&part=1")
'cannot reach http://***@store:9000/a?X-Amz-Signature=***&part=1'
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from tunesmith.errors import InputError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_USER = re.compile(r"(?<=://)[^/@\s]*:[^/\s]*@")
#: Names in the query of presigned addresses of S3, OSS, COS, Google and Azure, and what others call their keys.
_TELLING = r"signature|token|secret|passw|credential|accesskey|access[-_]key|api[-_]?key|keypair|q-ak"
_NAMED = re.compile(rf"([?&](?:[^=&\s'\"]*(?:{_TELLING})[^=&\s'\"]*|sig|key|auth|authorization))=[^&\s'\"]*", re.I)
_WEB = ("http", "https")


class UnreachableError(InputError):
    """A store that gave no answer about an object: no network, no permission, no library."""


def is_url(path: str) -> bool:
    """Whether a path is an address of a store, such as `s3://bucket/name`, and not a file of this machine."""
    return _URL.match(path) is not None


def scheme_of(url: str) -> str:
    """What stands before `://`, in lower case."""
    return url.partition("://")[0].lower()


def masked(text: str) -> str:
    """A text without the passwords and signatures of the addresses in it."""
    return _NAMED.sub(r"\1=***", _USER.sub("***@", text))


def refuse_secrets(url: str) -> None:
    """:raises InputError: where the address carries a name with a password, or a signature."""
    shown = _without_secrets(url)
    if shown != url:
        remedy = "give keys in the environment or in the store's own settings, and the address without them"
        raise InputError(
            "the address holds credentials, which would be written down with it", where=shown, remedy=remedy
        )


def _without_secrets(url: str) -> str:
    """The address itself where it carries none."""
    head, _, query = url.partition("?")
    scheme, _, rest = head.partition("://")
    if _has_user(scheme.lower(), rest.partition("/")[0]):
        return f"{scheme}://***"
    if query and _NAMED.search("?" + unquote(query)):
        return f"{head}?***"
    return url


def _has_user(scheme: str, host: str) -> bool:
    """A name with a password. `abfs://container@account` and `hdfs://user@host` carry none; of a web address any does.

    A port that is no number is the beginning of a password with a slash in it.
    """
    user, _, place = host.rpartition("@")
    if ":" in user or (user and scheme in _WEB):
        return True
    port = place.rpartition(":")[2] if ":" in place else ""
    return bool(port) and not port.isdigit() and not place.startswith("[")
