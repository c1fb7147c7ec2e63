"""Reviewers whose processes are killed while they vote: is every vote that they were told of there, once?

>>> review_kills(Path("work"), kills=3)["lost"]  # doctest: +SKIP
0
"""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from review_load import prepare
from review_load_check import counted
from review_load_people import Load, acknowledged, judge

from tunesmith.evaluate.review_store import open_store

REVIEWERS = 2
_VOTES_A_KILL = 12
_LONGEST_LIFE_SECONDS = 0.25  # with a connection
_LEASE_SECONDS = 2


def review_kills(folder: Path, *, kills: int, seed: int = 0) -> dict[str, Any]:
    """Two reviewers at once vote without a pause; their processes are killed at moments drawn at random until there
    were enough kills, and then finish."""
    folder.mkdir(parents=True)
    address, draw = str(folder / "review.sqlite"), random.Random(f"{seed} review")
    prepare(address, max(40, _VOTES_A_KILL * kills), REVIEWERS, _LEASE_SECONDS)
    load = Load(address, folder, REVIEWERS, 0.0, 0.0, 0.0, _LEASE_SECONDS, seed=seed)
    killed, in_vain, life = 0, 0, 0
    while killed < kills and in_vain < 3:
        processes = [_reviewer(load, number, life) for number in range(REVIEWERS)]
        life += 1
        before = len(acknowledged(folder))
        _wait_for_a_vote(folder, before, processes)
        time.sleep(draw.uniform(0, _LONGEST_LIFE_SECONDS))
        alive = [process for process in processes if process.is_alive()]
        for process in alive:
            process.kill()
        killed += len(alive)
        in_vain += not alive
        for process in processes:
            process.join()
    for process in [_reviewer(load, number, life) for number in range(REVIEWERS)]:
        process.join()
    return {"killed": killed, **counted(address, folder)}


def _reviewer(load: Load, number: int, life: int) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_vote, args=(load, number, life))
    process.start()
    return process


def _vote(load: Load, number: int, life: int) -> None:
    pipe, _ = multiprocessing.Pipe()
    judge(load, open_store(load.address), number, life, pipe)


def _wait_for_a_vote(folder: Path, before: int, processes: list[BaseProcess]) -> None:
    """The time to start is not what is measured."""
    while len(acknowledged(folder)) == before and any(process.is_alive() for process in processes):
        time.sleep(0.005)
