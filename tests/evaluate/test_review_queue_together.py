"""Many at once, in threads and in processes, on both databases: no seat too many, no vote lost, none double."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from tunesmith.errors import ReviewError
from tunesmith.evaluate.review_queue import leave, next_task, skip, submit, submit_and_next, undo
from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, events, insert_campaign, read_campaign
from tunesmith.evaluate.review_types import Answer, NewCampaign, NewItem, Side

OVERLAP = 3


def make(store: Store, n: int, people: list[str], *, overlap: int = OVERLAP, lease_seconds: int = 1200) -> None:
    sides = (Side("a", "one"), Side("b", "two"))
    items = [NewItem(f"q{number}", "a|b", sides, {"messages": []}) for number in range(n)]
    new = NewCampaign("spring", "pairwise", overlap=overlap, repeats=0.1, lease_seconds=lease_seconds)
    insert_campaign(store, new, items)
    for name in people:
        add_reviewer(store, name)


def work(where: str, name: str, seed: int) -> list[str]:
    """Answer to the end, with skips and undos in between; the tokens whose receipt came."""
    chance, told = random.Random(seed), []
    with open_store(where) as store:
        task = next_task(store, "spring", name)
        while task is not None:
            draw = chance.random()
            if draw < 0.05:
                skip(store, task.token, name, "later", again=True)
                task = next_task(store, "spring", name)
                continue
            receipt, following = submit_and_next(store, task.token, name, Answer(chance.choice(["left", "equal"])))
            told.append(receipt.token)
            if draw > 0.95:
                following = undo(store, "spring", name)
                told.pop()
            task = following
    return told


def check(store: Store, n: int) -> None:
    data = read_campaign(store)
    counted = [vote for vote in data.votes if not vote.repeat]
    per_item = Counter(vote.item for vote in counted)
    assert per_item == {item.id: OVERLAP for item in data.items}
    assert len({(vote.item, vote.reviewer) for vote in counted}) == len(counted) == n * OVERLAP


def test_threads_fill_every_seat_once(store: Store, store_address: str) -> None:
    people = [f"p{number}" for number in range(5)]
    make(store, 25, people)
    with ThreadPoolExecutor(len(people)) as pool:
        told = list(pool.map(work, [store_address] * 5, people, range(5)))
    check(store, 25)
    assert sum(map(len, told)) == len(read_campaign(store).votes)


def test_processes_fill_every_seat_once(store: Store, store_address: str) -> None:
    people = [f"p{number}" for number in range(4)]
    make(store, 15, people)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(people), context, initializer=_path, initargs=(sys.path,)) as pool:
        told = list(pool.map(work, [store_address] * len(people), people, range(len(people))))
    check(store, 15)
    assert sum(map(len, told)) == len(read_campaign(store).votes)


def _path(path: list[str]) -> None:
    sys.path[:] = path


def test_tabs_of_one_person_get_one_task_and_one_vote(store: Store, store_address: str) -> None:
    make(store, 6, ["Li"])

    def tab(_: int) -> list[str]:
        tokens = []
        with open_store(store_address) as mine:
            while (task := next_task(mine, "spring", "Li")) is not None:
                try:
                    tokens.append(submit(mine, task.token, "Li", Answer("equal")).token)
                except ReviewError as error:
                    if error.code != "taken_back":
                        raise
        return tokens

    with ThreadPoolExecutor(4) as pool:
        told = {token for tokens in pool.map(tab, range(4)) for token in tokens}
    votes = read_campaign(store).votes
    assert len([vote for vote in votes if not vote.repeat]) == 6
    assert len(told) == len(votes)


def test_first_calls_of_many_tabs_give_the_same_task(store: Store, store_address: str) -> None:
    make(store, 6, ["Li"])

    def tab(_: int) -> str:
        with open_store(store_address) as mine:
            task = next_task(mine, "spring", "Li")
        assert task is not None
        return task.token

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(tab, range(6)))) == 1


def test_a_double_click_in_two_threads_is_one_vote(store: Store, store_address: str) -> None:
    make(store, 3, ["Li"])
    task = next_task(store, "spring", "Li")
    assert task is not None

    def click(_: int) -> object:
        with open_store(store_address) as mine:
            return submit(mine, task.token, "Li", Answer("left"))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(repr, pool.map(click, range(4))))) == 1
    assert len(read_campaign(store).votes) == 1


def test_takeovers_of_leases_that_end_at_once_lose_nothing(store: Store, store_address: str) -> None:
    people = [f"p{number}" for number in range(4)]
    make(store, 10, people, lease_seconds=0)  # each lease has ended when it is taken
    told: list[tuple[str, str]] = []

    def answer(name: str) -> None:
        with open_store(store_address) as mine:
            while (task := next_task(mine, "spring", name)) is not None:
                try:
                    told.append((name, submit(mine, task.token, name, Answer("equal")).token))
                except ReviewError as error:
                    if error.code != "lease_lost":
                        raise

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(answer, people))
    check(store, 10)
    assert len(set(told)) == len(read_campaign(store).votes)


def test_who_leaves_while_answering_leaves_no_seat_taken(store: Store, store_address: str) -> None:
    make(store, 10, ["p0", "p1", "p2", "p3"])

    def answer(name: str) -> None:
        with open_store(store_address) as mine:
            try:
                work(store_address, name, 1)
            except ReviewError as error:
                if error.code not in ("inactive", "unknown_task", "lease_lost", "nothing_to_undo"):
                    raise
            leave(mine, name)

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(answer, name) for name in ("p0", "p1", "p2")]
        leave(store, "p0")
        for future in futures:
            future.result()
    add_reviewer(store, "p0")
    for name in ("p0", "p3"):
        work(store_address, name, 2)
    check(store, 10)


def _answer_until_killed(where: str, name: str) -> None:
    with open_store(where) as store:
        task = next_task(store, "spring", name)
        while task is not None:
            receipt, task = submit_and_next(store, task.token, name, Answer("equal"))
            print(receipt.token, flush=True)  # noqa: T201 (the parent reads what was acknowledged)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_was_acknowledged_survives_a_killed_process(store: Store, store_address: str) -> None:
    make(store, 200, ["Li"], overlap=1)
    context, (out, into) = multiprocessing.get_context("spawn"), os.pipe()
    process = context.Process(target=_told_through, args=(sys.path, store_address, context.reducer.DupFd(into)))
    process.start()
    os.close(into)
    with os.fdopen(out) as lines:
        told = [next(lines).strip() for _ in range(5)]
        os.kill(process.pid or 0, signal.SIGKILL)
        told += [line.strip() for line in lines if line.endswith("\n")]
    process.join()
    stored = {line["token"] for line in events(store, "spring") if line["kind"] == "submit"}
    assert set(told) <= stored
    assert len(read_campaign(store).votes) == len(stored)
    assert next_task(store, "spring", "Li") is not None


def _told_through(path: list[str], where: str, end: object) -> None:
    sys.path[:] = path
    os.dup2(end.detach(), 1)  # type: ignore[attr-defined]
    sys.stdout = os.fdopen(1, "w")
    _answer_until_killed(where, "Li")
