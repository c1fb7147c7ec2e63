"""Coming in and going out: `/join/<token>` and `/leave`.

A look at either changes nothing; the button on it does. A preview of the link in a chat fetches it without pressing,
and a foreign page cannot press it in a visitor's name, because a request from another origin is refused: so nobody is
quietly signed in as somebody else.
"""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tunesmith.errors import InputError
from tunesmith.ui.identity_cookie import cookie_name, sign
from tunesmith.ui.invitations import Invitation, redeem
from tunesmith.ui.launch import launched
from tunesmith.ui.server_pages import html_page, words_for


def join(request: Request) -> Response:
    """Show whom the link is for, and let them in when they press the button."""
    say = words_for(request.headers)
    held = _redeemed(request.path_params["token"])
    if held is None:
        return html_page(say, say.plain("access.ended_title"), say.plain("access.ended"), status=404)
    if request.method == "POST":
        return _let_in(request, held)
    until = time.strftime("%Y-%m-%d", time.localtime(held.expires))
    return html_page(
        say,
        say.plain("access.join_title", name=held.name),
        say.plain(f"access.join_{held.role}"),
        soft=say.plain("access.join_browser", until=until),
        button=say.plain("access.join"),
    )


def leave(request: Request) -> Response:
    """Ask, then forget this browser."""
    if request.method == "POST":
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(cookie_name(launched().workspace), httponly=True, samesite="lax")
        return response
    say = words_for(request.headers)
    title, text = say.plain("access.leave_title"), say.plain("access.leave_text")
    return html_page(say, title, text, button=say.plain("access.leave"), back=say.plain("access.stay"))


def _redeemed(token: str) -> Invitation | None:
    try:
        return redeem(launched().workspace, token)
    except InputError:  # its file is broken; the list of invitations says so
        return None


def _let_in(request: Request, held: Invitation) -> Response:
    workspace = launched().workspace
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        cookie_name(workspace),
        sign(workspace, held.id),
        max_age=max(0, int(held.expires - time.time())),
        httponly=True,
        samesite="lax",
        secure=is_https(request),
    )
    return response


def is_https(request: Request) -> bool:
    """Whether the browser speaks https, if need be to a proxy in front; a forged header only harms who forges it."""
    forwarded = request.headers.get("x-forwarded-proto", "")
    return request.url.scheme == "https" or forwarded.split(",")[0].strip().lower() == "https"


#: No script of Streamlit's has a say here.
ROUTES = [
    Route("/join/{token}", join, methods=["GET", "POST"]),
    Route("/leave", leave, methods=["GET", "POST"]),
]
