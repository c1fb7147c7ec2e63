"""The page of the jobs in each of its states."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_job, read_jobs
from tunesmith.ui.jobs_processes import mark_of

HOSTILE = "![x](http://evil.example/a.png) <b>*n*</b> $x$"


def script(here, part):  # its text alone is run: no annotations, imports inside
    if part == "strip":
        from tunesmith.ui.jobs_strip import running_strip

        running_strip(here)
    else:
        from tunesmith.ui.page_jobs import page

        page(here)


def drawn(here: Here, *, job: str | None = None, part: str = "page") -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here, "part": part}, default_timeout=30)
    if job is not None:
        app.query_params["job"] = job
    app.run()
    assert not app.exception
    return app


def job_folder(here: Here, number: int, title: str = "medical", **files: object) -> Path:
    """A job's folder as it stands in a state."""
    folder = here.workspace.folder("jobs") / f"{number:06d}-c0ffee"
    folder.mkdir()
    arguments = ["curate", "run", "none.yaml", "--out", "runs/medical"]
    spec = {
        "kind": "curate",
        "title": title,
        "arguments": arguments,
        "result": "runs/medical",
        "by": "李",
        "created": 1.0,
    }
    for name, found in {"spec": {**spec, "created": 1.0}, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(found))
    return folder


def end(state: str, failure: str = "", message: str = "") -> dict[str, object]:
    return {"state": state, "failure": failure, "message": message, "exit_code": 1, "ended": time.time() - 300}


def runs() -> dict[str, object]:
    """This test's own process as the supervisor: alive, and nobody's to end."""
    return {"pid": os.getpid(), "mark": mark_of(os.getpid()), "started": time.time() - 65}


def texts(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.text, app.code, app.info)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


@pytest.mark.parametrize(("language", "words"), [("en", "Nothing has run yet."), ("zh", "还没有运行过任务。")])
def test_without_jobs_the_page_says_what_would_start_one(here: Callable[..., Here], language: str, words: str) -> None:
    app = drawn(here(language=language))
    assert words in texts(app)
    assert not app.button


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Running", "Waiting", "Next in line", "10 of 40 steps", "about 2 min", "for 李")),
        ("zh", ("正在运行", "排队中", "下一个运行", "10 / 40 步", "约剩 2 分钟", "由 李 发起")),
    ],
)
def test_what_runs_tells_how_far_it_is_and_what_waits_its_place(
    here: Callable[..., Here], language: str, words: tuple[str, ...]
) -> None:
    progress = {"stage": "training", "done": 10, "total": 40, "unit": "steps", "rate": 0.3, "seconds_left": 100.0}
    job_folder(here(), 1, process=runs(), progress={**progress, "updated": time.time()})
    job_folder(here(), 2)
    app = drawn(here(language=language))
    bars = [str(one.proto.text) for one in app.get("progress")]
    shown = texts(app) + "\n".join(bars)
    assert [word for word in words if word not in shown] == []
    assert [one.proto.value for one in app.get("progress")] == [25]


def test_stopping_what_runs_is_asked_first_and_what_waits_goes_at_once(here: Callable[..., Here]) -> None:
    running = job_folder(here(), 1, process={**runs(), "mark": mark_of(os.getpid())})
    waiting = job_folder(here(), 2)
    app = drawn(here())
    app.button(key=f"stop_{waiting.name}").click().run()
    assert json.loads((waiting / "end.json").read_text())["state"] == "cancelled"
    app.button(key=f"stop_{running.name}").click().run()
    assert "Stop this job?" in texts(app)
    app.button(key=f"stop_no_{running.name}").click().run()
    assert "Stop this job?" not in texts(app)
    assert not (running / "cancel.json").exists()


def test_a_job_that_is_being_stopped_says_so_and_has_no_button_for_it(here: Callable[..., Here]) -> None:
    running = job_folder(here(), 1, process=runs(), cancel={})
    app = drawn(here())
    assert "Stopping …" in "".join(str(one.value) for one in app.markdown)
    assert f"stop_{running.name}" not in [one.key for one in app.button]


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (end("failed", "input", "rows.jsonl:3: no *role*; add one"), "must be mended"),
        (end("failed", "gate", "verdict: worse"), "did not pass"),
        (end("failed", "bug", "ValueError: two"), "A fault in Tunesmith"),
        (end("failed", "killed", "SIGKILL"), "memory ran out"),
        (end("failed", "killed", "SIGSEGV"), "Something outside ended it"),
        (end("lost"), "It was cut off"),
    ],
)
def test_a_job_that_did_not_end_well_says_why_and_what_to_do(
    here: Callable[..., Here], ended: dict[str, object], words: str
) -> None:
    folder = job_folder(here(), 1, end=ended)
    (folder / "log").write_text("the *log* of it\n")
    app = drawn(here(), job=folder.name)
    assert words in texts(app)
    shown = [str(one.value) for one in app.code]
    assert "tunesmith curate run none.yaml --out runs/medical" in shown
    assert "the *log* of it" in shown
    if ended["message"] not in ("", "SIGKILL"):
        assert ended["message"] in shown
    assert {f"retry_{folder.name}", f"remove_{folder.name}"} <= {str(one.key) for one in app.button}


