"""Conversations that are too long keep their newest rounds.

>>> talk = tuple(Message(role, text) for role, text in zip(["user", "assistant"] * 3, "abcdef"))
>>> [message.content for message in compact_history(Record("sft", talk), most_turns=4).turns]
['c', 'd', 'e', 'f']
"""

from __future__ import annotations

from typing import Literal

from tunesmith.curate.records import Message, Messages, Record

Policy = Literal["recent", "first_and_recent"]


def compact_history(record: Record, *, most_turns: int, policy: Policy = "recent") -> Record:
    """The record with at most `most_turns` messages after its system turns, or itself where it has no more.

    Only whole rounds go: a user turn with all that answers it, so that no tool result loses its call. The last round
    always stays, even where it alone is longer. `first_and_recent` keeps the first round too, where both fit, for it
    often says what the conversation is about.

    :raises ValueError: `most_turns` < 1.
    """
    if most_turns < 1:
        raise ValueError(f"most_turns is {most_turns}; a conversation needs one turn or more")
    head, rounds = _rounds(record.turns)
    if len(rounds) < 2 or sum(map(len, rounds)) <= most_turns:
        return record
    last = rounds[-1]
    first = rounds[0] if policy == "first_and_recent" and len(rounds[0]) + len(last) <= most_turns else []
    room = most_turns - len(first) - len(last)
    kept: list[list[Message]] = [last]
    for one in reversed(rounds[1 if first else 0 : -1]):
        room -= len(one)
        if room < 0:
            break
        kept.insert(0, one)
    return record._replace(messages=(*head, *first, *(message for one in kept for message in one)))


def _rounds(messages: Messages) -> tuple[list[Message], list[list[Message]]]:
    """The system turns at the beginning, and the rounds: each begins with a user turn (the first with whatever)."""
    n_head = next((i for i, message in enumerate(messages) if message.role != "system"), len(messages))
    rounds: list[list[Message]] = []
    for message in messages[n_head:]:
        if not rounds or (message.role == "user" and rounds[-1][-1].role != "user"):
            rounds.append([])
        rounds[-1].append(message)
    return list(messages[:n_head]), rounds
