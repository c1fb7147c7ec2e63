"""The app's figures: how long a person waits in a real Chromium, and thirty reviewers at once.

    python benchmarks/app.py --markdown docs/benchmarks/app.md
    python benchmarks/app.py --rows 2000 --wide-rows 20000 --steps 5 --votes 3 --people 5    # a trial

It makes a workspace of its own, starts the app on it, and measures: a threshold moved until the preview stands, on a
run of 50,000 and of 1,000,000 rows; a vote until the next item; from page to page; a first visit; and websockets of as
many reviewers as wanted. The process ends with 1 where a vote is lost or stands twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app_browser import Step, chromium, clicked, fresh, opened, pressed
from app_load import measure_load, measure_slides
from app_server import serve
from app_workspace import CAMPAIGN, make_campaign, make_run, tile_run
from page import Line, machine, table

from tunesmith.ui.workspace import Workspace

#: Milliseconds at the median; votes of many at the 95th percentile.
LIMITS = {
    "preview": 300,
    "preview, server": 120,
    "preview, wide": 500,
    "vote to next item": 150,
    "page switch": 400,
    "first load": 3000,
    "vote of many": 400,
}
#: Pages in the order in which they are visited, by the address of their link.
PAGES = ("dataset", "curate", "mix", "jobs", "review", "train", "report", "home")
_NAME = "bench"
_RULE = "answer_too_short"
_LAID_OUT_MS = 2_000  # what the browser loads when it is needed moves what stands below
_LOST_MS = 15_000  # a key that has changed nothing by then was lost
_SLIDER = "min_characters_en"
_COUNTS = ".st-key-curate_counts"
_BUTTON = '[class*="st-key-vote_"]'
Times = dict[str, list[float]]


def measure_browser(options: argparse.Namespace, folder: Path) -> Times:
    """All times of the pages, in milliseconds."""
    workspace = Workspace(folder / "workspace").make()
    make_run(workspace, "rows", options.rows, seed=options.seed)
    tile_run(workspace, "rows", "wide", options.wide_rows)
    make_campaign(workspace, [_NAME], 2 * options.steps + 50, overlap=1)
    found: Times = {}
    with serve(workspace.root, "--name", _NAME) as (address, _), chromium() as browser:
        with fresh(browser) as page:
            opened(page, f"{address}/curate")  # the first visitor of a server waits for its imports: not measured
        for _ in range(max(3, options.steps // 4)):
            with fresh(browser) as page:
                found.setdefault("first load", []).append(opened(page, address))
        for name, run in (("preview", "rows"), ("preview, wide", "wide")):
            with fresh(browser) as page:
                opened(page, f"{address}/curate?run={run}&rule={_RULE}")
                _note(found, name, _previews(page, run, options.steps))
            alone = measure_slides(address, f"run={run}&rule={_RULE}", f"cut_{run}_{_RULE}_{_SLIDER}", options.steps)
            with ThreadPoolExecutor(1) as beside:  # the browser has a loop of its own in this thread
                found[f"{name}, server"] = [1000 * seconds for seconds in beside.submit(asyncio.run, alone).result()]
        with fresh(browser) as page:
            opened(page, f"{address}/review?campaign={CAMPAIGN}")
            _note(found, "vote to next item", _votes(page, options.steps))
        with fresh(browser) as page:
            opened(page, address)
            for name, step in _switches(page, options.steps):
                _note(found, "page switch", [step])
                _note(found, f"page switch: {name}", [step])
    return found


def _note(found: Times, name: str, steps: Sequence[Step]) -> None:
    for step in steps:
        found.setdefault(name, []).append(step.total)
        if not name.startswith("page switch"):
            found.setdefault(f"{name}, to the last message", []).append(step.server)
            found.setdefault(f"{name}, before anything is sent", []).append(step.waited)


def _previews(page: Any, run: str, steps: int) -> list[Step]:
    """The handle of the threshold, moved by keys, to and fro; the first three moves are for warming up.

    A press that the page did not take is told, and pressed again.
    """
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    handle = page.locator(f".st-key-cut_{run}_{_RULE}_{_SLIDER} input[type=range]")
    handle.wait_for(state="attached")
    page.wait_for_timeout(_LAID_OUT_MS)
    page.set_default_timeout(_LOST_MS)
    found: list[Step] = []
    while len(found) < steps + 3:
        handle.focus()
        try:
            found.append(pressed(page, "ArrowLeft" if len(found) % 6 > 2 else "ArrowRight", _COUNTS))
        except PlaywrightTimeout:
            print("a press of a key had no effect", file=sys.stderr)
    return found[3:]


def _votes(page: Any, steps: int) -> list[Step]:
    page.locator(_BUTTON).first.wait_for()
    return [pressed(page, "12"[number % 2], _BUTTON) for number in range(steps + 3)][3:]


def _switches(page: Any, steps: int) -> list[tuple[str, Step]]:
    """Each page twice before anything counts: what it imports is then there, as it is for everybody but the first."""
    found = []
    rounds = max(2, -(-steps // len(PAGES)))
    for number in range(rounds + 2):
        for name in PAGES:
            link = page.locator(f'[data-testid="stSidebarNavLink"][href$="/{name}"]')
            step = clicked(page, link.first, "h1")
            if number >= 2:
                found.append((name, step))
    return found


def lines_of(found: Times, load: dict[str, Any] | None) -> list[Line]:
    """A line a figure: n, median, 95th percentile, limit, and whether it is kept."""
    lines = [_line(name, values, LIMITS.get(name), "median") for name, values in found.items()]
    if load is not None:
        votes = [1000 * seconds for seconds in load["votes"]]
        lines.append(_line("vote of many", votes, LIMITS["vote of many"], "p95"))
        lines.append(_line("opening of many", [1000 * seconds for seconds in load["opened"]], None, "median"))
    return lines


def _line(name: str, values: Sequence[float], limit: int | None, by: str) -> Line:
    figures = {"median": statistics.median(values), "p95": percentile(values, 0.95)}
    kept = "" if limit is None else "yes" if figures[by] <= limit else "no"
    told = "" if limit is None else f"{by} {limit:,}"
    shown = {key: f"{value:,.0f}" for key, value in figures.items()}
    return {"milliseconds": name, "n": len(values), **shown, "limit": told, "kept": kept}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed.

    >>> percentile([3, 1, 2, 4], 0.5)
    2
    """
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)]


