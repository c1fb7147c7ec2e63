"""A cluster of several Ray nodes on the loopback, one of which dies in the middle of a run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ray = pytest.importorskip("ray", reason="the extra [ray] is not installed")

from ray.cluster_utils import Cluster  # noqa: E402

from tunesmith.curate import ingest  # noqa: E402
from tunesmith.curate.engines.ray_cluster import ray_engine  # noqa: E402
from tunesmith.curate.progress import Progress  # noqa: E402
from tunesmith.curate.recipe import LoadedRecipe, load_recipe  # noqa: E402
from tunesmith.curate.run import run  # noqa: E402


@pytest.fixture
def nodes() -> Iterator[Cluster]:
    """A head without cores of its own work, and two nodes with one each."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1)
        yield cluster
    finally:
        cluster.shutdown()


@pytest.fixture
def loaded(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedRecipe:
    monkeypatch.setattr(ingest, "SHARD_ROWS", 60)
    monkeypatch.setattr("tunesmith.curate.engines.ray._TABLE_ROWS", 60)
    names = ("alpaca_en_demo.json", "alpaca_zh_demo.json", "dpo_en_demo.json")
    (tmp_path / "recipe.yaml").write_text("".join(["sources:\n", *(f"  - {shared_data / name}\n" for name in names)]))
    return load_recipe(tmp_path / "recipe.yaml")


def outputs_of(out: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file() and path.name != "run.log.json"
    }


class Acting(Progress):
    """Does something in the middle of a stage, and notes which stages there were."""

    def __init__(self, stage: str, after: int, act: Callable[[], None]) -> None:
        self._stage, self._left, self._act = stage, after, act
        self.acted_at = 0.0

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        def advance(done: int) -> None:
            if name.startswith(self._stage) and self._left:
                self._left -= 1
                if not self._left:
                    self._act()
                    self.acted_at = time.monotonic()

        yield advance


@pytest.mark.parametrize("stage", ["read alpaca_zh", "compare rows"])
def test_a_node_that_dies_costs_nothing_but_time(
    nodes: Cluster, loaded: LoadedRecipe, tmp_path: Path, stage: str
) -> None:
    local = run(loaded, tmp_path / "here", workers=1).out
    dying = nodes.list_all_nodes()[-1]
    progress = Acting(stage, 4, lambda: nodes.remove_node(dying, allow_graceful=False))
    with ray_engine(nodes.address, Progress()) as engine:
        assert sum(node["Alive"] for node in ray.nodes()) == 3
        run(loaded, tmp_path / "there", engine=engine, progress=progress)
        assert progress.acted_at
        assert sum(node["Alive"] for node in ray.nodes()) == 2
    assert outputs_of(tmp_path / "there") == outputs_of(local)


def test_the_command_runs_on_a_cluster_and_leaves_it_running(nodes: Cluster, tmp_path: Path) -> None:
    rows = [
        {"instruction": f"Name {i} things.", "output": f"Here are {i} of them: {', '.join('abc')}."} for i in range(80)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "run", str(tmp_path / "rows.jsonl")]
    told = []
    for name, more in (("here", []), ("there", ["--engine", "ray", "--address", nodes.address])):
        done = subprocess.run(
            [*command, "--out", str(tmp_path / name), *more], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stderr)
    assert "Ray: 3 nodes, 2 CPUs" in told[1]
    assert outputs_of(tmp_path / "here") == outputs_of(tmp_path / "there")
    assert len(nodes.list_all_nodes()) == 3


def test_a_run_that_is_killed_takes_its_own_cluster_with_it(tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {i} things.", "output": f"Here are {i}. " * 200} for i in range(4000)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "run", str(tmp_path / "rows.jsonl"), "--engine", "ray"]
    process = subprocess.Popen([*command, "--out", str(tmp_path / "out")], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("Ray: 1 node"), first
    family = _descendants(process.pid)
    assert any("raylet" in name for name in family.values())
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    deadline = time.monotonic() + 180  # Ray's agents look for their node about once a minute
    while (left := [pid for pid in family if _is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left, [family[pid] for pid in left]


def _descendants(parent: int) -> dict[int, str]:
    """The processes that a process started, and those that they did, with their commands."""
    parents, names = {}, {}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                stat, name = (place / "stat").read_text(), (place / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            parents[int(place.name)], names[int(place.name)] = int(stat.rpartition(")")[2].split()[1]), name
    found: dict[int, str] = {}
    front = {parent}
    while front:
        front = {pid for pid, of in parents.items() if of in front}
        found |= {pid: names[pid] for pid in front}
    return found


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
