"""The files as accelerate and the trainer themselves read them; the processes as they really start and end."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tunesmith.cli_train_worker import _parser, check_world
from tunesmith.cli_train_worker import main as worker_main
from tunesmith.errors import InputError, OutputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.distributed import Spread, launch, launch_command, missing, node_lines, worker_settings, write_plan
from tunesmith.train.distributed_files import KINDS, Kind, write_accelerate
from tunesmith.train.distributed_processes import leave_error, run_processes
from tunesmith.train.distributed_refusals import refusals


def config_of(**given: Any) -> TrainConfig:
    return TrainConfig.model_validate({"stage": "sft", "model": "m", "data": ["d"], **given})


def launch_arguments(path: Path, *extra: str) -> Any:
    """What `accelerate launch` makes of a file: its own parser and its own checks."""
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    command = launch_command(path, ["--config", "c.yaml"])
    at = command.index("-m")
    parsed = launch_command_parser().parse_args([*command[2:at], *extra, *command[at:]])
    made: Any = _validate_launch_command(parsed)
    return made


def environment_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that accelerate would give each process."""
    from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

    arguments, defaults, from_config = launch_arguments(path)
    if arguments.use_deepspeed:
        fields = [*defaults.deepspeed_config, *(["mixed_precision"] if from_config else [])]
        arguments.deepspeed_fields_from_accelerate_config = ",".join(fields)
        made = prepare_deepspeed_cmd_env(arguments)[1]
    else:
        made = prepare_multi_gpu_env(arguments)
    for name, value in made.items():
        if name.startswith(("ACCELERATE_", "FSDP_")):
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("kind", "offload"), [*((kind, False) for kind in KINDS), ("zero2", True), ("zero3", True), ("fsdp2", True)]
)
def test_every_file_is_read_by_accelerate_s_own_loader_and_holds_no_key_that_it_does_not_know(
    kind: Kind, offload: bool, tmp_path: Path
) -> None:
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.utils import DistributedType

    path = write_accelerate(kind, tmp_path / "files", n_processes=4, offload=offload)
    read: Any = load_config_from_file(str(path))
    assert read.num_processes == 4
    assert read.distributed_type == (DistributedType.FSDP if kind == "fsdp2" else DistributedType.DEEPSPEED)
    arguments, _, _ = launch_arguments(path)
    assert (arguments.use_fsdp, arguments.use_deepspeed) == (kind == "fsdp2", kind != "fsdp2")
    assert (arguments.num_processes, arguments.num_machines, arguments.training_script) == (
        4,
        1,
        "tunesmith.cli_train_worker",
    )
    part = read.fsdp_config if kind == "fsdp2" else read.deepspeed_config
    assert all(hasattr(arguments, key) for key in part)  # accelerate keeps a misspelled key without a word


def test_a_deepspeed_file_holds_the_precision_alone_or_accelerate_would_refuse_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate.utils import DeepSpeedPlugin

    path = write_accelerate("zero3", tmp_path, n_processes=2, offload=True)
    environment_of(path, monkeypatch)
    plugin = DeepSpeedPlugin()
    assert (plugin.zero_stage, plugin.offload_optimizer_device, plugin.offload_param_device) == (3, "cpu", "cpu")
    assert plugin.zero3_init_flag
    assert plugin.zero3_save_16bit_model
    monkeypatch.setenv("ACCELERATE_CONFIG_DS_FIELDS", "deepspeed_config_file,mixed_precision")
    with pytest.raises(ValueError, match="will be ignored"):
        DeepSpeedPlugin()


