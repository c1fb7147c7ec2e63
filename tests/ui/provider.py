"""An OpenID provider of our own on this machine: whoever asks is logged in at once as whom the test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Provider(ThreadingHTTPServer):
    """The provider; `claims` is whom it says that the next person is."""

    claims: dict[str, Any]
    nonce = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    """Its four addresses."""

    @property
    def provider(self) -> Provider:
        assert isinstance(self.server, Provider)
        return self.server

    def do_GET(self) -> None:
        url, base = urlsplit(self.path), self.provider.address
        if url.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            self.provider.nonce = asked.get("nonce", "")
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': 'c', 'state': asked['state']})}")
            self.end_headers()
        elif url.path == "/keys":
            self._answer({"keys": [KEY.as_dict(private=False)]})
        else:
            ends = {"authorization": "/authorize", "token": "/token"}
            known = {f"{name}_endpoint": f"{base}{path}" for name, path in ends.items()}
            self._answer({"issuer": base, "jwks_uri": f"{base}/keys", **known})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        now = int(time.time())
        who = {"iss": self.provider.address, "aud": "tunesmith", "sub": "1", "iat": now, "exp": now + 600}
        claims = {**who, "nonce": self.provider.nonce, **self.provider.claims}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)
        self._answer({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that runs for a while."""
    server = Provider(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def secrets_for(server: Provider, port: str = "{port}") -> str:
    """Streamlit's secrets for it."""
    return f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{"c" * 48}"
client_id = "tunesmith"
client_secret = "{"s" * 48}"
server_metadata_url = "{server.address}/.well-known/openid-configuration"
"""
