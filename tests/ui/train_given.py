"""What the tests of the page Train are given: a tiny model, a small curated run, plans, answers, runs on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tunesmith.ui.here import Here
from tunesmith.ui.jobs_processes import mark_of
from tunesmith.ui.train_plans import Chosen, Plan, new_plan, plan_folder
from tunesmith.ui.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> *n* $x$"


def make_tiny_model(folder: Path) -> Path:
    from tests.train.conftest import make_model

    return make_model(folder)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Commands run in the workspace's folder, as its jobs do."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def command(workspace: Workspace, *arguments: str) -> str:
    """Run a command as a job would; what it printed on standard output."""
    from typer.testing import CliRunner

    from tunesmith.cli import app

    with working_in(workspace.root):
        done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def curate(workspace: Workspace, name: str = "medical", *, rows: int = 30) -> None:
    """A finished curation run of a few rows, domain and general, one of them hostile."""
    sources = []
    for group, file in (("domain", "medical_zh.jsonl"), ("general", "general.jsonl")):
        lines = (ROOT / "data" / file).read_text(encoding="utf-8").splitlines()[:rows]
        if group == "general":
            asked = {"role": "user", "content": f"What does {HOSTILE} mean in a page?"}
            said = {
                "role": "assistant",
                "content": f"It would load a picture. {HOSTILE} It is shown as the text it is.",
            }
            lines.append(json.dumps({"messages": [asked, said]}))
        (workspace.root / f"{group}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        sources.append({"path": f"{group}.jsonl", "group": group})
    (workspace.root / "recipe.yaml").write_text(json.dumps({"sources": sources}))
    command(workspace, "curate", "run", "recipe.yaml", "--out", f"runs/{name}")


def bare_run(workspace: Workspace, name: str = "medical") -> None:
    """What the page looks for in a finished curation run."""
    folder = workspace.folder("runs") / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"mark": "m", "counts": {"train_lines": 12}}))
    (folder / "train.jsonl").write_text("{}\n")


def bare_model(workspace: Workspace, name: str = "tiny") -> None:
    """What the page looks for in a folder with a model."""
    folder = workspace.folder("models") / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")


def planned(workspace: Workspace, **chosen: str) -> Plan:
    """A plan on disk."""
    return new_plan(workspace, Chosen(**{"data": "runs/medical", "model": "models/tiny", **chosen}))


def settle(workspace: Workspace, plan: Plan, text: str) -> None:
    """The settings of a plan, as a person wrote them."""
    (plan_folder(workspace, plan.name) / "settings.yaml").write_text(text, encoding="utf-8")


def job_on_disk(
    workspace: Workspace,
    kind: str,
    result: str,
    *,
    arguments: Sequence[str] = ("train", "sft"),
    end: Mapping[str, Any] | None = None,
    log: str = "",
    progress: Mapping[str, Any] | None = None,
) -> str:
    """A job as its folder has it: ended as `end` tells, or running, looked after by this process."""
    number = len(list(workspace.folder("jobs").glob("*"))) + 1
    folder = workspace.folder("jobs") / f"{number:06d}-c0ffee"
    folder.mkdir()
    spec = {"kind": kind, "title": "a job", "arguments": list(arguments), "result": result, "by": "me", "created": 1.0}
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "log").write_text(log, encoding="utf-8")
    if end is not None:
        whole = {"state": "done", "failure": "", "message": "", "exit_code": 0, "ended": 2.0, **end}
        (folder / "end.json").write_text(json.dumps(whole))
    else:
        process = {"pid": os.getpid(), "mark": mark_of(os.getpid()), "started": 1.0}
        (folder / "process.json").write_text(json.dumps(process))
    if progress is not None:
        (folder / "progress.json").write_text(json.dumps(progress))
    return folder.name


def log_lines(steps: int) -> list[dict[str, Any]]:
    """A log of a run with two validation groups, of which the general one becomes worse."""
    lines: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        figures = {"loss": 3 - step / 10, "grad_norm": 0.5, "learning_rate": 1e-4, "num_tokens": 1000.0 * step}
        lines.append({"step": step, "epoch": step / 10, **figures, "seconds": 2.0 * step})
        if step % 2 == 0:
            lines.append({"step": step, "eval_domain_loss": 2.9 - step / 20, "seconds": 2.0 * step + 0.5})
            lines.append({"step": step, "eval_general_loss": 2.5 + step / 20, "seconds": 2.0 * step + 0.6})
    return lines


def run_on_disk(workspace: Workspace, name: str, *, steps: int = 6, finished: bool = True, **facts: Any) -> Path:
    """A training run's folder."""
    folder = workspace.folder("models") / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log_lines(steps)))
    manifest: dict[str, Any] = {"mark": {}}
    if finished:
        (folder / "model").mkdir()
        (folder / "model" / "adapter_config.json").write_text("{}")
        (folder / "report.html").write_text("<p>report</p>")
        (folder / "loss.png").write_bytes(b"png")
        manifest |= {"outcome": "finished", "stage": "sft", "model": "models/tiny", "base": "models/tiny"}
        manifest |= {"step": steps, "max_steps": steps, "best_step": 6, "best_loss": 2.6, "tokens_per_second": 334.7}
        manifest |= {"peak_memory_bytes": 1 << 30, "model_folder": f"models/{name}/model", "hardware": "CPU"}
        manifest |= {"data": {"n_rows": 50, "n_tokens": 900, "n_trained": 600, "hash": "abc"}, "settings": [], **facts}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def write_incident(folder: Path) -> None:
    """One step that the guard did not let pass."""
    line = {"kind": "not_finite", "step": 4, "row_ids": ["medical_zh:3", HOSTILE], "loss": None, "limit": None}
    line |= {"what": "loss", "exact": True, "learning_rate": 1e-4, "attempt": 1, "resumed_from": 0, "halved": False}
    line |= {"left_out": ["medical_zh:3"], "removed_checkpoints": [], "goes_on_from": 2, "gave_up": False}
    (folder / "incidents.jsonl").write_text(json.dumps(line) + "\n")


def script(here):  # its text alone is run: no annotations, imports inside
    from tunesmith.ui.page_train import page

    page(here)


def drawn(here: Here, **query: str) -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here}, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text, app.code)
    kinds = (*kinds, app.info, app.warning, app.error, app.success)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def rendered(app: AppTest) -> str:
    """What is read as Markdown."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    tables = "\n".join(one.proto.SerializeToString().decode("utf-8", "replace") for one in app.table)
    labels = "\n".join(one.label for one in app.button)
    return "\n".join(str(one.value) for kind in kinds for one in kind) + labels + tables
