"""A model behind an OpenAI-compatible server, as a system whose knowledge is measured.

>>> system = ServerSystem(Endpoint("http://127.0.0.1:8000", "qwen"))  # doctest: +SKIP
>>> system.check(Settings())  # doctest: +SKIP
{'kind': 'echo', 'asked': 3, 'right': 3}

By log-likelihood the server is asked to echo prompt and answer with the log-probability of every token; by `generate`
it answers a chat. A server that does not do what it is asked for would score at chance without a word, so `check` asks
first what every language model knows, and refuses to go on where that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Any, Protocol

from tunesmith.curate import jsontext
from tunesmith.curate.endpoint_requests import Reply, Request, TokenLogprob, chat, echo, text_logprobs
from tunesmith.errors import InputError
from tunesmith.evaluate.retention_prompts import written_prompt
from tunesmith.evaluate.retention_samples import said
from tunesmith.evaluate.retention_types import Answers, Loss, Question, Settings, Task

if TYPE_CHECKING:
    from tunesmith.evaluate.retention_engine import RemoteEngine

#: A prompt and its continuations, the first of which every language model finds the likeliest.
CERTAIN = (
    ("apple apple apple apple apple apple apple", (" apple", " river", " seven", " onto")),
    ("1, 2, 3, 4, 5, 6, 7, 8,", (" 9", " 3", " 0", " 6")),
    ("星期一、星期二、星期三、星期四、星期五、", ("星期六", "星期一", "吃苹果", "图书馆")),
)
#: Questions for a chat, and the language of their instructions; of several, one may go wrong.
ASKED = (
    (Question("1", "1 + 1 = ?", ("3", "2", "7", "5"), 1), "en"),
    (Question("2", "下列哪一项是水果？", ("桌子", "火车", "铅笔", "苹果"), 3), "zh"),
    (Question("3", "Which of these is an animal?", ("dog", "stone", "spoon", "cloud"), 0), "en"),
)
_NEEDED = 2

#: How tokenizers write a space where a server gives tokens as they are stored.
_SPACES = str.maketrans({"▁": " ", "Ġ": " "})

_OTHERWISE = "let it write its answers (--mode generate), or measure a local copy with --model"


class Server(Protocol):
    """A `curate.endpoint.Endpoint`, as it is needed here."""

    @property
    def url(self) -> str: ...

    @property
    def model(self) -> str: ...

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]: ...


class ServerSystem:
    """One model of one server; see the file's docstring.

    :param fresh: the same without its cache. What is kept of a server that was set up wrong must not outlive the
        mistake: it is asked what is certain, and again what it replied to without an answer.
    """

    def __init__(self, endpoint: Server, *, fresh: Server | None = None) -> None:
        self._endpoint, self._fresh = endpoint, fresh or endpoint
        self._engine: RemoteEngine | None = None
        self._detail = ""  # the server's words on the last failure

    @property
    def name(self) -> str:
        return self._endpoint.model

    def identity(self) -> Mapping[str, Any]:
        return {"model": self._endpoint.model, "url": self._endpoint.url}

    def check(self, settings: Settings) -> Mapping[str, Any] | None:
        """Ask what is certain.

        :raises InputError: where the server gives no log-probabilities of the prompt, or answers like a coin.
        """
        if settings.mode == "generate":
            return self._check_written(settings)
        pairs = [(prompt, text) for prompt, texts in CERTAIN for text in texts]
        found = iter(list(self._scores(self._fresh, pairs)))
        right = 0
        for _, texts in CERTAIN:
            scores = []
            for logprob, failure in islice(found, len(texts)):
                if logprob is None:
                    raise self._refused(failure or "")
                scores.append(logprob)
            right += scores[0] == max(scores) and scores.count(max(scores)) == 1
        if right < len(CERTAIN):
            what = f"its log-probabilities find the certain continuation in {right} of {len(CERTAIN)} cases"
            raise InputError(f"{what}: scores from them would mean nothing", where=self._where, remedy=_OTHERWISE)
        return {"kind": "echo", "asked": len(CERTAIN), "right": right}

    def answers(self, task: Task, settings: Settings) -> list[Answers]:
        from tunesmith.evaluate import retention_engine

        if self._engine is None:
            self._engine = retention_engine.RemoteEngine(self.score, self.write)
        return retention_engine.answers_to(self._engine, task, settings)

    def losses(self, texts: list[str]) -> list[Loss]:
        remedy = "leave out --text, or measure a local copy with --model"
        raise InputError("bits per byte need a local model", where=self._where, remedy=remedy)

    def close(self) -> None:
        """There is nothing to let go of."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[float | None, str | None]]:
        """The log-probability of each continuation given its context, or why there is none, in order."""
        return self._scores(self._endpoint, pairs)

    def _scores(self, server: Server, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[float | None, str | None]]:
        requests = [echo(context + continuation) for context, continuation in pairs]
        for (context, continuation), reply in zip(pairs, self._replies(server, requests, _tokens)):
            yield _scored(reply, context, continuation)

    def write(self, asked: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str | None, str | None]]:
        """The answer to each conversation (JSON), or why there is none, in order."""
        return self._written(self._endpoint, asked)

    def _written(
        self, server: Server, asked: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> Iterator[tuple[str | None, str | None]]:
        requests = [
            chat(jsontext.loads(context.encode()), temperature=0, max_tokens=options["max_gen_toks"])
            for context, options in asked
        ]
        for reply in self._replies(server, requests, lambda reply: reply.text):
            yield reply.text, reply.failure or (None if reply.text is not None else "empty")

    def _replies(self, server: Server, requests: Sequence[Request], read: Callable[[Reply], object]) -> Iterator[Reply]:
        """The replies; one from the cache in which there is nothing to read is asked for again."""
        for request, reply in zip(requests, server.ask_all(requests)):
            if server is not self._fresh and reply.body is not None and not reply.attempts and read(reply) is None:
                (reply,) = self._fresh.ask_all([request])
            self._note(reply)
            yield reply

    @property
    def _where(self) -> str:
        return f"{self._endpoint.model} at {self._endpoint.url}"

    def _note(self, reply: Reply) -> None:
        if reply.failure and reply.detail:
            self._detail = f": {reply.detail[:200]}"

    def _refused(self, reason: str) -> InputError:
        why = {
            "no_logprobs": "does not give the log-probabilities of a prompt (`echo` with `logprobs`)",
            "unaligned": "gives log-probabilities that do not fit the text that was sent",
        }
        what = why.get(reason, f"refuses to score a text ({reason}{self._detail})")
        return InputError(f"{what}; measured by them it would be at chance", where=self._where, remedy=_OTHERWISE)

    def _check_written(self, settings: Settings) -> Mapping[str, Any]:
        prompts = [written_prompt(question, language) for question, language in ASKED]
        conversations = [jsontext.dumps([{"role": "user", "content": prompt}]) for prompt in prompts]
        replies = list(
            self._written(self._fresh, [(text, {"max_gen_toks": settings.max_tokens}) for text in conversations])
        )
        if all(failure for _, failure in replies):
            what = f"answers no question ({replies[0][1]}{self._detail})"
            raise InputError(what, where=self._where, remedy="check the server, or raise --max-tokens")
        right = sum(
            text is not None and said(text, question.choices) == question.expected
            for (text, _), (question, _) in zip(replies, ASKED)
        )
        if right < _NEEDED:
            seen = next(text for text, _ in replies if text is not None)
            what = f"answers {right} of {len(ASKED)} questions that are certain; it says {seen[-80:]!r}"
            remedy = "a model that thinks first needs more --max-tokens; one that cannot chat needs --model"
            raise InputError(what, where=self._where, remedy=remedy)
        return {"kind": "chat", "asked": len(ASKED), "right": right}


def _scored(reply: Reply, context: str, continuation: str) -> tuple[float | None, str | None]:
    if reply.failure is not None:
        return None, reply.failure
    tokens = _tokens(reply)
    if not tokens:
        return None, "no_logprobs"
    logprob = continuation_logprob(tokens, context, continuation)
    return logprob, None if logprob is not None else "unaligned"


def _tokens(reply: Reply) -> list[TokenLogprob] | None:
    """The log-probabilities of the text that was sent; None where the server gives none, or something else."""
    try:
        tokens = text_logprobs(reply)
    except (AttributeError, KeyError, TypeError):  # fields of another shape than the interface has
        return None
    return tokens if tokens and all(map(_is_token, tokens)) else None


def _is_token(token: TokenLogprob) -> bool:
    has_figures = isinstance(token.logprob, (int, float, NoneType)) and isinstance(token.offset, (int, NoneType))
    return isinstance(token.token, str) and has_figures


def continuation_logprob(tokens: Sequence[TokenLogprob], context: str, continuation: str) -> float | None:
    """The sum over the tokens that hold the continuation, None where they cannot be told.

    The tokens at the text's end must spell the continuation; offsets are used only where they do not, since servers
    count them wrong behind characters of several tokens. Spaces that end the context belong to the continuation, and a
    token that stands in both counts, as in lm-evaluation-harness.

    >>> tokens = [TokenLogprob("Q:", None, 0), TokenLogprob(" A", -0.5, 2)]
    >>> continuation_logprob(tokens, "Q:", " A")
    -0.5
    """
    bare = context.rstrip()
    wanted = context[len(bare) :] + continuation
    held = _at_the_end(tokens, wanted)
    if held is None:
        whole = len(context) + len(continuation)
        if any(token.offset is None or token.offset > whole for token in tokens):
            return None
        held = [token for token in tokens if (token.offset or 0) + len(token.token) > len(bare)]
    values = [token.logprob for token in held if token.logprob is not None]
    return sum(values) if held and len(values) == len(held) else None


def _at_the_end(tokens: Sequence[TokenLogprob], wanted: str) -> Sequence[TokenLogprob] | None:
    """The last tokens, as many as it takes to spell `wanted`."""
    spelled = ""
    for number in range(len(tokens) - 1, -1, -1):
        spelled = tokens[number].token.translate(_SPACES) + spelled
        if len(spelled) >= len(wanted):
            return tokens[number:] if spelled.endswith(wanted) else None
    return None
