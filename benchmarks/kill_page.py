"""The page of `kill_anywhere.py`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from kill_cases import SHARD_ROWS
from page import Line, machine, table

NAMES = {
    "curate": "`curate run`",
    "predict": "`evaluate predict`",
    "judge": "`evaluate judge`",
    "retention": "`evaluate retention`",
}


def page(found: Mapping[str, Any], options: argparse.Namespace) -> str:
    """The figures, as Markdown."""
    named = {NAMES[name]: figures for name, figures in found.items() if name in NAMES}
    kills = [_killed(name, figures) for name, figures in named.items() if {"random", "steps"} <= figures.keys()]
    asked = [_asked(name, figures) for name, figures in named.items() if {"questions", "random"} <= figures.keys()]
    faults = [line for name, figures in named.items() for line in _faults(name, figures)]
    review = [_review(found["review"])] if "review" in found else []
    command = f"python benchmarks/kill_anywhere.py --kills {options.kills} --asking-kills {options.asking_kills}"
    command += f" --jobs {options.jobs} --rows {options.rows} --faults {options.faults} --seed {options.seed}"
    return PAGE.format(
        command=command,
        machine=machine(),
        shard=SHARD_ROWS,
        kills=table(kills),
        asked=table(asked),
        faults=table(faults),
        review=table(review),
    )


def _killed(name: str, figures: Mapping[str, Any]) -> Line:
    random, steps = figures["random"], figures["steps"]
    return {
        "command": name,
        "kills at random": random["kills"],
        "of them a worker alone": random["one process"],
        "trials": random["trials"],
        "same bytes": f"{random['recovered']} of {random['trials']}",
        "kills at a step": steps["steps"],
        "same bytes, nothing left": f"{steps['recovered']} of {steps['trials']}",
        "finished stage files at the kills": random["finished"] + steps["finished"],
        "written again": random["redone"] + steps["redone"],
    }


def _asked(name: str, figures: Mapping[str, Any]) -> Line:
    random = figures["random"]
    return {
        "command": name,
        "questions of a run": figures["questions"],
        "kills": random["kills"],
        "questions asked again": random["asked again"],
    }


def _faults(name: str, figures: Mapping[str, Any]) -> list[Line]:
    kinds = {
        "disk": "disk full, and disk read-only, from a step on",
        "mounted": "a file system that is too small, and one that becomes read-only",
        "lost": "a file gone, cut in half, or empty",
        "input": "an input that vanishes, or is written to while it is read",
    }
    return [
        {
            "command": name,
            "what happens": what,
            "tried": figures[kind]["tried"] or "not measured",
            "told and made good": figures[kind]["tried"] - _wrong(figures[kind]),
        }
        for kind, what in kinds.items()
        if kind in figures and figures[kind]["tried"]
    ]


def _wrong(part: Mapping[str, Any]) -> int:
    return min(part["tried"], len({problem.partition(": ")[0] for problem in part["problems"]}))


def _review(found: Mapping[str, Any]) -> Line:
    names = {"killed": "killed while voting", "votes": "votes", "repeats": "hidden repeats", "lost": "lost"}
    return {shown: found[name] for name, shown in names.items()} | {
        "double": found["double"],
        "other faults": found["inexact"] + len(found["problems"]),
    }


PAGE = """# Killed at any moment

Made by `{command}`.

{machine}.

A command is killed (SIGKILL, with every process that it started, or one of those alone) and started again by the same
words until it ends by itself. Then every byte of its folder is held against a run that nobody disturbed: outputs and
stage files, nothing more and nothing less; only `run.log.json` may differ, which tells the time. A trial is one to
five kills in a row, and then the run that may finish.

*At random* is a moment drawn from the whole duration of the command. In each eighth trial of a curation run the kills
hit starts from nothing, which import for two seconds, and otherwise forks of a process that has everything imported,
since their time is all work. *At a step* is exact: every file that the command opens to write, flushes, renames,
removes, and every folder that it makes, is a step, and it is killed just before each of them in turn, and just after
each rename. So that a few rows have as many shards as a large run, a shard has {shard} rows here, and worker processes
start at the first byte.

{kills}

A stage file that was whole when the command was killed stays as it is: its inode and its time are the same afterwards.
*Written again* are rows of a shard whose columns were not written yet: the two count as a pair.

## What is asked again

A server that is paid for counts its questions. An answer is kept as soon as it is there, so only what was on its way
when the command was killed is asked again: four questions at once, here. `evaluate retention` also asks three certain
questions of each model anew at every start, whose answers it does not keep.

{asked}

## Reviewers

Two reviewers vote without a pause, and their processes are killed while they do. *Lost* are votes of which a reviewer
was told that they are stored; *double*, second votes of one person on one item. The [load of a review](review_load.md)
has more of them.

{review}

## The disk

From a step on every write fails as on a full disk (ENOSPC), or every change as on a read-only one (EROFS); a file
system in memory is really too small (a tenth to eight tenths of the room that is needed), or really becomes read-only;
files are lost. Expected is one message that names the place, exit code 2 and no traceback, and when the cause is gone,
the same bytes from the same command. A lost stage file, cache or output is simply made again.

{faults}

## A power cut

A kill loses nothing that was written; a power cut may. Each file is flushed to the disk (`fsync`) before it takes its
name, so that a name never stands for half a file, and the folder of a curation run when its last file is there: on a
file system that keeps its journal in order (ext4, XFS), what was told to be finished stays so. Before that the last
files may be missing after a power cut as if the command had been killed a moment earlier, which is made good in the
same way, and so may the answers of a server in the last seconds, which are asked again. Votes are
flushed before their reviewer is told."""
