"""The texts of a row that train each wanted answer once, in the context in which it is served.

Many templates write earlier turns in another way than the last one: Qwen3 and DeepSeek take the thoughts out of them.
An answer that would stand in the whole conversation otherwise than it is served gets a text of its own (a *draft*),
that ends with it; answers that stand alike share one.

>>> # user, assistant with thoughts, user, assistant, under Qwen3: the first answer has a draft of its own
>>> [len(draft.answers) for draft in drafts(talk, "answers")]  # doctest: +SKIP
[1, 1]
"""

from __future__ import annotations

from contextlib import suppress

from tunesmith.curate.records import Message
from tunesmith.errors import RowError
from tunesmith.train.spans import Answer, Conversation, Draft, core_of
from tunesmith.train.types import TrainOn


def drafts(talk: Conversation, train_on: TrainOn) -> list[Draft]:
    """The texts that train each wanted answer once, in the context in which it is served."""
    if train_on == "all":
        draft = Draft(talk.whole.text)
        standing = _standing(talk, draft.text)
        draft.answers = _around_unwanted(talk, standing, len(draft.text))
        draft.spans = talk.spans(draft, standing)
        if any(core_of(message.reasoning) not in draft.text for message in talk.messages):
            talk.flags.add("reasoning_removed")
        return [draft]
    numbers = [number for number, message in enumerate(talk.messages) if _is_wanted(message)]
    if train_on == "last-answer":
        numbers = numbers[-1:]
    hosts: list[tuple[Draft, list[Answer]]] = [(Draft(talk.whole.text), [])]
    for number in reversed(numbers):
        answer = talk.answer(number)
        known = answer.text[: answer.end]
        host = next((host for host in hosts if host[0].text.startswith(known)), None)
        if host is None:
            host = (Draft(answer.text), [])
            hosts.append(host)
        host[1].insert(0, answer)
    made = []
    for draft, answers in reversed(hosts):
        if answers:
            draft.answers = [(answer.begin, answer.end) for answer in answers]
            draft.spans = talk.spans(draft, answers)
            made.append(draft)
    if len(made) > 1:
        talk.flags.add("reasoning_removed" if any(one.reasoning for one in talk.messages) else "history_rewritten")
    return made


def _around_unwanted(talk: Conversation, standing: list[Answer], length: int) -> list[tuple[int, int]]:
    """The whole text but for the answers that their row gives no weight.

    :raises RowError: `answer_not_found`, where one of them is there and its place is not known.
    """
    places = {answer.number: (answer.begin, answer.end) for answer in standing}
    unwanted = [number for number, one in enumerate(talk.messages) if one.role == "assistant" and not _is_wanted(one)]
    if lost := [number for number in unwanted if number not in places]:
        raise RowError("answer_not_found", f"where turn {lost[0] + 1}, which has no weight, stands cannot be told")
    borders = [0, *(place for number in unwanted for place in places[number]), length]
    return [(start, end) for start, end in zip(borders[::2], borders[1::2]) if start < end]


def _is_wanted(message: Message) -> bool:
    """An answer, but for those that their row gives no weight, as OpenAI's and SiliconFlow's files can."""
    return message.role == "assistant" and (message.extra or {}).get("weight", 1) != 0


def _standing(talk: Conversation, text: str) -> list[Answer]:
    """The answers that stand in the whole conversation as they do at its end."""
    numbers = [number for number, message in enumerate(talk.messages) if message.role == "assistant"]
    answers = []
    for number in numbers:
        with suppress(RowError):  # only who wrote what is not known then
            answers.append(talk.answer(number))
    return [answer for answer in answers if text.startswith(answer.text[: answer.end])]
