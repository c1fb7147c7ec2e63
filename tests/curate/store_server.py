"""A real S3 server on this machine (moto's), which remembers its requests and lets a test do something between them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tunesmith.curate.io import Input

Request = tuple[str, str]  # such as ("GET", "/bucket/a.jsonl")


def rows(*answers: str) -> bytes:
    return b"".join(json.dumps({"instruction": "Why?", "output": answer}).encode() + b"\n" for answer in answers)


def answers(source: Input) -> list[str]:
    return [json.loads(bytes(row.data))["output"] for row in source.rows() if isinstance(row.data, bytes)]


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class StoreServer:
    """The server, and a client of its own to put objects and look at them."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.before: dict[Request, Callable[[], None]] = {}
        self.after: dict[Request, Callable[[], None]] = {}
        self.cut: dict[str, int] = {}  # bytes of an object after which its connection breaks for good, by path
        self.etags: dict[str, str] = {}  # what is told of an object instead of its own, by path
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="S3", daemon=True).start()
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.address,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 (of a server that wants none)
            region_name="us-east-1",
            config=Config(user_agent="test"),
        )

    def put(self, url: str, data: bytes, **more: Any) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        self.client.put_object(Bucket=bucket, Key=key, Body=data, **more)

    def get(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        data: bytes = self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return data

    def delete(self, url: str) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        self.client.delete_object(Bucket=bucket, Key=key)

    def keys(self, bucket: str) -> list[str]:
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def asked(self, method: str) -> list[str]:
        """The paths of the requests of this method, in their order."""
        return [path for seen, path in self.requests if seen == method]

    def forget(self) -> None:
        self.requests.clear()
        self.before.clear()
        self.after.clear()
        self.cut.clear()
        self.etags.clear()

    @contextmanager
    def wanting_keys(self) -> Iterator[None]:
        """moto looks at nobody's keys until it is told to; then ours are wrong."""
        requests.post(f"{self.address}/moto-api/reset-auth", data="0", timeout=30)
        try:
            yield
        finally:
            requests.post(f"{self.address}/moto-api/reset-auth", data="1000000000", timeout=30)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if environ.get("HTTP_USER_AGENT", "").startswith("test"):
            return self._moto(environ, start)  # type: ignore[no-any-return,no-untyped-call,unused-ignore]
        self.requests.append(request)
        self.before.pop(request, lambda: None)()
        etag = self.etags.get(request[1])
        if etag:
            environ.pop("HTTP_IF_MATCH", None)  # it is what was told

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told = [(name, etag if etag and name.lower() == "etag" else value) for name, value in headers]
            return start(status, told, *more)

        body = b"".join(self._moto(environ, begin))  # type: ignore[no-untyped-call,unused-ignore]
        if request[0] == "GET" and request[1] in self.cut:
            body = b"" if "HTTP_RANGE" in environ else body[: self.cut[request[1]]]
        self.after.pop(request, lambda: None)()
        return [body]
