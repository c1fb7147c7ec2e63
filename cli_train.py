"""`tunesmith train`: advice, memory, preflight, training, sweep; a file for each group of commands.

tunesmith train preflight --data runs/medical --model Qwen/Qwen3-0.6B --max-length 2048
"""

from __future__ import annotations

import typer

from tunesmith.cli_train_advise import advise_command
from tunesmith.cli_train_estimate import estimate_command
from tunesmith.cli_train_model import chat_command, merge_command
from tunesmith.cli_train_preflight import preflight_command
from tunesmith.cli_train_stages import add_stages
from tunesmith.cli_train_sweep import sweep_command

train = typer.Typer(help="Train over TRL, after seeing what will be trained.", no_args_is_help=True)
train.command("advise")(advise_command)
train.command("estimate")(estimate_command)
train.command("preflight")(preflight_command)
add_stages(train)
train.command("sweep")(sweep_command)
train.command("merge")(merge_command)
train.command("chat")(chat_command)
