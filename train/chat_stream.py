"""An answer's text while it is being written: tokens go in one by one, whole characters come out, each once.

>>> said = []
>>> pieces = Pieces(lambda tokens: bytes(tokens).decode("utf-8", "replace"), said.append)
>>> for token in "好!".encode(): pieces.add(token)
>>> said, pieces.end()
(['好', '!'], '好!')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_UNFINISHED = "\ufffd"  # what a decoder shows for the first bytes of a character


class Pieces:
    """Decodes as tokens arrive.

    Only the tokens since the piece before the last are decoded each time: some tokenizers write a word's space only
    where something stands before it, and the whole answer anew for every token would cost its square.

    :param decode: tokens to text.
    :param say: gets each new piece.
    """

    def __init__(self, decode: Callable[[list[int]], str], say: Callable[[str], None]) -> None:
        self._decode, self._say = decode, say
        self.tokens: list[int] = []
        self._before, self._read = 0, 0
        self._said: list[str] = []

    def add(self, *tokens: int) -> None:
        """More tokens; what they complete is said."""
        self.tokens += tokens
        known = self._decode(self.tokens[self._before : self._read])
        now = self._decode(self.tokens[self._before :])
        if len(now) > len(known) and not now.endswith(_UNFINISHED):
            self._tell(now[len(known) :])
            self._before, self._read = self._read, len(self.tokens)

    def end(self) -> str:
        """Say what is left, and give back the whole answer. A character whose other bytes never came is left out."""
        known = self._decode(self.tokens[self._before : self._read])
        self._tell(self._decode(self.tokens[self._before :])[len(known) :].rstrip(_UNFINISHED))
        self._before = self._read = len(self.tokens)
        return "".join(self._said)

    def _tell(self, text: str) -> None:
        if text:
            self._said.append(text)
            self._say(text)


class TokenStream:
    """What `generate` of transformers calls: first with the prompt, then with each token, shape `(1, n_tokens)` or
    `(n_tokens,)`."""

    def __init__(self, pieces: Pieces, ends: Sequence[int]) -> None:
        self._pieces, self._ends = pieces, frozenset(ends)
        self._is_prompt = True
        self.ended = False

    def put(self, tokens: object) -> None:
        """Tokens, of which those that end the answer are no part of it."""
        if self._is_prompt:
            self._is_prompt = False
            return
        for token in tokens.flatten().tolist():  # type: ignore[attr-defined]
            if token in self._ends:
                self.ended = True
            elif not self.ended:
                self._pieces.add(token)

    def end(self) -> None:
        """Nothing: `Pieces.end` is called where the answer ends, by Ctrl-C too."""
