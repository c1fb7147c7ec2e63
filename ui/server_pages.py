"""The few pages before the pages, as plain HTML without a script: welcome, goodbye, not from here.

They are ours and not Streamlit's, so that a stranger's browser gets no further than this.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Literal

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from tunesmith.ui.words import Words

#: Nothing but its own style; the form may only go back to where it came from.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_MARK = Path(__file__).with_name("assets") / "mark.svg"

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Tunesmith</title>
<link rel="icon" href="data:,"><style>
:root {{ color-scheme: light dark; --back: #fff; --text: #1d2627; --soft: #526061; --main: #0f6f6c; --on: #fff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --back: #14191a; --text: #e4eaea; --soft: #a3b0b0; --main: #4db6b0; --on: #10201f; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
  font: 1rem/1.6 "Source Sans Pro", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }}
main {{ max-width: 28rem; padding: 2rem 1.5rem 22vh; }}
svg {{ width: 2.5rem; height: 2.5rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.3; margin: 1rem 0 .5rem; overflow-wrap: anywhere; }}
p {{ margin: 0 0 .75rem; }} .soft {{ color: var(--soft); font-size: .9rem; }}
form {{ margin-top: 1.25rem; display: flex; gap: 1rem; align-items: center; }}
button {{ font: inherit; font-weight: 600; color: var(--on); background: var(--main); border: 0; border-radius: .5rem;
  padding: .5rem 1.25rem; cursor: pointer; }}
button:focus-visible, a:focus-visible {{ outline: 2px solid var(--text); outline-offset: 2px; }}
a {{ color: var(--main); }}
</style></head><body><main>{mark}{body}</main></body></html>
"""


def words_for(headers: Headers) -> Words:
    """The language that a browser asks for first."""
    return Words("zh" if headers.get("accept-language", "").strip().lower().startswith("zh") else "en")


def html_page(
    say: Words, title: str, *texts: str, soft: str = "", button: str = "", back: str = "", status: int = 200
) -> HTMLResponse:
    """A page from texts as they are; they are escaped here.

    :param button: what the button says that posts to this very address.
    :param back: what the link home says beside it.
    """
    body = _element("h1", title) + "".join(_element("p", text) for text in texts)
    link = f'<a href="/">{escape(back)}</a>' if back else ""
    if button:
        body += f'<form method="post"><button>{escape(button)}</button>{link}</form>'
    if soft:
        body += f'<p class="soft" style="margin-top:1.25rem">{escape(soft)}</p>'
    page = _PAGE.format(language=say.language, mark=_MARK.read_text(encoding="utf-8"), body=body)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(page, status_code=status, headers=headers)


def refusal_page(say: Words, reason: Literal["host", "origin", "alone", "needed", "upload"]) -> HTMLResponse:
    """Why a request got no answer."""
    if reason == "needed":
        return html_page(say, say.plain("access.needed_title"), say.plain("access.needed"), status=401)
    return html_page(say, say.plain("access.refused_title"), say.plain(f"access.refused_{reason}"), status=403)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