def test_retrying_opens_the_new_job_and_removing_goes_back_to_the_list(here: Callable[..., Here]) -> None:
    folder = job_folder(here(), 1, end=end("lost"))
    other = {"kind": "demo", "title": "other", "arguments": ["demo"], "result": None, "by": "", "created": 1.0}
    job_folder(here(), 2, process=runs(), spec=other)  # so that the new one waits
    app = drawn(here(), job=folder.name)
    app.button(key=f"retry_{folder.name}").click().run()
    new = read_jobs(here().workspace)[0]
    assert (new.state, new.arguments) == ("queued", read_job(here().workspace, folder.name).arguments)
    assert new.id != folder.name
    assert app.query_params["job"] in (new.id, [new.id])
    app = drawn(here(), job=folder.name)
    app.button(key=f"remove_{folder.name}").click().run()
    assert not folder.exists()
    assert "job" not in app.query_params


def test_a_done_job_links_to_what_it_made(here: Callable[..., Here]) -> None:
    (here().workspace.folder("runs") / "medical").mkdir()
    folder = job_folder(here(), 1, end=end("done"))
    for job in (None, folder.name):
        app = drawn(here(), job=job)
        assert "Open the result" in texts(app)
        assert f"retry_{folder.name}" not in [one.key for one in app.button]


def test_a_damaged_job_is_shown_in_the_list_and_by_itself(here: Callable[..., Here]) -> None:
    folder = job_folder(here(), 1)
    (folder / "spec.json").write_text("{")
    assert "Unreadable" in "".join(str(one.value) for one in drawn(here()).markdown)
    app = drawn(here(), job=folder.name)
    assert "files of this job are damaged" in texts(app)
    assert f"remove_{folder.name}" in [one.key for one in app.button]


@pytest.mark.parametrize("name", ["000009-abcdef", "../../../etc/passwd", "<b>"])
def test_a_job_that_is_gone_is_told_with_a_way_back(here: Callable[..., Here], name: str) -> None:
    app = drawn(here(), job=name)
    assert "not in the list any more" in texts(app)
    app.button(key="jobs_all").click().run()
    assert "job" not in app.query_params


def test_of_many_ended_jobs_the_page_says_how_many_it_shows(here: Callable[..., Here]) -> None:
    for number in range(1, 26):
        job_folder(here(), number, f"t{number}", end=end("cancelled"))
    app = drawn(here())
    assert "Showing 10 of 25." in texts(app)
    app.button(key="jobs_more").click().run()
    assert "Showing 20 of 25." in texts(app)
    app.button(key="jobs_more").click().run()
    assert "Showing" not in texts(app)
    assert "t1**" in texts(app)


def test_a_long_log_says_that_there_is_more(here: Callable[..., Here]) -> None:
    folder = job_folder(here(), 1, end=end("done"))
    (folder / "log").write_text("".join(f"line {n}\n" for n in range(500)))
    app = drawn(here(), job=folder.name)
    assert "The last 200 lines; the download has all." in texts(app)
    assert "line 300\n" in texts(app)
    assert "line 299\n" not in texts(app)


def test_nothing_of_a_hostile_job_becomes_markdown(here: Callable[..., Here]) -> None:
    said = end("failed", "input", HOSTILE)
    folder = job_folder(here(), 1, HOSTILE, end=said)
    spec = json.loads((folder / "spec.json").read_text())
    (folder / "spec.json").write_text(json.dumps({**spec, "by": HOSTILE, "kind": HOSTILE, "result": HOSTILE}))
    (folder / "log").write_text(HOSTILE)
    told = {"stage": f"read {HOSTILE}", "done": 1, "total": 9, "unit": HOSTILE, "rate": 1.0, "seconds_left": 9.0}
    job_folder(here(), 2, HOSTILE, process=runs(), progress={**told, "updated": time.time()})
    for app in (drawn(here()), drawn(here(), job=folder.name), drawn(here(), part="strip")):
        rendered = [str(one.value) for kind in (app.markdown, app.caption, app.subheader) for one in kind]
        rendered += [str(one.proto.text) for one in app.get("progress")] + [str(one.label) for one in app.button]
        assert [text for text in rendered if "![x]" in text or "<b>" in text or "$x$" in text] == []


def test_the_strip_shows_what_runs_and_how_many_wait_and_nothing_else(here: Callable[..., Here]) -> None:
    assert texts(drawn(here(), part="strip")) == ""
    job_folder(here(), 1, end=end("done"))
    assert texts(drawn(here(), part="strip")) == ""
    job_folder(here(), 2, process=runs())
    for number in (3, 4):
        job_folder(here(), number)
    shown = texts(drawn(here(), part="strip"))
    assert "medical" in shown
    assert "2 more are waiting." in shown
