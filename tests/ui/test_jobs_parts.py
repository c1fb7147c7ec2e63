"""The parts of the jobs that stand alone: processes, the end of a log, words."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest

from tunesmith.ui import jobs_said as said
from tunesmith.ui.jobs_folder import write_json
from tunesmith.ui.jobs_log import how_it_failed, last_line, tail_of
from tunesmith.ui.jobs_processes import descendants, is_alive, kill_below, mark_of
from tunesmith.ui.jobs_types import Failure, Job, Progress, State
from tunesmith.ui.words import LANGUAGES, Language, Words, catalogue

SLEEP = "import time; print('up', flush=True); time.sleep(600)"


def test_an_ended_process_has_no_mark_though_nobody_has_looked_yet() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and still a zombie
    assert mark_of(process.pid) == ""
    assert not is_alive(process.pid, "")
    process.wait()
    assert is_alive(os.getpid(), mark_of(os.getpid()))


def test_all_that_a_process_started_ends_with_it_in_sessions_of_their_own_too() -> None:
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}], start_new_session=True)"
    child = subprocess.Popen([sys.executable, "-c", below], start_new_session=True, stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"up\n"
    [grandchild] = descendants(child.pid)
    mark = mark_of(grandchild)
    kill_below(child.pid)
    assert not is_alive(grandchild, mark)
    child.wait()


def test_a_command_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP
    code = "import os, signal, subprocess, sys\nfrom tunesmith.ui.job_process import Stop\n"
    code += "stop = Stop(0.3)\nsignal.signal(signal.SIGTERM, stop)\n"
    code += f"command = subprocess.Popen([sys.executable, '-c', {deaf!r}], start_new_session=True)\n"
    code += "stop.watch(command)\nsys.exit(command.wait() == -signal.SIGKILL and stop.asked)\n"
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert supervisor.stdout
    assert supervisor.stdout.readline() == b"up\n"
    time.sleep(0.1)
    supervisor.terminate()
    supervisor.terminate()
    assert supervisor.wait(60) == 1
    supervisor.stdout.close()


def test_a_stop_that_comes_before_the_command_keeps_it_from_starting(tmp_path: Path) -> None:
    code = "import os, signal, sys\nfrom pathlib import Path\nfrom tunesmith.ui import job_process\n"
    code += "stop = job_process.Stop()\nsignal.signal(signal.SIGTERM, stop)\nos.kill(os.getpid(), signal.SIGTERM)\n"
    code += "job_process.supervise(Path(sys.argv[1]), stop)\n"
    folder = tmp_path / "000001-c0ffee"
    folder.mkdir()
    (folder / "cancel.json").write_text("{}")
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    assert '"cancelled"' in (folder / "end.json").read_text()
    assert not (folder / "command.json").exists()


def test_a_log_is_read_from_its_end_as_a_terminal_would_show_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert tail_of(log, 5) == []
    log.write_bytes(b"")
    assert tail_of(log, 5) == []
    log.write_bytes("读取\r 10%\r 20%\n\n完\r\n".encode() + b"\xff\n")
    assert tail_of(log, 5) == [" 20%", "", "完", "�"]
    log.write_bytes(b"x" * 300_000 + b"\n" + b"line\n" * 10)
    assert tail_of(log, 50) == ["line"] * 10
    log.write_bytes(b"\r".join(b"downloading: %7d" % n for n in range(50_000)))  # one line, drawn over and over
    assert tail_of(log, 50) == ["downloading:   49999"]


@pytest.mark.parametrize(
    ("code", "lines", "failure", "message"),
    [
        (2, ["read a: 3 rows", "error: a.json: no file; check the path"], "input", "a.json: no file; check the path"),
        (
            2,
            ["error: r.yaml: 2 mistakes", "  line 1: x", "  line 2: y"],
            "input",
            "r.yaml: 2 mistakes\n  line 1: x\n  line 2: y",
        ),
        (2, ["╭─ Error ─╮", "│ Missing argument 'RECIPE'. │", "╰──╯"], "input", "Missing argument 'RECIPE'."),
        (1, ["verdict: worse"], "gate", "verdict: worse"),
        (1, ["Traceback (most recent call last):", "  File x", "ValueError: two"], "bug", "ValueError: two"),
        (1, ["[rank0]: Traceback (most recent call last):", "[rank0]: ValueError"], "bug", "[rank0]: ValueError"),
        (7, ["strange"], "bug", "strange"),
        (-9, ["measure: 10 rows"], "killed", "SIGKILL"),
        (143, [], "killed", "SIGTERM"),
        (255, [], "killed", "signal 127"),
    ],
)
def test_the_end_of_a_command_tells_whose_fault_it_was(code: int, lines: list[str], failure: str, message: str) -> None:
    assert how_it_failed(code, lines) == (failure, message)


def test_a_long_message_says_that_there_is_more() -> None:
    _, message = how_it_failed(2, ["error: " + "x" * 5000])
    assert message.endswith(" …")
    assert last_line(["{", '"a": 1', "}", ""]) == ""


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (-3, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (3599, "59 min 59 s", "59 分 59 秒"),
        (7500, "2 h 5 min", "2 小时 5 分"),
        (100_000, "1 d 3 h", "1 天 3 小时"),
    ],
)
def test_a_duration_in_words(seconds: float, en: str, zh: str) -> None:
    assert said.duration(Words("en"), seconds) == en
    assert said.duration(Words("zh"), seconds) == zh


@pytest.mark.parametrize(("seconds", "words"), [(59, "59 s"), (110, "2 min"), (7490, "2 h 5 min")])
def test_an_estimate_claims_no_precision(seconds: float, words: str) -> None:
    assert said.roughly(Words("en"), seconds) == words


def test_progress_in_words() -> None:
    en, zh = Words("en"), Words("zh")
    training = Progress("training", 10, 40, "steps", 0.2, 150.0)
    assert said.how_far(en, training) == "10 of 40 steps · 12 a minute · about 2 min left"
    assert said.how_far(zh, training) == "10 / 40 步 · 每分钟 12 · 约剩 2 分钟"
    assert said.share(training) == 0.25
    reading = Progress("read *a*", 0, None, "rows", 0.0, None)
    assert said.how_far(en, reading) == ""
    assert said.share(reading) is None
    assert said.stage(en, "read *a*") == r"Reading \*a\*"
    assert said.stage(en, "new_stage") == r"new\_stage"
    assert said.kind(en, Job("1", "<b>", "", (), "done", 0.0)) == r"\<b\>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_every_failure_has_words(language: Language) -> None:
    say = Words(language)
    for state in get_args(State):
        assert said.state(say, Job("1", "x", "", (), state, 0.0))
    for failure in get_args(Failure):
        assert said.why(say, Job("1", "x", "", (), "failed", 0.0, failure=failure))


def test_every_stage_of_the_library_has_words() -> None:
    root = Path(said.__file__).resolve().parent.parent
    texts = [
        path.read_text(encoding="utf-8")
        for part in ("curate", "evaluate", "train")
        for path in (root / part).glob("*.py")
    ]
    stages = [
        found
        for text in texts
        for found in re.findall(r'progress[^\n]*\.stage\((f?)"([^"]+)", total=.*?unit="(\w+)"', text)
    ]
    assert len(stages) > 15
    for filled, name, unit in stages:
        known = name.partition(" ")[0] if filled else name.replace(" ", "_")
        assert f"stage_{known}" in catalogue("jobs"), name
        assert f"unit_{unit}" in catalogue("jobs"), unit


@pytest.mark.parametrize(
    ("result", "place"),
    [
        ("runs/medical", ("curate", {"run": "medical"})),
        ("models/a/b", ("train", {"model": "a"})),
        ("training/a/advice.json", ("train", {"model": "a"})),
        ("reports/r", ("report", {"report": "r"})),
        ("datasets/d", ("dataset", {"dataset": "d"})),
        ("predictions/p.jsonl", None),
        ("runs", None),
        (None, None),
    ],
)
def test_a_result_is_shown_where_its_kind_is_shown(result: str | None, place: object) -> None:
    assert said.result_place(result) == place


def test_when_tells_since_when_or_how_long_ago() -> None:
    say = Words("en")
    ended = Job("1", "x", "", (), "done", 0.0, started=100.0, ended=131.0)
    assert said.when(say, ended, now=140.0) == "just now · took 31 s"
    assert said.when(say, ended, now=131.0 + 7200) == "2 hours ago · took 31 s"
    assert said.when(say, ended._replace(started=None), now=131.0 + 60) == "a minute ago"
    assert said.when(say, ended._replace(state="running", ended=None), now=130.0) == "running for 30 s"
    assert said.when(say, ended._replace(state="queued"), now=5.0) == "waiting for 5 s"


def test_signals_are_named(tmp_path: Path) -> None:
    assert how_it_failed(-signal.SIGSEGV, [])[1] == "SIGSEGV"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
