"""A browser's side of Streamlit's websocket without a browser: the same messages, for a load of many people.

A view sends `BackMsg` (a rerun with the address and the states of widgets) and reads `ForwardMsg` until the script has
finished. Of what is drawn it keeps what a reviewer needs: the buttons by their keys, with the fragment that they are
part of.

>>> async with viewer("http://127.0.0.1:8501", cookie="…") as view:  # doctest: +SKIP
...     await view.open("review", "campaign=load")
...     await view.press("vote_3f…_left")
"""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_PATIENCE_SECONDS = 60.0


class Viewer:
    """One open page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._query, self._page, self._hash = "", "", ""
        self._held: dict[str, Any] = {}  # messages that the server may name again by their hash
        #: Widget ids by the key that the page gave them, and the fragment that each is part of.
        self.buttons: dict[str, tuple[str, str]] = {}
        self.sliders: dict[str, tuple[str, str]] = {}
        self._numbers: dict[str, str] = {}  # where the sliders stand, by widget id
        self.texts: list[str] = []
        self.faults: list[str] = []

    async def open(self, page: str, query: str) -> float:
        """Open a page; seconds until its script has finished."""
        self._page, self._query = page, query
        return await self._run(BackMsg())

    async def press(self, key: str) -> float:
        """Press a button; seconds until what it draws again has come."""
        identity, fragment = self.buttons[key]
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = identity, True
        return await self._run(message)

    async def slide(self, key: str, number: str) -> float:
        """Put a slider on one of its numbers, as it is written there; seconds until what it draws again has come."""
        self._numbers[self.sliders[key][0]] = number
        message = BackMsg()
        message.rerun_script.fragment_id = self.sliders[key][1]
        for identity, value in self._numbers.items():  # as a browser does: all of them
            state = message.rerun_script.widget_states.widgets.add()
            state.id = identity
            state.string_array_value.data.append(value)
        return await self._run(message)

    async def _run(self, message: BackMsg) -> float:
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, self._page, self._hash
        state.cached_message_hashes.extend(self._held)
        self.buttons, self.sliders, self.texts, self.faults = {}, {}, [], []
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not self._take(ForwardMsg.FromString(await self._bytes())):
                pass
        return time.perf_counter() - start

    async def _bytes(self) -> bytes:
        data = await self._socket.recv()
        return data if isinstance(data, bytes) else data.encode()

    def _take(self, message: ForwardMsg) -> bool:
        """Whether the script has finished with this message."""
        if message.WhichOneof("type") == "ref_hash":
            message = self._held[message.ref_hash]
        elif message.metadata.cacheable and message.hash:
            self._held[message.hash] = message
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._hash = message.new_session.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _element(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "button":
            key = element.button.id.split("-", 2)[-1]
            self.buttons[key] = (element.button.id, delta.fragment_id)
        elif kind == "slider":
            slider = element.slider
            self.sliders[slider.id.split("-", 2)[-1]] = (slider.id, delta.fragment_id)
            self._numbers.setdefault(slider.id, slider.options[int(slider.default[0])])
        elif kind == "text":
            self.texts.append(element.text.body)
        elif kind == "exception":
            self.faults.append(f"{element.exception.type}: {element.exception.message}")


@asynccontextmanager
async def viewer(address: str, cookie: str) -> AsyncIterator[Viewer]:
    """An open websocket with a person's cookie."""
    host = urlsplit(address).netloc
    headers = {"Cookie": cookie}
    async with connect(
        f"ws://{host}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers=headers,
        origin=address,  # type: ignore[arg-type]
        max_size=None,
        ping_interval=None,
        compression=None,
    ) as socket:
        yield Viewer(socket)


def join(address: str, path: str) -> str:
    """Press the button of an invitation; the cookie that lets this person in."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("POST", path, headers={"Origin": address, "Content-Length": "0"})
    answer = connection.getresponse()
    found = answer.getheader("set-cookie") or ""
    connection.close()
    if answer.status != 303 or not found:
        raise SystemExit(f"the invitation was refused: {answer.status}")
    return found.partition(";")[0]