@pytest.mark.parametrize(("precision", "expected"), [("bf16", (True, False)), ("no", (False, False))])
def test_batch_accumulation_clip_and_precision_of_the_trainer_fill_deepspeed_s_file(
    precision: str, expected: tuple[bool, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate.utils import DeepSpeedPlugin
    from accelerate.utils.deepspeed import HfDeepSpeedConfig
    from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig

    class Filled(HfTrainerDeepSpeedConfig, HfDeepSpeedConfig):
        """The trainer's own class; without DeepSpeed its base is empty and its __init__ refuses."""

    environment_of(write_accelerate("zero2", tmp_path, n_processes=2), monkeypatch)
    plugin = DeepSpeedPlugin()
    plugin.set_mixed_precision(precision)
    filled: Any = object.__new__(Filled)
    filled.config, filled.mismatches, filled._dtype = plugin.deepspeed_config, [], None
    trainer = SimpleNamespace(
        world_size=2,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=4,
        max_grad_norm=0.7,
        learning_rate=1e-4,
        adam_beta1=0.9,
        adam_beta2=0.999,
        adam_epsilon=1e-8,
        weight_decay=0.01,
        save_on_each_node=False,
        fp16=False,
        fp16_full_eval=False,
        bf16=expected[0],
        bf16_full_eval=False,
    )
    filled.trainer_config_process(trainer)
    assert filled.mismatches == []
    assert filled.config["train_batch_size"] == 32
    assert filled.config["train_micro_batch_size_per_gpu"] == 4
    assert filled.config["gradient_accumulation_steps"] == 4
    assert filled.config["gradient_clipping"] == 0.7
    assert (filled.config["bf16"]["enabled"], filled.config["fp16"]["enabled"]) == expected


def test_fsdp2_saves_a_whole_model_and_checkpoints_activations_instead_of_the_trainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate.utils import FullyShardedDataParallelPlugin

    config = config_of(activation_checkpointing=True, distributed="fsdp2")
    plan = write_plan(config, tmp_path / "run", Spread("fsdp2", n_processes=2, offload=True))
    environment_of(plan.folder / "accelerate.yaml", monkeypatch)
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is True
    assert "FULL_STATE_DICT" in str(plugin.state_dict_type)  # or the trainer saves nothing at its end
    assert type(plugin.cpu_offload).__name__ == "CPUOffloadPolicy"
    assert os.environ["ACCELERATE_MIXED_PRECISION"] == "bf16"
    inside = yaml.safe_load((plan.folder / "config.yaml").read_text())
    assert (plugin.activation_checkpointing, inside["activation_checkpointing"]) == (True, False)


def test_processes_read_what_a_person_wrote_and_start_no_further_processes() -> None:
    config = config_of(distributed="zero2", lora={"rank": 64}, learning_rate=3e-4)
    read = worker_settings(config, "zero2")
    assert read == {"stage": "sft", "model": "m", "data": ["d"], "lora": {"rank": 64}, "learning_rate": 3e-4}
    again = TrainConfig.model_validate(read)
    assert again.model_dump() == config.model_dump() | {"distributed": None}


def test_several_nodes_get_a_line_each_that_differs_in_the_rank_alone(tmp_path: Path) -> None:
    spread = Spread("zero3", n_processes=16, n_nodes=2, main_address="10.0.0.1", main_port=29501)
    plan = write_plan(config_of(), tmp_path / "a run", spread)
    first, second = plan.lines
    assert second == first.replace("--machine_rank 0", "--machine_rank 1")
    assert (plan.folder / "start.txt").read_text().splitlines() == plan.lines
    words = shlex.split(second)
    arguments, _, _ = launch_arguments(Path(words[3]), "--machine_rank", "1")
    assert (arguments.machine_rank, arguments.num_machines, arguments.num_processes) == (1, 2, 16)
    assert (arguments.main_process_ip, arguments.main_process_port) == ("10.0.0.1", 29501)
    assert arguments.deepspeed_multinode_launcher == "standard"  # pdsh would want a host file
    assert node_lines(launch_command(Path("a.yaml"), ["--out", "a b"]), 1) == [
        "accelerate launch --config_file a.yaml -m tunesmith.cli_train_worker --out 'a b'"
    ]


def test_processes_are_told_how_the_command_was_meant(tmp_path: Path) -> None:
    plan = write_plan(config_of(), tmp_path / "r", Spread("zero2", 2), replace=True, resume=False, language="zh")
    words = shlex.split(plan.lines[0])
    told = _parser().parse_args(words[words.index("tunesmith.cli_train_worker") + 1 :])
    assert (told.replace, told.resume, told.lang, told.processes) == (True, False, "zh", 2)
    assert told.config == plan.folder / "config.yaml"


def test_numbers_that_do_not_go_together_are_told_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"7 processes .* 2 nodes; .*no node 5; .*--main-address.*ZeRO-1"):
        write_accelerate("zero1", tmp_path, n_processes=7, n_nodes=2, rank=5, offload=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("zero3", {"method": "qlora"}, "take --distributed zero2"),
        ("fsdp2", {"method": "qlora"}, "take --distributed zero2"),
        ("zero2", {"method": "full", "optimizer": "galore"}, "--optimizer adamw"),
        ("fsdp2", {"optimizer": "adamw_8bit"}, "--optimizer adamw"),
        ("fsdp2", {"lora": {"plus": 16}}, "lora.plus"),
        ("zero3", {"lora": {"variant": "pissa"}}, "lora.variant lora"),
        ("zero2", {"lora": {"variant": "olora"}}, "lora.variant lora"),
    ],
)
def test_what_sharding_does_not_carry_is_refused_before_anything_is_written(
    kind: Kind, given: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says):
        write_plan(config_of(**given), tmp_path / "run", Spread(kind, n_processes=2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("method", ["full", "freeze", "lora"])
@pytest.mark.parametrize("kind", KINDS)
def test_plain_methods_go_with_every_kind(kind: Kind, method: str) -> None:
    assert refusals(kind, config_of(method=method)) == []


def test_qlora_goes_with_zero2_and_its_8_bit_optimizer() -> None:
    assert refusals("zero2", config_of(method="qlora", optimizer="paged_adamw_8bit")) == []


def test_what_a_machine_lacks_is_named_with_the_line_that_installs_it() -> None:
    gpus, deepspeed = missing(Spread("zero2", 8, 2, main_address="a"), n_devices=1, has_deepspeed=False)
    assert gpus == "4 processes need 4 GPUs here, and there are 1"
    assert "pip install deepspeed --no-build-isolation" in deepspeed
    assert missing(Spread("fsdp2", 2), n_devices=2, has_deepspeed=False) == []


def test_without_the_gpus_the_files_are_written_and_the_message_holds_the_line_that_starts_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"accelerate launch --config_file .*accelerate\.yaml -m tunesmith") as told:
        launch(config_of(), tmp_path / "run", Spread("fsdp2", n_processes=1000))
    assert "1000 processes need 1000 GPUs" in str(told.value)
    names = {path.name for path in (tmp_path / "run.distributed").iterdir()}
    assert names == {"accelerate.yaml", "config.yaml", "start.txt"}
    assert not (tmp_path / "run").exists()  # training must find its folder empty


def test_where_accelerate_starts_one_process_in_silence_the_worker_refuses(tmp_path: Path) -> None:
    """The trap itself: `accelerate launch --cpu --num_processes 2` starts one, and says nothing."""
    line = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--cpu", "--num_processes", "2"]
    worker = ["-m", "tunesmith.cli_train_worker", "--config", str(tmp_path / "c.yaml"), "--out", str(tmp_path / "run")]
    with pytest.raises(InputError, match="2 processes were asked for, and 1 runs"):
        run_processes([*line, *worker, "--processes", "2"], tmp_path)
    assert "CalledProcessError" in (tmp_path / "launch.log").read_text()  # what the launcher said stands in the log
    assert not (tmp_path / "run").exists()


def test_the_number_of_processes_is_checked_against_the_environment() -> None:
    check_world(2, {"WORLD_SIZE": "2"})
    check_world(1, {})
    with pytest.raises(InputError, match="4 processes were asked for, and 2 run;"):
        check_world(4, {"WORLD_SIZE": "2"})


def test_a_worker_without_its_settings_leaves_a_message_and_status_2(tmp_path: Path) -> None:
    arguments = ["--config", str(tmp_path / "none.yaml"), "--out", str(tmp_path / "run"), "--processes", "1"]
    assert worker_main(arguments) == 2
    assert "none.yaml" in json.loads((tmp_path / "error.json").read_text())["where"]


def test_two_processes_train_one_model_together_and_one_of_them_writes(tiny_model: Path, tmp_path: Path) -> None:
    """On CPUs, where nothing is sharded: what accelerate starts is this worker, and so it goes on GPUs."""
    rows = [{"messages": [{"role": "user", "content": f"{i} + 1?"}, {"role": "assistant", "content": f"{i + 1}"}]}
            for i in range(16)]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"stage": "sft", "model": str(tiny_model), "data": [str(tmp_path / "rows.jsonl")], "method": "full",
                "validation": 0.0, "epochs": 1, "batch": 2, "accumulation": 2, "max_length": 64}  # fmt: skip
    (tmp_path / "c.yaml").write_text(json.dumps(settings))
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    worker = ["-m", "tunesmith.cli_train_worker", "--config", str(tmp_path / "c.yaml"), "--out", str(tmp_path / "run")]
    plain = ["env", "ACCELERATE_USE_CPU=true", "OMP_NUM_THREADS=1", "CUDA_VISIBLE_DEVICES="]
    result = run_processes([*plain, *start, *worker, "--processes", "2"], tmp_path)
    assert (result["outcome"], result["step"]) == ("finished", 2)  # 16 rows, 8 a step
    seen = [
        name
        for rank in (0, 1)
        for line in (tmp_path / "run" / f"steps-{rank}.jsonl").read_text().splitlines()
        for name in json.loads(line)["row_ids"]
    ]
    assert len(seen) == 16
    assert len(set(seen)) == 16
    assert (tmp_path / "run" / "model" / "config.json").is_file()


