"""The files that accelerate (and for ZeRO DeepSpeed) read: which processes, on which machines, what is sharded.

>>> write_accelerate("zero2", Path("runs/medical.distributed"), n_processes=4)  # doctest: +SKIP
PosixPath('runs/medical.distributed/accelerate.yaml')

What accelerate 1.15 and the trainer make of these files, as read in their source, and why they are as they are:

- Beside a `deepspeed_config_file`, accelerate refuses any key that DeepSpeed's file holds too, `mixed_precision` among
  them: it stands in the JSON alone.
- Batch, accumulation, clipping and precision are `auto` in the JSON: the trainer writes its own figures there, and
  refuses others. They can then not disagree, after a rollback with another batch neither.
- FSDP2 keeps `SHARDED_STATE_DICT` by default, and then the trainer saves no model at the end, without a word.
- `accelerate launch` takes `pdsh` and a host file for several nodes with DeepSpeed; `standard` takes one line a node.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.errors import InputError, OutputError

Kind = Literal["zero1", "zero2", "zero3", "fsdp2"]
KINDS: tuple[Kind, ...] = ("zero1", "zero2", "zero3", "fsdp2")
ACCELERATE, DEEPSPEED = "accelerate.yaml", "deepspeed.json"
PORT = 29500

_PRECISIONS = ("bf16", "fp16", "no")


def write_accelerate(
    kind: Kind,
    folder: Path,
    *,
    n_processes: int,
    n_nodes: int = 1,
    rank: int | None = None,
    main_address: str | None = None,
    main_port: int | None = None,
    precision: str = "bf16",
    offload: bool = False,
    activation_checkpointing: bool = True,
) -> Path:
    """Write accelerate's YAML, and for ZeRO DeepSpeed's JSON beside it; the YAML's path.

    :param n_processes: in all, over all nodes; one process a GPU.
    :param rank: of this machine, from 0; each machine may be told its own with `--machine_rank` instead.
    :param precision: `bf16`, `fp16` or `no` (not mixed) of FSDP2; with ZeRO the trainer's own settings decide.
    :param offload: optimizer (with ZeRO-3 and FSDP2 the weights too) rest in the CPU's memory.
    :param activation_checkpointing: of FSDP2, which does it itself: the trainer must then leave it off (it refuses to
        have both). With ZeRO the trainer does it, whatever is said here.
    :raises InputError: for numbers that do not go together; all of them in one message.
    """
    _check(kind, n_processes, n_nodes, rank, main_address, precision, offload)
    _make(folder)
    settings = _places(n_processes, n_nodes, rank or 0, main_address, main_port)
    if kind == "fsdp2":
        part = _fsdp2(offload, activation_checkpointing)
        settings |= {"distributed_type": "FSDP", "mixed_precision": precision, "fsdp_config": part}
    else:
        json_path = (folder / DEEPSPEED).resolve()
        write_bytes(json_path, jsontext.dumps_indented(deepspeed(kind, offload=offload)).encode() + b"\n")
        settings |= {"distributed_type": "DEEPSPEED", "deepspeed_config": _deepspeed_part(kind, json_path)}
    return _write_yaml(folder / ACCELERATE, settings)


def _places(n_processes: int, n_nodes: int, rank: int, address: str | None, port: int | None) -> dict[str, Any]:
    """How many processes, on which machines."""
    places: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "debug": False,
        "machine_rank": rank,
        "main_training_function": "main",
        "num_machines": n_nodes,
        "num_processes": n_processes,
        "rdzv_backend": "static",
        "same_network": True,
        "use_cpu": False,
    }
    if n_nodes > 1:
        return places | {"main_process_ip": address, "main_process_port": port or PORT}
    return places if port is None else places | {"main_process_port": port}


def _fsdp2(offload: bool, activation_checkpointing: bool) -> dict[str, Any]:
    return {
        "fsdp_version": 2,
        "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",  # the model names its own layers
        "fsdp_reshard_after_forward": True,
        "fsdp_offload_params": offload,
        "fsdp_state_dict_type": "FULL_STATE_DICT",  # see the docstring
        "fsdp_cpu_ram_efficient_loading": True,  # one process reads the weights, not each
        "fsdp_activation_checkpointing": activation_checkpointing,
    }


def _deepspeed_part(kind: Kind, json_path: Path) -> dict[str, Any]:
    return {
        "deepspeed_config_file": str(json_path),
        "deepspeed_multinode_launcher": "standard",
        "zero3_init_flag": kind == "zero3",  # build the model in shards from the start
    }


def deepspeed(kind: Kind, *, offload: bool = False) -> dict[str, Any]:
    """DeepSpeed's settings for a ZeRO stage."""
    zero: dict[str, Any] = {
        "stage": int(kind.removeprefix("zero")),
        "overlap_comm": True,
        "contiguous_gradients": True,
        "reduce_bucket_size": "auto",
    }
    if offload:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
    if kind == "zero3":
        zero |= {
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_gather_16bit_weights_on_model_save": True,  # or what is saved is a pile of shards
        }
        if offload:
            zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    return {
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "zero_optimization": zero,
        "zero_allow_untested_optimizer": True,  # 8-bit ones and Lion are untested to DeepSpeed
    }


def _check(
    kind: str, n_processes: int, n_nodes: int, rank: int | None, address: str | None, precision: str, offload: bool
) -> None:
    problems = []
    if kind not in KINDS:
        problems.append(f"--distributed takes {', '.join(KINDS)}, not {kind!r}")
    if n_processes < 1 or n_nodes < 1 or n_processes % max(n_nodes, 1):
        problems.append(f"{n_processes} processes cannot be shared evenly by {n_nodes} nodes")
    if rank is not None and not 0 <= rank < n_nodes:
        problems.append(f"the nodes are numbered 0 to {n_nodes - 1}, there is no node {rank}")
    if n_nodes > 1 and not address:
        problems.append("several nodes need the address of the one with number 0 (--main-address)")
    if precision not in _PRECISIONS:
        problems.append(f"the precision is {', '.join(_PRECISIONS)}, not {precision!r}")
    if offload and kind == "zero1":
        problems.append("ZeRO-1 is not offloaded by the trainer; take zero2 for that")
    if problems:
        raise InputError("; ".join(problems), remedy="correct the options")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise OutputError(what, where=str(folder), remedy="choose a folder that you may write to") from error


def _write_yaml(path: Path, settings: dict[str, Any]) -> Path:
    import yaml

    write_bytes(path, yaml.safe_dump(settings, allow_unicode=True, sort_keys=False).encode())
    return path
