"""Reaching a Ray cluster, or starting one on this machine alone.

>>> with ray_engine(None, Progress()) as engine:  # doctest: +SKIP
...     run(loaded, out, engine=engine)
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray._private import ray_constants

from tunesmith.curate.engines.ray import Ray
from tunesmith.curate.engines.ray_stream import Stream, quiet
from tunesmith.curate.progress import Progress
from tunesmith.curate.stages import versions
from tunesmith.errors import EngineError

_KNOCK_SECONDS = 10
_LEAST_WINDOW = 8  # to begin one costs the run itself 0.3 s
_TASKS_A_CPU = 4  # in a window: the cores that wait for its last task lose little


@contextmanager
def ray_engine(address: str | None, progress: Progress, *, n_cpus: int | None = None) -> Iterator[Ray]:
    """The engine over the cluster at this address, or over one that is started here and ends with the block.

    :param address: `host:port` of the cluster, `auto` for one that runs on this machine; None takes `RAY_ADDRESS` of
    the environment, and else starts one.
    :param n_cpus: of a cluster that is started; by default all cores that this process may use.
    :raises EngineError: where there is no such cluster.
    """
    address = address or os.environ.get("RAY_ADDRESS")
    began = not ray.is_initialized()
    if began:
        _connect(address, n_cpus)
    try:
        quiet()
        cpus, nodes = _size()
        progress.say(f"Ray: {nodes:,} {'node' if nodes == 1 else 'nodes'}, {cpus:,} CPUs")
        yield Ray(Stream(versions(), max(_LEAST_WINDOW, _TASKS_A_CPU * cpus)))
    finally:
        if began:
            ray.shutdown()


def _size() -> tuple[int, int]:
    """CPUs and nodes of the cluster."""
    cluster: Any = ray
    return int(cluster.cluster_resources().get("CPU", 0)), sum(node["Alive"] for node in cluster.nodes())


def _connect(address: str | None, n_cpus: int | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine unasked
    try:
        _check(address)
        if address:
            ray.init(address, logging_level=logging.ERROR, log_to_driver=False)
        else:
            _start(n_cpus or len(os.sched_getaffinity(0)))
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        what = f"no Ray cluster can be reached: {(str(error).strip() or type(error).__name__).splitlines()[0]}"
        remedy = "check --address, and that this machine is one of its nodes (`ray status`)"
        raise EngineError(what, where=address or "this machine", remedy=remedy) from error


def _start(n_cpus: int) -> None:
    """A cluster of this machine alone, all of whose ports are on the loopback.

    Ray takes an address of the network instead of 127.0.0.1 as long as other nodes could join; only a constant of its
    own, meant for systems other than Linux, tells it that none will.
    """
    others_may_join = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        ray.init(
            "local",
            num_cpus=n_cpus,
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
        )
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = others_may_join


def _check(address: str | None) -> None:
    """Knock at the door: Ray itself would try for many minutes.

    :raises EngineError: for the address of a Ray Client.
    :raises OSError: where nobody answers.
    """
    if address is None or address in ("auto", "local"):
        return
    if address.startswith("ray://"):
        what = "expected host:port of the cluster itself, saw an address of Ray Client"
        remedy = "start the run on a node of the cluster, such as by `ray job submit`: its rows travel from there"
        raise EngineError(what, where=address, remedy=remedy)
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise ValueError("expected host:port")
    socket.create_connection((host, int(port)), timeout=_KNOCK_SECONDS).close()