def page_of(options: argparse.Namespace, lines: list[Line], load: dict[str, Any] | None) -> str:
    """The page of figures."""
    given = [word for word in sys.argv[1:] if word not in ("--json", str(options.json))]
    command = f"python benchmarks/{Path(sys.argv[0]).name} {' '.join(given)}".strip()
    told = ""
    if load is not None:
        problems = "; ".join(load["problems"]) or "nothing"
        told = LOAD.format(people=options.people, think=options.think, **{**load, "problems": problems})
    return PAGE.format(
        command=command,
        machine=machine(),
        rows=options.rows,
        wide=options.wide_rows,
        seed=options.seed,
        lines=table(lines),
        load=told,
    )


def main() -> None:
    """Measure, print, write the page where asked; end with 1 where a vote is lost or double."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000, help="of the run in the preview")
    parser.add_argument("--wide-rows", type=int, default=1_000_000, help="of the same run, tiled")
    parser.add_argument("--steps", type=int, default=40, help="of each kind; first loads a quarter")
    parser.add_argument("--people", type=int, default=30, help="reviewers at once; 0: no load")
    parser.add_argument("--votes", type=int, default=20, help="of each of them")
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds before a vote")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-browser", action="store_true", help="only the load")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    parser.add_argument("--json", type=Path, help="also write all times into this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        found = {} if options.no_browser else measure_browser(options, folder)
        load = None
        if options.people:
            load = measure_load(
                folder, people=options.people, votes=options.votes, think=options.think, seed=options.seed
            )
    text = page_of(options, lines_of(found, load), load)
    print(text)
    if options.markdown:
        options.markdown.write_text(f"{text.rstrip()}\n", encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps({"browser": found, "load": load}, indent=2), encoding="utf-8")
    raise SystemExit(1 if load and (load["lost"] or load["double"] or load["problems"]) else 0)


PAGE = """# How fast the app is

Made by `{command}`.

{machine}; the app, the browser (Debian's Chromium, headless, 1280 × 900) and the reviewers share its cores.

{lines}

**What is measured.** A step begins with the key or the click, as the page itself gets it, and ends with the last frame
in which the main part of the page changed; it is over when the app says that its script rests. *To the last message*
is from the first message that the browser sends after the press to the last that it reads, which waits while it draws.
*Before anything is sent* is the browser's own time from the press to that message. *Server* is the same step for a
websocket that draws nothing: from its message to the end of the script.

- *preview*: the threshold of `answer_too_short` moved by a key on a finished run of {rows:,} rows, until counts,
  histogram and rows at the cut stand; *wide*: the same run tiled to {wide:,} rows. Rows are those of the bundled sample
  with cut answers and a tenth of their words replaced (seed {seed}).
- *vote to next item*: a key in the page for reviewers, two answers side by side, until the next pair stands.
- *page switch*: a click in the navigation; each page was open twice before. *first load*: a fresh profile with an empty
  cache, on a server that somebody has visited before.
{load}"""

LOAD = """
## Many reviewers at once

{people} people with an invitation each hold a websocket and speak Streamlit's own messages (no browser draws them),
thinking {think:g} s before a vote on average, evenly from half of that to one and a half times. A vote takes from its
message to the end of what it draws. {per_second:.1f} votes a second came in; the server spent {processor_ms:.0f} ms of
processor time on each, opening the pages included.

Acknowledged: {acknowledged:,}. In the store: {stored:,}. Lost: {lost}. Double: {double}. What the store's own check
found: {problems}.
"""


if __name__ == "__main__":
    main()
