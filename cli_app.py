"""`tunesmith app`: the workbench in the browser, on this machine alone unless it is told otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tunesmith.ui.workspace import Workspace as Folder

Workspace = Annotated[
    Path, typer.Option("--workspace", "-w", help="The folder with datasets, runs, models, reports and the review.")
]
Shared = Annotated[
    bool, typer.Option("--shared", help="Let others in, by invitation; without it whoever opens it is the owner.")
]
Address = Annotated[str, typer.Option("--address", help="Where it listens; 0.0.0.0 is every network of this machine.")]
Hosts = Annotated[
    list[str] | None,
    typer.Option("--host", help="The name in the address that others open, such as review.example.org; repeatable."),
]
Name = Annotated[
    str | None, typer.Option("--name", help="The owner's name, as votes carry it; your user name if left.")
]


def app_command(
    workspace: Workspace = Path("workspace"),
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where it listens on this machine.")] = 8501,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    shared: Shared = False,
    address: Address = "127.0.0.1",
    host: Hosts = None,
    name: Name = None,
) -> None:
    """Open the workbench in the browser.

    Example: tunesmith app --workspace workspace

    For reviewers elsewhere: tunesmith app --shared --address 0.0.0.0 --host review.example.org
    """
    from tunesmith.ui.identity_cookie import secret_key
    from tunesmith.ui.jobs_queue import places
    from tunesmith.ui.launch import check_port, check_workspace, environment, server_command

    command = server_command()
    variables = environment(
        workspace, port=port, headless=headless, address=address, shared=shared, hosts=host or [], name=name
    )
    places()
    check_workspace(Folder(workspace))
    if shared:
        secret_key(Folder(workspace))
    check_port(address, port)
    os.execve(command[0], command, variables)  # noqa: S606 (our own interpreter)
