"""Reviewing in a real browser: by keyboard, twice at once, on a phone, and blind on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.conftest import serve
from tests.ui.review_given import SYSTEMS, make
from tunesmith.evaluate.predictions import read_predictions
from tunesmith.evaluate.review_create import create_pairwise
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import read_campaign
from tunesmith.evaluate.review_types import CampaignData
from tunesmith.ui.invitations import invite
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

DATA = Path(__file__).resolve().parents[2] / "data"
#: Longer than a press is ignored after a task appeared.
READING = 450


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One for all that happens here: each test has a campaign of its own."""
    return Workspace(tmp_path_factory.mktemp("review") / "workspace").make()


@pytest.fixture(scope="module")
def app(workspace: Workspace) -> Iterator[str]:
    with serve(workspace.root) as address:
        yield address


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Of the test's campaign."""
    return re.sub("[^a-z]+", "-", request.node.name.lower())[:60].strip("-")


def real_campaign(workspace: Workspace, name: str, n: int, **wishes: Any) -> None:
    """The bundled answers of two models, under names that stand nowhere else."""
    systems = {}
    for system, side in zip(SYSTEMS, ("before", "after")):
        path = workspace.root / f"{system}.jsonl"
        lines = [json.loads(line) for line in (DATA / f"predictions_{side}.jsonl").read_text("utf-8").splitlines()]
        marked = [{**line, "meta": {**(line.get("meta") or {}), "model": system}} for line in lines]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in marked), encoding="utf-8")
        systems[system] = read_predictions(path)
    given: dict[str, Any] = {"overlap": 1, "repeats": 0.0, **wishes}
    with open_store(workspace.review_store, create=True) as store:
        create_pairwise(store, name, systems, sample=n, **given)


def stored(workspace: Workspace, name: str) -> CampaignData:
    with open_store(workspace.review_store) as store:
        return read_campaign(store, name)


def begin(page: Page) -> None:
    """Past the welcome, which only who is new in the workspace gets."""
    page.locator(".st-key-review_start button, .st-key-review_bar").first.wait_for()
    start = page.locator(".st-key-review_start button")
    if start.count():
        start.click()
    page.locator(".st-key-review_bar").wait_for()


def vote(page: Page, key: str) -> None:
    """Read the task, press a key, and wait until the buttons belong to another task, or none is left."""
    before = token(page)
    page.wait_for_timeout(READING)
    page.keyboard.press(key)
    token(page, before)


def token(page: Page, before: str = "") -> str:
    """What names the task whose buttons are drawn, all of them; another one than before. "-" where none is left."""
    return str(page.wait_for_function(_DRAWN, arg=before).json_value())


_DRAWN = """before => {
  if (document.querySelector(".st-key-review_look_again")) return "-";
  const buttons = [...document.querySelectorAll("[class*='st-key-vote_']")].map(one => one.className);
  const tokens = new Set(buttons.map(name => name.match(/st-key-vote_([^_ ]+)_/)[1]));
  const [first] = tokens;
  return tokens.size === 1 && first !== before ? first : null;
}"""


def progress(page: Page, done: int, left: int, words: str = "{done} done · {left} left") -> Locator:
    found = page.get_by_text(words.format(done=done, left=left), exact=True)
    found.wait_for()
    return found


@pytest.mark.parametrize(
    ("locale", "words", "end"),
    [
        ("en-US", "{done} done · {left} left", "All done for now. Thank you!"),
        ("zh-CN", "已完成 {done} · 还剩 {left}", "暂时都评完了，谢谢！"),
    ],
)
def test_twenty_items_are_reviewed_by_keyboard_with_undo(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page], locale: str, words: str, end: str
) -> None:
    real_campaign(workspace, name, 20)
    page = open_page(f"{app}/review?campaign={name}", locale=locale)
    begin(page)
    for done in range(20):
        progress(page, done, 20 - done, words)
        vote(page, "1234"[done % 4])
        if done == 9:
            progress(page, 10, 10, words)
            vote(page, "z")
            progress(page, 9, 11, words)
            vote(page, "3")
    page.get_by_text(end).wait_for()
    votes = stored(workspace, name).votes
    assert len(votes) == 20
    assert [vote.choice for vote in votes].count("equal") == 6  # five times the third key, and the one after undo
    assert [vote.choice for vote in votes].count("both_bad") == 5


