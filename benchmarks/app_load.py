"""Thirty reviewers at once: each a websocket of its own, thinking before each vote; and whether every vote is there.

A vote is acknowledged when the page has drawn the next task (or that there is none) after it. At the end each of them
has to be in the store once, with the side that was pressed.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any, NamedTuple

from app_server import processor_seconds, serve
from app_viewer import Viewer, join, viewer
from app_workspace import CAMPAIGN, make_campaign

from tunesmith.evaluate.review_sides import to_stored
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import events, read_campaign
from tunesmith.evaluate.review_store_check import check_store
from tunesmith.ui.invitations import invite
from tunesmith.ui.workspace import Workspace

_CHOICES = ("left", "right", "equal", "both_bad")
_LEAST_THINK = 0.6  # a press within 0.4 s of a task's appearing is ignored by the page, as it should be
_BETWEEN = 0.3  # seconds between two moves of a threshold
_SLOW_START = 10.0  # seconds within which all of them open the page


class Vote(NamedTuple):
    """What a reviewer was told is stored."""

    person: str
    token: str
    choice: str
    seconds: float


def measure_load(folder: Path, *, people: int, votes: int, think: float, seed: int) -> dict[str, Any]:
    """Seconds of each vote and of each opening, and what the store has of them.

    :param votes: of each person. :param think: mean seconds before a vote, half to one and a half times that.
    """
    workspace = Workspace(folder / "load").make()
    names = [f"reviewer {number:02}" for number in range(1, people + 1)]
    make_campaign(workspace, names, people * votes)
    paths = [invite(workspace, name, "reviewer") for name in names]
    with serve(workspace.root, "--shared") as (address, pid):
        cookies = [join(address, path) for path in paths]
        asyncio.run(_first_visit(address, cookies[0]))
        start, spent = time.perf_counter(), processor_seconds(pid)
        found, opened = asyncio.run(_all(address, names, cookies, votes, think, seed))
        seconds, spent = time.perf_counter() - start, processor_seconds(pid) - spent
    return {
        "votes": [vote.seconds for vote in found],
        "opened": opened,
        "per_second": len(found) / seconds,
        "processor_ms": 1000 * spent / max(1, len(found)),
        **_counted(workspace, found),
    }


async def measure_slides(address: str, query: str, key: str, steps: int) -> list[float]:
    """Seconds of each move of a threshold of the page Curate, without a browser; the first three are not counted."""
    found = []
    async with viewer(address, "") as view:
        await view.open("curate", query)
        for number in range(steps + 3):
            found.append(await view.slide(key, str(2 + number % 3)))
            if view.faults or key not in view.sliders:
                raise SystemExit(f"the page Curate failed: {view.faults}")
            await asyncio.sleep(_BETWEEN)
    return found[3:]


async def _first_visit(address: str, cookie: str) -> None:
    """Whoever comes first waits for the server's imports; that is not measured."""
    async with viewer(address, cookie) as view:
        await view.open("review", "all=1")


async def _all(
    address: str, names: list[str], cookies: list[str], votes: int, think: float, seed: int
) -> tuple[list[Vote], list[float]]:
    found: list[Vote] = []
    opened: list[float] = []
    people = [
        _person(address, name, cookie, votes, think, random.Random(f"{seed} {name}"), found, opened)
        for name, cookie in zip(names, cookies)
    ]
    await asyncio.gather(*people)
    return found, opened


async def _person(
    address: str,
    name: str,
    cookie: str,
    votes: int,
    think: float,
    draw: random.Random,
    found: list[Vote],
    opened: list[float],
) -> None:
    await asyncio.sleep(draw.random() * _SLOW_START)
    async with viewer(address, cookie) as view:
        opened.append(await view.open("review", f"campaign={CAMPAIGN}"))
        _check(view, name)
        for _ in range(votes):
            token = token_of(view)
            if token is None:
                return
            await asyncio.sleep(max(_LEAST_THINK, think * (0.5 + draw.random())))
            choice = draw.choice(_CHOICES)
            seconds = await view.press(f"vote_{token}_{choice}")
            _check(view, name)
            if token_of(view) == token:
                raise SystemExit(f"{name}: a vote was not taken")
            found.append(Vote(name, token, choice, seconds))


def token_of(view: Viewer) -> str | None:
    """The task on the screen, by the keys of its buttons."""
    return next((key.split("_")[1] for key in view.buttons if key.startswith("vote_")), None)


def _check(view: Viewer, name: str) -> None:
    if view.faults:
        raise SystemExit(f"{name}: the page failed: {view.faults[0]}")


def _counted(workspace: Workspace, found: list[Vote]) -> dict[str, Any]:
    """Acknowledged votes against the store: `lost` are not there or differ, `double` are there twice."""
    with open_store(workspace.review_store) as store:
        data, lines = read_campaign(store, CAMPAIGN), list(events(store, CAMPAIGN))
        problems = check_store(store, CAMPAIGN)
    leases = {line["token"]: line for line in lines if line["kind"] == "lease"}
    there: dict[Any, list[Any]] = {}
    for vote in data.votes:
        there.setdefault((vote.item, vote.reviewer, vote.repeat), []).append(vote)
    lost = 0
    for one in found:
        lease = leases.get(one.token)
        key = (lease["item_id"], one.person, lease["data"]["repeat"]) if lease else None
        stored = there.get(key, [])
        lost += len(stored) != 1 or stored[0].choice != to_stored(one.choice, swapped=stored[0].swapped)
    return {
        "acknowledged": len(found),
        "stored": len(data.votes),
        "lost": lost,
        "double": sum(len(votes) - 1 for votes in there.values()),
        "problems": list(problems),
    }
