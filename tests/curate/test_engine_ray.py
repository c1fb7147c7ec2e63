"""The Ray engine: the same bytes as on this machine, whatever dies meanwhile. A real cluster, on the loopback."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ray = pytest.importorskip("ray", reason="the extra [ray] is not installed")

from tunesmith.curate import ingest  # noqa: E402
from tunesmith.curate.bands import find_buckets  # noqa: E402
from tunesmith.curate.engines import ray_groups  # noqa: E402
from tunesmith.curate.engines.ray import Ray, gathered, line_task  # noqa: E402
from tunesmith.curate.engines.ray_cluster import ray_engine  # noqa: E402
from tunesmith.curate.export_lines import Shard as LineShard  # noqa: E402
from tunesmith.curate.progress import Progress  # noqa: E402
from tunesmith.curate.recipe import LoadedRecipe, load_recipe  # noqa: E402
from tunesmith.curate.run import run  # noqa: E402
from tunesmith.curate.scratch import Scratch  # noqa: E402
from tunesmith.curate.stages import versions, write_table  # noqa: E402
from tunesmith.errors import EngineError, InputError, OutputError, TunesmithError  # noqa: E402

QUESTION = "How many legs does a healthy adult spider have, and how many eyes?"
#: So many rows make a shard here, so that a small file is cut into many tasks.
SHARD_ROWS = 60


@pytest.fixture(scope="module")
def cluster() -> Iterator[Ray]:
    """Two cores of this machine."""
    with ray_engine(None, Progress(), n_cpus=2) as engine:
        yield engine


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "SHARD_ROWS", SHARD_ROWS)
    monkeypatch.setattr("tunesmith.curate.engines.ray._TABLE_ROWS", 2 * SHARD_ROWS)


def recipe_in(folder: Path, shared_data: Path, *, more: str = "") -> LoadedRecipe:
    """Many formats and kinds, rows that nobody can read, a table, a decision that edits."""
    folder.mkdir(exist_ok=True)
    (folder / "odd.jsonl").write_text('{"instruction": "cut off", "outp\n{"instruction": "a", "output": NaN}\n[1]\n')
    rows = [{"instruction": f"What is {i} plus {i}?", "output": f"That is {2 * i}."} for i in range(400)]
    rows += [{"instruction": f"Hello {i}! {QUESTION} Thanks.", "output": "Eight, and mostly eight."} for i in range(3)]
    asked = [
        {"id": "legs", "question": QUESTION, "answer": "8"},
        {"id": "two", "question": "What is 1 plus 1?", "answer": "2"},
    ]
    (folder / "eval.jsonl").write_text("".join(json.dumps(item) + "\n" for item in asked), encoding="utf-8")
    more += "contamination: {against: [eval.jsonl], sides: both, policy: flag}\n"
    pq.write_table(pa.Table.from_pylist(rows), folder / "table.parquet")
    names = (
        "alpaca_zh_demo.json",
        "kto_en_demo.json",
        "glaive_toolcall_en_demo.json",
        "dpo_zh_demo.json",
        "identity.json",
    )
    files = [*(shared_data / name for name in names), folder / "table.parquet", folder / "odd.jsonl"]
    text = "".join(f"  - {json.dumps(str(path))}\n" for path in files)
    (folder / "recipe.yaml").write_text(f"sources:\n{text}{more}", encoding="utf-8")
    return load_recipe(folder / "recipe.yaml")


def test_a_cluster_of_this_machine_opens_no_port_to_others(cluster: Ray) -> None:
    psutil = pytest.importorskip("psutil", reason="it comes with accelerate, of the extra [train]")
    ray.get(ray.remote(lambda: None).remote())  # a worker listens, too
    open_to = []
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            listening = [one for one in process.net_connections(kind="inet") if one.status == psutil.CONN_LISTEN]
            open_to += [(process.name(), one.laddr.ip) for one in listening]
    assert len(open_to) > 3
    assert {place for _, place in open_to} <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}, open_to


@pytest.mark.parametrize(
    ("most_rows", "most_bytes", "sizes", "rows"),
    [
        (5, 10**9, [1, 2, 2, 5], [5, 5]),
        (6, 10**9, [3, 2, 2, 3], [5, 5]),
        (9, 40, [1, 4, 5], [5, 5]),
        (1, 1, [1, 4, 5], [1, 4, 5]),
    ],
)
def test_rows_of_several_shards_make_one_task_and_keep_their_places(
    most_rows: int, most_bytes: int, sizes: list[int], rows: list[int]
) -> None:
    tables = [pa.table({"number": piece}) for piece in np.split(np.arange(10), np.cumsum(sizes)[:-1])]
    found = [*gathered(tables, most_rows=most_rows, most_bytes=most_bytes)]
    assert [len(table) for _, table in found] == rows
    for first, table in found:
        assert table["number"].to_pylist() == [*range(first, first + len(table))]


def test_a_shard_takes_only_its_own_lines_of_the_ledger_to_a_node(tmp_path: Path) -> None:
    write_table(tmp_path / "ledger.arrow", pa.table({"copies": np.arange(10_000)}))
    write_table(tmp_path / "rows.arrow", pa.table({"raw": [b"{}"] * 10}))
    shard = LineShard(tmp_path / "rows.arrow", 5_000, tmp_path / "ledger.arrow", {}, {}, False, False, 1)
    ledger = line_task(shard).ledger
    assert ledger["copies"].to_pylist() == [*range(5_000, 5_010)]
    assert ledger.get_total_buffer_size() < 1_000


def outputs_of(out: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file() and path.suffix != ".json"
    } | {"manifest.json": (out / "manifest.json").read_bytes()}


def stages_of(out: Path) -> dict[str, bytes]:
    files = sorted((out / ".stages").rglob("*.arrow"))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> tuple[LoadedRecipe, Path]:
    """The recipe, and its run on this machine."""
    folder = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "SHARD_ROWS", SHARD_ROWS)
        first = run(recipe_in(folder, shared_data), folder / "first", workers=1)
        kept = next(
            line for line in pq.read_table(first.out / "ledger.parquet").to_pylist() if line["verdict"] == "kept"
        )
        row = {"instruction": "Say 小明 in pinyin.", "output": "xiǎo míng"}
        edit = {"content_id": kept["content_id"], "action": "edit", "row": row}
        (folder / "decisions.jsonl").write_text(json.dumps(edit, ensure_ascii=False) + "\n", encoding="utf-8")
        loaded = recipe_in(folder, shared_data, more="decisions: [decisions.jsonl]\nexport: {format: sharegpt}\n")
        return loaded, run(loaded, folder / "out", workers=1).out


def test_a_cluster_writes_the_same_bytes(here: tuple[LoadedRecipe, Path], cluster: Ray, tmp_path: Path) -> None:
    loaded, local = here
    there = run(loaded, tmp_path / "out", engine=cluster).out
    assert outputs_of(there) == outputs_of(local)
    assert stages_of(there) == stages_of(local)
    assert len(stages_of(there)) > 100  # so many shards
    flagged = [line for line in pq.read_table(there / "ledger.parquet").to_pylist() if "contamination" in line["flags"]]
    assert len(flagged) == 2  # two of the three with one question repeat the first


class Stopping(Progress):
    """Stops in a stage, once it has advanced so often."""

    def __init__(self, stage: str, after: int, act: Callable[[], None]) -> None:
        self.left, self._stage, self._act = after, stage, act

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        def advance(done: int) -> None:
            if name.startswith(self._stage):
                self.left -= 1
                if self.left == 0:
                    self._act()

        yield advance


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("begins_there", [True, False])
def test_a_run_goes_on_under_the_other_engine(
    here: tuple[LoadedRecipe, Path], cluster: Ray, tmp_path: Path, begins_there: bool
) -> None:
    loaded, local = here
    engines: tuple[dict[str, Any], dict[str, Any]] = {"engine": cluster}, {"workers": 1}
    first, then = engines if begins_there else engines[::-1]
    stopping = Stopping("read kto", 3, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(loaded, tmp_path / "out", progress=stopping, **first)
    assert any((tmp_path / "out" / ".stages").rglob("rows-*.arrow"))
    run(loaded, tmp_path / "out", **then)
    assert outputs_of(tmp_path / "out") == outputs_of(local)


def test_what_was_only_converted_is_measured_there(
    here: tuple[LoadedRecipe, Path], cluster: Ray, tmp_path: Path
) -> None:
    loaded, local = here
    with pytest.raises(KeyboardInterrupt):
        run(loaded, tmp_path / "out", progress=Stopping("measure", 2, interrupt), workers=1)
    run(loaded, tmp_path / "out", engine=cluster)
    assert stages_of(tmp_path / "out") == stages_of(local)


def test_an_error_of_a_row_comes_through_as_here(cluster: Ray, tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(
        f"sources: [{shared_data / 'glaive_toolcall_en_demo.json'}]\nexport: {{format: alpaca}}\n"
    )
    loaded = load_recipe(tmp_path / "recipe.yaml")
    told = []
    engines: tuple[tuple[str, dict[str, Any]], ...] = (("here", {"workers": 1}), ("there", {"engine": cluster}))
    for name, settings in engines:
        with pytest.raises(OutputError, match="alpaca cannot hold this row") as found:
            run(loaded, tmp_path / name, **settings)
        told.append(str(found.value))
    assert told[0] == told[1]


def test_a_file_that_breaks_off_is_an_error_there_too(cluster: Ray, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"instruction": f"Row {i}?", "output": f"{i * i}."}) + "\n" for i in range(3000))
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(rows.encode())[:-500])
    (tmp_path / "recipe.yaml").write_text("sources: [cut.jsonl.gz]\n")
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz"):
        run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "out", engine=cluster)


@pytest.mark.parametrize("keys_a_part", [1 << 23, 100, 7])
def test_the_shuffle_finds_the_buckets_of_one_machine(
    cluster: Ray, keys_a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_groups, "_ROWS_A_BLOCK", 170)
    rng = np.random.default_rng(5)
    keys = rng.integers(0, 700, (8, 1000), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    rows = rng.permutation(1000)[:900]
    ours = find_buckets(keys, rows, scratch=Scratch(None))
    found = ray_groups.shuffle_buckets(keys, rows, scratch=Scratch(None), keys_a_part=keys_a_part)
    assert len(found.starts) == len(ours.starts)
    assert found.starts[-1] == ours.starts[-1]
    for band in range(len(keys)):
        pairs = set(zip(ours.groups[band].tolist(), found.groups[band].tolist()))
        assert len(pairs) == len(set(ours.groups[band].tolist())) == len(set(found.groups[band].tolist()))
        assert (-1, -1) in pairs
    sizes = np.bincount(found.groups[found.groups >= 0], minlength=len(found.starts) - 1)
    assert (np.diff(found.starts) == sizes).all()


def test_no_rows_have_no_buckets(cluster: Ray) -> None:
    found = ray_groups.shuffle_buckets(np.zeros((4, 0), np.uint64), np.zeros(0, np.int64), scratch=Scratch(None))
    assert found.groups.shape == (4, 0)
    assert found.starts.tolist() == [0]


def test_a_node_with_other_versions_is_refused_by_name(cluster: Ray) -> None:
    wanted = versions() | {"numpy": "1.0"}
    stream = cluster.stream._replace(wanted=wanted)
    with pytest.raises(EngineError, match=r"saw numpy .* instead of 1\.0") as found:
        list(stream.carried(pid_of, [0]))
    assert socket.gethostname() in str(found.value)


def pid_of(task: int) -> int:
    time.sleep(0.2)
    return os.getpid()


def test_a_worker_that_is_killed_is_replaced(cluster: Ray) -> None:
    numbers = list(range(24))
    found: set[int] = set()
    for pid in cluster.stream.carried(pid_of, numbers):
        if not found:
            os.kill(pid, signal.SIGKILL)
        found.add(pid)
    assert len(found) > 1


def test_a_task_that_kills_every_worker_ends_in_a_sentence(cluster: Ray) -> None:
    with pytest.raises(TunesmithError, match="the cluster gave up"):
        list(cluster.stream.carried(_die, [1]))


def _die(task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:1", "no Ray cluster can be reached"),
        ("somewhere", "expected host:port"),
        ("ray://127.0.0.1:10001", "saw an address of Ray Client"),
    ],
)
def test_an_address_without_a_cluster_is_told(address: str, told: str) -> None:
    code = (
        "from tunesmith.curate.engines.ray_cluster import ray_engine\n"
        "from tunesmith.curate.progress import Progress\n"
        f"with ray_engine({address!r}, Progress()): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert f"EngineError: {address}" in done.stderr
    assert told in done.stderr