def test_five_fast_presses_cast_one_vote(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    make(workspace.review_store, n=8, name=name)
    page = open_page(f"{app}/review?campaign={name}")
    begin(page)
    token(page)
    page.wait_for_timeout(READING)
    for _ in range(5):
        page.keyboard.press("3")
    progress(page, 1, 7)
    vote(page, "4")
    progress(page, 2, 6)
    assert [vote.choice for vote in stored(workspace, name).votes] == ["equal", "both_bad"]


def test_nothing_on_the_wire_names_a_model_or_tells_a_repeat(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    real_campaign(workspace, name, 30, repeats=1.0)
    heard: list[bytes] = []
    page = open_page(app)
    page.on("websocket", lambda socket: _listen(socket, heard))
    page.on("response", lambda response: _read(response, heard))
    page.goto(f"{app}/review?campaign={name}")
    begin(page)
    for done in range(24):
        page.get_by_text(f"{done} done ·").wait_for()
        vote(page, "34"[done % 2])
    page.get_by_text("24 done ·").wait_for()
    heard.append(page.content().encode())
    page.get_by_role("radio", name="My history").click()
    page.locator("[class*='st-key-change_']").first.wait_for(state="attached")
    heard.append(page.content().encode())
    found = stored(workspace, name)
    assert any(vote.repeat for vote in found.votes)
    wire = b"\n".join(heard)
    assert b"Question" in wire  # it was listened to
    hidden = [*SYSTEMS, found.campaign.secret, '"swapped"', "repeat_", "is_repeat"]
    hidden += [f"{system}.jsonl" for system in SYSTEMS] + [item.key for item in found.items if len(item.key) > 4]
    assert [word for word in hidden if word.encode() in wire] == []


def _listen(socket: Any, heard: list[bytes]) -> None:
    for event in ("framereceived", "framesent"):
        socket.on(event, lambda frame: heard.append(frame if isinstance(frame, bytes) else frame.encode()))


def _read(response: Any, heard: list[bytes]) -> None:
    heard.append(f"{response.url} {response.headers}".encode())


def test_two_windows_of_one_person_never_vote_twice_on_a_task(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    make(workspace.review_store, n=6, name=name, people=("me",))
    first, second = (open_page(f"{app}/review?campaign={name}") for _ in range(2))
    begin(first)
    second.reload()
    token(second)
    vote(first, "3")
    second.wait_for_timeout(READING)
    second.keyboard.press("4")  # the same task, answered differently
    second.get_by_text("in another window").wait_for()
    progress(second, 1, 5)
    assert [vote.choice for vote in stored(workspace, name).votes] == ["equal"]


def test_two_people_at_once_never_get_the_same_item(
    workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    make(workspace.review_store, n=6, name=name)
    paths = {person: invite(workspace, person, "reviewer") for person in ("Li", "王")}
    with serve(workspace.root, "--shared") as address:
        pages = {person: open_page(f"{address}{path}") for person, path in paths.items()}
        for page in pages.values():
            page.get_by_role("button").click()
            page.wait_for_url(re.compile("/review"))
            page.goto(f"{address}/review?campaign={name}")
            begin(page)
        for _ in range(3):
            for page in pages.values():
                vote(page, "3")
        for page in pages.values():
            page.get_by_text("You gave 3 answers").wait_for()
    votes = stored(workspace, name).votes
    assert len({vote.item for vote in votes}) == len(votes) == 6
    assert sorted(vote.reviewer for vote in votes) == ["Li"] * 3 + ["王"] * 3


def test_a_new_task_begins_at_its_top(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    systems = {}
    for system in SYSTEMS:
        long = workspace.root / f"{system}.jsonl"
        lines = [
            {
                "id": f"q{i}",
                "messages": [{"role": "user", "content": f"ask {i}"}],
                "prediction": f"{system[:1]}{i}\n" * 200,
            }
            for i in range(3)
        ]
        long.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        systems[system] = read_predictions(long)
    with open_store(workspace.review_store, create=True) as store:
        create_pairwise(store, name, systems, overlap=1, repeats=0.0)
    page = open_page(f"{app}/review?campaign={name}")
    begin(page)
    card = page.locator("[class*='st-key-review_card_0']")
    card.evaluate("card => { card.scrollTop = 900 }")
    assert card.evaluate("card => card.scrollTop") == 900
    vote(page, "3")
    assert card.evaluate("card => card.scrollTop") == 0


def test_on_a_phone_the_buttons_stay_in_sight_and_nothing_is_cut_off(
    app: str, workspace: Workspace, name: str, open_page: Callable[..., Page]
) -> None:
    real_campaign(workspace, name, 5)
    page = open_page(
        f"{app}/review?campaign={name}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    begin(page)
    buttons = page.locator(".st-key-review_choices button")
    buttons.nth(3).wait_for()
    assert buttons.count() == 4
    for place in range(4):
        box = buttons.nth(place).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
        assert box["height"] >= 40
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.wait_for_timeout(READING)
    buttons.nth(1).tap()
    progress(page, 1, 4)
    assert len(stored(workspace, name).votes) == 1
