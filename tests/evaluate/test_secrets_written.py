"""No key of the environment is in what a command prints or writes, though the server repeats it in every reply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.curate.test_endpoint import FakeServer, send, server
from tunesmith.cli import app

__all__ = ["server"]

KEY = "sk-4f9c/17d2+not-to-be-seen"
ROW = {"messages": [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": "The left one."}]}
COMMANDS = {
    "predict": "evaluate predict --data rows.jsonl --endpoint URL --model m --out out/predictions.jsonl",
    "judge": "evaluate judge a.jsonl b.jsonl --base-url URL --model m --out out/judged",
    "score": "curate score rows.jsonl --judge m --base-url URL --out out/scores.parquet",
    "run": "curate run rows.jsonl --out out/run",
}


@pytest.mark.parametrize(
    ("name", "status"),
    [("run", 200), *((name, status) for name in ("predict", "judge", "score") for status in (200, 400, 401))],
)
def test_no_key_of_the_environment_is_printed_or_written(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, status: int
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("TUNESMITH_API_KEY", "TUNESMITH_SECRET", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, KEY)
    (tmp_path / "out").mkdir()
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(ROW)}\n" for _ in range(2)))
    for side in "ab":
        rows = [{"id": str(n), "messages": ROW["messages"][:1], "prediction": side} for n in range(2)]
        (tmp_path / f"{side}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    said = {"choices": [{"message": {"role": "assistant", "content": f"I know {KEY}"}, "finish_reason": "stop"}]}
    body = json.dumps(said if status == 200 else {"error": {"message": f"bad key {KEY}"}}).replace("/", "\\/")
    server.behave = lambda handler, asked, number: send(handler, status, body.encode())

    found = CliRunner().invoke(app, COMMANDS[name].replace("URL", server.url).split())
    assert found.exit_code != 2 or "[key]" in f"{found.exception}", found.output
    if name != "run":
        assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    seen = f"{found.output} {found.exception}".encode() + b"".join(path.read_bytes() for path in written)
    assert KEY.encode() not in seen
    assert KEY.replace("/", "\\/").encode() not in seen
