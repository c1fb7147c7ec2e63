"""How long a person waits in a real Chromium: from the press to the last change of the page that it brings about.

A script in the page notes the moment of a press, of what the browser sends and gets, and of each frame in which the
page's main part changed. A step is over when the app says that its script rests and nothing has changed for 120 ms;
what counts is the last change, so that a chart or a row that comes late counts too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

#: What keeps Chromium from talking to anybody but the app.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SECONDS = 120
_SETTLED_MS = 700  # between two steps; a vote within 400 ms is ignored by the page, as it should be

_WATCH = """
(() => {
  const seen = (window.seen = { press: 0, sent: 0, got: 0, painted: 0 });
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => { seen.got = performance.now(); });
    }
    send(data) { if (seen.sent < seen.press) seen.sent = performance.now(); super.send(data); }
  };
  for (const kind of ["keydown", "click"])
    window.addEventListener(kind, () => { seen.press = performance.now(); }, true);
  const main = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    return element && element.closest('[data-testid="stMain"]');
  };
  new MutationObserver((changes) => {
    if (!changes.some((one) => main(one.target))) return;
    requestAnimationFrame(() => { seen.painted = performance.now(); });
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})();
"""

_RESTS = """
([what, before]) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const found = document.querySelector(what);
  if (!app || !found || app.dataset.testScriptState !== "notRunning") return null;
  const now = `${found.className} ${found.textContent}`;
  const seen = window.seen;
  if (now === before || seen.painted < seen.press || performance.now() - seen.painted < 120) return null;
  return { total: seen.painted - seen.press, server: seen.got - seen.sent, waited: seen.sent - seen.press };
}
"""

_NOW = """
(what) => { const one = document.querySelector(what); return one ? `${one.className} ${one.textContent}` : ""; }
"""


class Step(NamedTuple):
    """Milliseconds.

    :param total: from the press to the last change.
    :param server: from the first message that is sent after it to the last that comes back.
    :param waited: from the press to that first message: what the browser takes, or waits for on purpose.
    """

    total: float
    server: float
    waited: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of this machine."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("no Chromium; sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()


@contextmanager
def fresh(browser: Browser) -> Iterator[Page]:
    """A page in a profile of its own, with an empty cache."""
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.set_default_timeout(1000 * _SECONDS)
    yield page
    context.close()


def opened(page: Page, address: str) -> float:
    """Open an address; milliseconds from the start of the navigation to the last change."""
    page.goto(address, wait_until="commit")
    return _ended(page, "h1", "").total


def pressed(page: Page, key: str, what: str) -> Step:
    """Press a key; done when what the selector finds has changed."""
    before = _before(page, what)
    page.keyboard.press(key)
    return _ended(page, what, before)


def clicked(page: Page, link: Any, what: str) -> Step:
    """Click; done when what the selector finds has changed."""
    before = _before(page, what)
    link.click()
    return _ended(page, what, before)


def _before(page: Page, what: str) -> str:
    page.wait_for_timeout(_SETTLED_MS)
    return str(page.evaluate(_NOW, what))


def _ended(page: Page, what: str, before: str) -> Step:
    found = page.wait_for_function(_RESTS, arg=[what, before], polling=40).json_value()
    return Step(**found)
