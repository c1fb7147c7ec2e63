"""What each process of a distributed run is: started by `accelerate launch`, not by a person.

accelerate launch --config_file a.yaml -m tunesmith.cli_train_worker --config config.yaml --out DIR --processes 4

It checks that as many processes run as were asked for before anything is read or written, and that torch agrees;
then every process calls `train_run`, and the main one alone tells of progress and leaves the result.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, TunesmithError
from tunesmith.train.distributed_processes import leave_error, leave_result


def main(arguments: Sequence[str] | None = None) -> int:
    """One process; its exit status: 0, or 2 for a person's mistake, which the launcher tells."""
    given = _parser().parse_args(arguments)
    folder = given.config.parent
    try:
        check_world(given.processes, os.environ)
        check_devices(given.processes)
        result = _train(given)
    except TunesmithError as error:
        leave_error(folder, error)
        return 2
    if is_main(os.environ):
        leave_result(folder, result)
    return 0


def is_main(environment: Mapping[str, str]) -> bool:
    """Whether this process is the one that writes."""
    return environment.get("RANK", "0") == "0"


def check_world(n_processes: int, environment: Mapping[str, str]) -> None:
    """:raises InputError: where another number of processes runs than was asked for."""
    running = int(environment.get("WORLD_SIZE", "1"))
    if running != n_processes:
        what = f"{n_processes} processes were asked for, and {running} {'runs' if running == 1 else 'run'}"
        remedy = "accelerate starts one process where it finds no GPU or is told --cpu; start it with its config file"
        raise InputError(what, where="accelerate launch", remedy=remedy)


def check_devices(n_processes: int) -> None:
    """The same of torch's own view: without a GPU each process would train alone, and believe that it is the main one.

    :raises InputError: where torch's process group is smaller than what was asked for.
    """
    if n_processes == 1:
        return
    from accelerate import PartialState

    state = PartialState(cpu=os.environ.get("ACCELERATE_USE_CPU", "false").lower() == "true")
    if state.num_processes != n_processes:
        what = f"{n_processes} processes run, but {state.num_processes} of them train together"
        raise InputError(what, where="accelerate launch", remedy="each process needs a GPU of its own")


def _train(given: argparse.Namespace) -> dict[str, Any]:
    from tunesmith.train.config import read_config
    from tunesmith.train.run import train_run

    config = read_config(given.config, {})
    progress = _progress() if is_main(os.environ) else Progress()
    return train_run(
        config, given.out, replace=given.replace, resume=given.resume, progress=progress, language=given.lang
    )


def _progress() -> Progress:
    from tunesmith.terminal import progress_for

    return progress_for(sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tunesmith.cli_train_worker", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--no-resume", dest="resume", action="store_false")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    return parser


if __name__ == "__main__":
    sys.exit(main())