PRINT_AND_DIE = "import sys; sys.stderr.write('CUDA broke\\n'); sys.exit(7)"


def test_processes_that_die_without_a_word_leave_their_last_words_in_the_log(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"launch.log: the processes ended with status 7"):
        run_processes([sys.executable, "-c", PRINT_AND_DIE], tmp_path)
    assert (tmp_path / "launch.log").read_text() == "CUDA broke\n"


def test_an_error_of_a_former_run_is_forgotten(tmp_path: Path) -> None:
    leave_error(tmp_path, InputError("old"))
    write = "import json, pathlib; pathlib.Path('result.json').write_text(json.dumps({'outcome': 'finished'}))"
    here = f"import os; os.chdir({str(tmp_path)!r}); {write}"
    assert run_processes([sys.executable, "-c", here], tmp_path) == {"outcome": "finished"}


CHILD = """
import pathlib, signal, sys, time
def stop(number, frame):
    pathlib.Path(sys.argv[1], "heard").write_text(str(number))
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path(sys.argv[1], "ready").touch()
time.sleep(60)
"""
PARENT = """
import sys
from pathlib import Path
from tunesmith.train.distributed_processes import run_processes
run_processes([sys.executable, "-c", sys.argv[1], sys.argv[2]], Path(sys.argv[2]))
"""


def test_a_signal_reaches_the_processes_before_the_command_ends(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, str(tmp_path)])
    until = time.monotonic() + 60
    while not (tmp_path / "ready").exists() and time.monotonic() < until:
        time.sleep(0.05)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=60) == 128 + signal.SIGTERM
    assert (tmp_path / "heard").read_text() == str(int(signal.SIGTERM))
