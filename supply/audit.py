"""Ask an advisory service whether a pinned version has a known weakness: pip-audit over `constraints.txt`.

    make audit                      # or, with pip-audit on the path: python -m supply.audit

Exit code 0: every pin was looked up and none is weak. 1: some are, with the version that mends them. 3: no service
answered, or not for every pin, so nothing is said; with --if-answered that is told and is no failure.

"Nothing found" is worth something only from a service that finds: so it is asked first about a version of which a
weakness has been public for years, and where it does not know that one, the audit did not take place. (pip-audit by
itself takes a pin that its service does not know for a skipped one, and says that nothing was found.)
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from supply.pins import read_constraints

#: CVE-2019-10906, a way out of the sandbox.
CONTROL = {"jinja2": "2.10"}
SERVICES = ("pypi", "osv")
NOT_RUN = 3


class Weak(NamedTuple):
    """A pin with a known weakness."""

    name: str
    version: str
    advisory: str
    mended_in: tuple[str, ...]


class Audit(NamedTuple):
    """What a service said.

    :param unknown: pins that it did not look up.
    :param silent: why it gave no answer at all; empty where it did.
    """

    weak: tuple[Weak, ...] = ()
    unknown: tuple[str, ...] = ()
    silent: str = ""


def ask(service: str, pins: Mapping[str, str]) -> Audit:
    """Have pip-audit look up pins.

    :raises SystemExit: where pip-audit is missing.
    """
    beside = Path(sys.executable).with_name("pip-audit")
    command = [str(beside) if beside.exists() else "pip-audit", "--vulnerability-service", service, "--format", "json"]
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "pins.txt"
        asked.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8")
        command += ["--disable-pip", "--no-deps", "--progress-spinner", "off", "--requirement", str(asked)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            sys.exit("expected pip-audit beside this Python or on the path, found none; run `make audit`")
    return read_answer(done.stdout, done.stderr)


def read_answer(answer: str, errors: str) -> Audit:
    """pip-audit's JSON; without any, the last line of what it said instead."""
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        return Audit(silent=(errors.strip().splitlines() or ["pip-audit said nothing"])[-1][:200])
    lines = found["dependencies"]
    weak = [
        Weak(line["name"], line["version"], one["id"], tuple(one["fix_versions"]))
        for line in lines
        for one in line.get("vulns", ())
    ]
    return Audit(tuple(weak), tuple(line["name"] for line in lines if "skip_reason" in line))


def first_that_finds() -> tuple[str, list[str]]:
    """The first service that knows the control, or none, with why each does not serve."""
    why = []
    for service in SERVICES:
        found = ask(service, CONTROL)
        if found.weak:
            return service, why
        why.append(f"{service}: {found.silent or 'does not know a weakness that is public since 2019'}")
    return "", why


def told(found: Audit, n_pins: int, service: str) -> tuple[list[str], int]:
    """The lines to print, and the exit code."""
    lines = [
        f"{one.name} {one.version}: {one.advisory}, mended in {', '.join(one.mended_in) or 'no version yet'}"
        for one in found.weak
    ]
    if found.silent or found.unknown:
        said = found.silent or f"{len(found.unknown)} of {n_pins} pins were not looked up: {', '.join(found.unknown)}"
        lines.append(f"the audit by {service} is not whole: {said}")
    else:
        lines.append(f"{n_pins} pins looked up at {service}: {len(found.weak)} known weaknesses")
    return lines, 1 if found.weak else NOT_RUN if found.silent or found.unknown else 0


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Look for known weaknesses of the pinned versions.")
    parser.add_argument("--if-answered", action="store_true", help="where no service answers, say so and succeed")
    asked = parser.parse_args()
    service, why = first_that_finds()
    if service:
        pins = read_constraints()
        lines, code = told(ask(service, pins), len(pins), service)
    else:
        lines, code = ["NOT RUN: the pins were not audited, no advisory service answers here", *why], NOT_RUN
    print("\n  ".join(lines))
    sys.exit(0 if code == NOT_RUN and asked.if_answered else code)


if __name__ == "__main__":
    main()
