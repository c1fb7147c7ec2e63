"""`tunesmith train chat`: a conversation with what was trained, in the terminal or through a pipe.

>>> class Echo:
...     def answer(self, messages, say):
...         say("you said " + messages[-1]["content"])
...         return Written("you said " + messages[-1]["content"], "stop", 4, 2)
>>> import io
>>> lines = iter(["hello", "/quit"])
>>> talk(Echo(), lambda: next(lines, None), io.StringIO(), io.StringIO())
[{'role': 'user', 'content': 'hello'}, {'role': 'assistant', 'content': 'you said hello'}]

Nothing that a model writes can move the cursor or colour the terminal: its control characters are shown as `\\x1b`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

from tunesmith.curate.shown import visible
from tunesmith.errors import RowError
from tunesmith.evaluate.predict_backend import Answer
from tunesmith.evaluate.predict_thinking import split_off
from tunesmith.train.chat_model import Speaker, Written, open_speaker
from tunesmith.train.serve import serve_line

__all__ = ["HELP", "Written", "open_speaker", "say_once", "serve_line", "talk"]

#: What `/help` says.
HELP = "/reset forgets the conversation, /quit (or Ctrl-D) ends it, Ctrl-C ends an answer"

Turn = dict[str, Any]


def talk(
    speaker: Speaker, read: Callable[[], str | None], out: TextIO, notes: TextIO, *, system: str | None = None
) -> list[Turn]:
    """Answer line after line, each with the whole conversation before it, until `/quit` or the end.

    :param read: the next line of the person, None at the end; raises KeyboardInterrupt where the line is given up.
    :param out: gets the answers; `notes` what is said about them.
    :returns: the conversation.
    """
    turns = _opening(system)
    while True:
        try:
            line = read()
        except KeyboardInterrupt:
            _note(notes, HELP)
            continue
        if line is None or line.strip() == "/quit":
            return turns
        if not line.strip():
            continue
        if line.startswith("/"):
            turns = _obeyed(line.strip(), turns, system, notes)
            continue
        turns += _exchange(speaker, turns, line, out, notes)


def say_once(speaker: Speaker, prompt: str, out: TextIO | None, *, system: str | None = None) -> Written:
    """One answer, for a pipe or a script.

    :param out: gets it as it is written; None for silence.
    :raises RowError: as `Speaker.answer`.
    """
    messages = [*_opening(system), {"role": "user", "content": prompt}]
    written = speaker.answer(messages, _teller(out) if out is not None else lambda piece: None)
    if out is not None:
        out.write("\n")
        out.flush()
    return written


def _opening(system: str | None) -> list[Turn]:
    return [{"role": "system", "content": system}] if system else []


def _obeyed(command: str, turns: list[Turn], system: str | None, notes: TextIO) -> list[Turn]:
    """The conversation after a command."""
    if command == "/reset":
        _note(notes, "the conversation is forgotten")
        return _opening(system)
    known = "" if command == "/help" else f"{command.split()[0]} is no command; a space before it sends it as text. "
    _note(notes, known + HELP)
    return turns


def _exchange(speaker: Speaker, turns: list[Turn], line: str, out: TextIO, notes: TextIO) -> list[Turn]:
    """What a line adds to the conversation: nothing where there was no answer."""
    asked = {"role": "user", "content": line}
    try:
        written = speaker.answer([*turns, asked], _teller(out))
    except RowError as error:
        _note(notes, f"{error.what}; /reset begins anew")
        return []
    out.write("\n")
    out.flush()
    if written.finish == "length":
        _note(notes, f"cut after {written.n_tokens:,} tokens; --max-tokens allows more")
    if written.finish == "interrupted":
        _note(notes, "stopped")
    return [asked, {"role": "assistant", "content": _without_thoughts(written)}]


def _without_thoughts(written: Written) -> str:
    """What the next turn shall see of an answer: templates leave out earlier thoughts, too."""
    return split_off(Answer(written.text, finish_reason=written.finish)).text or ""


def _teller(out: TextIO) -> Callable[[str], None]:
    def tell(piece: str) -> None:
        out.write(visible(piece))
        out.flush()

    return tell


def _note(notes: TextIO, text: str) -> None:
    notes.write(f"[{visible(text)}]\n")
    notes.flush()
