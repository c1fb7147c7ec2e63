"""A training on the page Train while it runs and afterwards: losses, figures, what can be done with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.train_given import (
    HOSTILE,
    bare_model,
    bare_run,
    drawn,
    job_on_disk,
    planned,
    rendered,
    run_on_disk,
    settle,
    texts,
    write_incident,
)
from tunesmith.ui.here import Here
from tunesmith.ui.train_data import Data
from tunesmith.ui.train_next import predict_command
from tunesmith.ui.train_plans import plan_folder, read_plans
from tunesmith.ui.train_run import read_run
from tunesmith.ui.workspace import Workspace

BASE = "stage: sft\nmodel: models/tiny\ndata: [runs/medical]\n"


def test_a_run_is_shown_live_with_its_losses_and_incidents(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_run(workspace)
    plan = planned(workspace)
    folder = run_on_disk(workspace, plan.name, finished=False)
    write_incident(folder)
    progress = {"stage": "training", "done": 6, "total": 24, "unit": "steps", "rate": 0.5, "seconds_left": 36.0}
    job = job_on_disk(workspace, "train", plan.out, progress={**progress, "updated": 1.0})
    app = drawn(here(), model=plan.name)
    shown = {one.label: one.value for one in app.metric}
    assert (shown["Step"], shown["Time left"], shown["Tokens a second"]) == ("6 / 24", "36 s", "500")
    assert len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart")) == 2
    assert "the model forgets" in texts(app)  # the general loss rises
    assert "The guard stepped in once" in texts(app)
    assert "![x](http" not in rendered(app)
    app.button(key=f"stop_{job}").click().run()
    assert "Stop this training?" in texts(app)
    app.button(key=f"stop_no_{job}").click().run()
    assert "Stop this training?" not in texts(app)
    (workspace.folder("jobs") / job / "end.json").write_text(json.dumps({"state": "cancelled", "ended": 3.0}))
    stopped = drawn(here(language="zh"), model=plan.name)
    assert stopped.button(key=f"go_on_{plan.name}").label == "继续训练"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Finished", "What now", "train chat models/tuned", "Did it become better?")),
        ("zh", ("已完成", "接下来", "train chat models/tuned", "变好了吗？")),
    ],
)
def test_a_finished_run_tells_figures_and_what_to_do_next(
    here: Callable[..., Here], workspace: Workspace, language: str, words: tuple[str, ...]
) -> None:
    run_on_disk(workspace, "tuned", base=HOSTILE)
    app = drawn(here(language=language), model="tuned")
    assert [word for word in words if word not in texts(app)] == []
    assert [one.value for one in app.metric] == ["6", "–", "2.6000", "335", "1.0 GiB"]
    assert "![x](http" not in rendered(app)
    assert len(app.get("download_button")) == 2
    assert app.button(key="merge_do_tuned")


def test_a_finished_run_is_asked_before_and_after(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_run(workspace)
    (workspace.folder("runs") / "medical" / "validation.jsonl").write_text("{}\n")
    plan = planned(workspace)
    run_on_disk(workspace, plan.name)
    app = drawn(here(), model=plan.name)
    assert app.selectbox(key=f"questions_{plan.name}").value == "runs/medical/validation.jsonl"
    run = read_run(workspace, plan.name)
    asked = Data("q.jsonl", "q", "evaluation", False, None, ("--columns", "prompt=ask"))
    before, after = (" ".join(predict_command(run, side, asked)) for side in ("before", "after"))
    assert "--data q.jsonl --columns prompt=ask --model models/tiny" in before
    assert "--model models/tiny --out predictions/medical-tiny-before.jsonl" in before
    assert f"--model models/tiny --adapter models/{plan.name}/model" in after
    for side in ("before", "after"):
        (workspace.folder("predictions") / f"{plan.name}-{side}.jsonl").write_text("{}\n")
    assert "Both have answered" in texts(drawn(here(), model=plan.name))


def test_a_reward_model_has_nothing_to_compare(here: Callable[..., Here], workspace: Workspace) -> None:
    run_on_disk(workspace, "marks", stage="reward")
    assert "gives marks to answers" in texts(drawn(here(), model="marks"))


def test_the_server_never_loads_torch_for_this_page(workspace: Workspace, tmp_path: Path) -> None:
    bare_run(workspace)
    bare_model(workspace)
    plan = planned(workspace)
    settle(workspace, plan, BASE)
    run_on_disk(workspace, "tuned")
    code = f"""
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from tunesmith.ui.here import Here, Person
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

def script(here):
    from tunesmith.ui.page_train import page
    page(here)

here = Here(Workspace(Path({str(workspace.root)!r})), Person("me", "owner"), Words("en"))
for name in (None, {plan.name!r}, "tuned"):
    app = AppTest.from_function(script, kwargs={{"here": here}}, default_timeout=60)
    if name:
        app.query_params["model"] = name
    app.run()
    assert not app.exception
print([name for name in ("torch", "transformers", "peft", "trl") if name in sys.modules])
"""
    (tmp_path / "look.py").write_text(code)
    done = subprocess.run([sys.executable, "look.py"], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_run_whose_settings_were_wrong_is_trained_anew_with_others(
    here: Callable[..., Here], workspace: Workspace
) -> None:
    bare_run(workspace)
    plan = planned(workspace, gpu="24GB")
    settle(workspace, plan, BASE + "batch: 64\n")
    run_on_disk(workspace, plan.name, finished=False)
    job_on_disk(workspace, "train", plan.out, end={"state": "failed", "failure": "input", "message": "out of memory"})
    app = drawn(here(), model=plan.name)
    assert "out of memory" in [one.value for one in app.code]
    app.button(key=f"anew_{plan.name}").click().run()
    assert not app.exception
    (other,) = [one for one in read_plans(workspace) if one.name != plan.name]
    assert app.query_params["model"] == other.name
    assert other.chosen == plan.chosen
    assert app.text_area[0].value == BASE + "batch: 64\n"
    app.text_area[0].input(BASE + "batch: 8\n").run()
    assert (plan_folder(workspace, plan.name) / "settings.yaml").read_text() == BASE + "batch: 64\n"


def test_answers_of_two_askings_are_not_called_a_pair(here: Callable[..., Here], workspace: Workspace) -> None:
    run_on_disk(workspace, "tuned")
    for side in ("before", "after"):
        (workspace.folder("predictions") / f"tuned-{side}.jsonl").write_text("{}\n")
    assert "Both have answered" in texts(drawn(here(), model="tuned"))
    job_on_disk(workspace, "predict", "predictions/tuned-before.jsonl", end={"state": "failed", "message": "no memory"})
    app = drawn(here(), model="tuned")
    assert "Both have answered" not in texts(app)
    assert "no memory" in texts(app)


def test_a_run_without_validation_tells_no_lowest_loss(here: Callable[..., Here], workspace: Workspace) -> None:
    run_on_disk(workspace, "tuned", best_loss=None, best_step=None)
    app = drawn(here(), model="tuned")
    assert not [one.label for one in app.metric if "Lowest" in one.label]
