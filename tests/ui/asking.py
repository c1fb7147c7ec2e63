"""Requests as a program makes them, past any browser: with headers, cookies and names of its own choice."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Message
    body: str


def asked(address: str, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """The answer to one request; `X_Forwarded_For="…"` is a header."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    try:
        return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def websocket(address: str, **headers: str) -> int:
    """What a websocket's handshake is answered with: 101 where it is let in."""
    try:
        with _connected(address, **headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@contextmanager
def opened_session(address: str, **headers: str) -> Iterator[str]:
    """A session of the app, as a browser opens one; its id."""
    with _connected(address, **headers) as connection:
        look = BackMsg()
        look.rerun_script.SetInParent()
        connection.send(look.SerializeToString())
        told = ForwardMsg()
        while told.WhichOneof("type") != "new_session":
            told.ParseFromString(bytes(connection.recv(timeout=20)))  # type: ignore[arg-type]
        yield told.new_session.initialize.session_id


def uploaded(address: str, session: str, name: str, n_bytes: int, **headers: str) -> int:
    """The status of an upload with the token that the page would have."""
    token = asked(address, "/_stcore/health").headers["set-cookie"].split(";")[0]
    head = f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'.encode()
    cookie = "; ".join([token, *([headers.pop("Cookie")] if "Cookie" in headers else [])])
    headers |= {
        "Cookie": cookie,
        "X_Xsrftoken": token.partition("=")[2],
        "Content_Type": "multipart/form-data; boundary=b",
    }
    body = head + b"x" * n_bytes + b"\r\n--b--\r\n"
    return asked(address, f"/_stcore/upload_file/{session}/f", "PUT", body, **headers).status


@contextmanager
def _connected(address: str, **headers: str) -> Iterator[ClientConnection]:
    port = int(address.rsplit(":", 1)[1])
    url = f"ws://{headers.pop('Host', '127.0.0.1')}:{port}/_stcore/stream"
    with connect(
        url,
        sock=socket.create_connection(("127.0.0.1", port)),
        additional_headers=headers,
        subprotocols=[Subprotocol("streamlit")],
        proxy=None,
        max_size=None,
    ) as connection:
        yield connection
