"""Talking to a model: pieces of text as they come, the conversation, its commands, and the line that serves it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import InputError, OutputError, RowError
from tunesmith.evaluate.predict_backend import Decoding, Prompt
from tunesmith.train.chat import HELP, Written, open_speaker, say_once, talk
from tunesmith.train.chat_model import model_of
from tunesmith.train.chat_stream import Pieces
from tunesmith.train.merge import merge_run
from tunesmith.train.serve import serve_line


class Echo:
    """Says what it was asked; remembers what it saw."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = iter(answers)
        self.seen: list[list[Any]] = []

    def answer(self, messages: Sequence[Any], say: Callable[[str], None]) -> Written:
        self.seen.append([*messages])
        answer = next(self._answers, f"heard {messages[-1]['content']}")
        if isinstance(answer, Exception):
            raise answer
        say(answer)
        return Written(answer, "length" if answer.endswith("…") else "stop", 3, 2)


def reading(*lines: str | type[BaseException]) -> Callable[[], str | None]:
    left = iter(lines)

    def read() -> str | None:
        line = next(left, None)
        if line is None or isinstance(line, str):
            return line
        raise line

    return read


def test_each_question_goes_with_the_conversation_before_it() -> None:
    speaker, out = Echo(), io.StringIO()
    turns = talk(speaker, reading("a", "", "b", "/quit", "c"), out, io.StringIO(), system="be kind")
    assert [turn["content"] for turn in speaker.seen[1]] == ["be kind", "a", "heard a", "b"]
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user", "assistant"]
    assert out.getvalue() == "heard a\nheard b\n"


def test_reset_forgets_all_but_the_system_turn_and_unknown_commands_are_told() -> None:
    speaker, notes = Echo(), io.StringIO()
    talk(
        speaker, reading("a", "/reset", "b", "/rest x", " /etc is a folder?", "/help"), io.StringIO(), notes, system="s"
    )
    assert [turn["content"] for turn in speaker.seen[1]] == ["s", "b"]
    assert speaker.seen[2][-1]["content"] == " /etc is a folder?"
    assert "the conversation is forgotten" in notes.getvalue()
    assert "/rest is no command" in notes.getvalue()
    assert len(speaker.seen) == 3


def test_ctrl_c_at_the_prompt_is_no_end() -> None:
    speaker, notes = Echo(), io.StringIO()
    talk(speaker, reading(KeyboardInterrupt, "a"), io.StringIO(), notes)
    assert len(speaker.seen) == 1
    assert HELP in notes.getvalue()


def test_a_question_that_cannot_be_answered_leaves_the_conversation_as_it_was() -> None:
    speaker, notes = Echo("one", RowError("prompt_too_long", "the conversation has 9 tokens")), io.StringIO()
    turns = talk(speaker, reading("a", "b", "c"), io.StringIO(), notes)
    assert "the conversation has 9 tokens; /reset begins anew" in notes.getvalue()
    assert [turn["content"] for turn in turns] == ["a", "one", "c", "heard c"]


def test_control_characters_of_an_answer_never_reach_the_terminal() -> None:
    out, notes = io.StringIO(), io.StringIO()
    speaker = Echo("\x1b[2Jcleared\x07\r", RowError("template_refused", "no \x1b[31m turn"))
    talk(speaker, reading("a", "b"), out, notes)
    assert out.getvalue() == "\\x1b[2Jcleared\\x07\\x0d\n"
    assert "\x1b" not in notes.getvalue()


def test_thoughts_are_shown_and_left_out_of_what_the_next_turn_sees() -> None:
    speaker, out, notes = Echo("<think>2 and 2</think>\n\n4", "no end …"), io.StringIO(), io.StringIO()
    turns = talk(speaker, reading("a", "b"), out, notes)
    assert out.getvalue().startswith("<think>2 and 2</think>")
    assert turns[1]["content"] == "4"
    assert "cut after 3 tokens; --max-tokens allows more" in notes.getvalue()


@given(st.text(max_size=40), st.integers(1, 5))
def test_pieces_make_up_the_text_whatever_the_tokens_are(text: str, size: int) -> None:
    data = [*text.encode()]
    said: list[str] = []
    pieces = Pieces(lambda tokens: bytes(tokens).decode("utf-8", "replace"), said.append)
    for start in range(0, len(data), size):
        pieces.add(*data[start : start + size])
    assert pieces.end() == "".join(said) == text.rstrip("\ufffd")
    assert all(piece for piece in said)


def test_a_word_that_gets_its_space_from_the_one_before_keeps_it() -> None:
    words = ["one", "two", "three"]
    said: list[str] = []
    pieces = Pieces(lambda tokens: " ".join(words[token] for token in tokens), said.append)
    for token in range(3):
        pieces.add(token)
    assert pieces.end() == "one two three"
    assert said == ["one", " two", " three"]


@pytest.fixture(scope="module")
def speaker(tiny_model: Path) -> Any:
    return open_speaker(str(tiny_model), device="cpu", decoding=Decoding(max_tokens=12))


def test_what_is_said_is_what_predict_writes(speaker: Any, tiny_model: Path) -> None:
    from tunesmith.evaluate.predict_transformers import load_backend

    asked = ({"role": "user", "content": "什么是高血压？"},)
    said: list[str] = []
    written = speaker.answer(asked, said.append)
    ((answer,),) = load_backend(str(tiny_model), device="cpu").generate([[Prompt(asked)]], Decoding(max_tokens=12))
    assert written.text == "".join(said) == answer.text
    assert (written.finish, written.n_tokens, written.n_prompt_tokens) == (
        answer.finish_reason, answer.tokens, answer.prompt_tokens,
    )  # fmt: skip


def test_ctrl_c_ends_an_answer_and_the_next_is_whole(speaker: Any) -> None:
    asked = ({"role": "user", "content": "a"},)
    whole = speaker.answer(asked, lambda piece: None)
    pieces: list[str] = []

    def stop(piece: str) -> None:
        pieces.append(piece)
        if len(pieces) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        stopped = speaker.answer(asked, stop)
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped.finish == "interrupted"
    assert 0 < stopped.n_tokens < whole.n_tokens
    assert speaker.answer(asked, lambda piece: None) == whole


def test_a_conversation_longer_than_the_model_takes_is_told(speaker: Any) -> None:
    with pytest.raises(RowError, match=r"the conversation has [\d,]+ tokens, the model takes 1,024 with the answer"):
        speaker.answer(({"role": "user", "content": "高血压" * 2_000},), lambda piece: None)


def test_the_same_seed_samples_the_same(tiny_model: Path) -> None:
    def answers(seed: int) -> list[str]:
        decoding = Decoding(1.0, 0.95, 8, seed)
        speaker = open_speaker(str(tiny_model), device="cpu", decoding=decoding)
        return [say_once(speaker, "hello", None).text for _ in range(2)]

    assert answers(1) == answers(1) != answers(2)


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose adapter changes what the model says."""
    import peft
    import torch
    import transformers

    run = tmp_path_factory.mktemp("chat-run") / "tuned"
    base = transformers.AutoModelForCausalLM.from_pretrained(tiny_model)
    torch.manual_seed(1)
    config = peft.LoraConfig(r=12, lora_alpha=64, target_modules="all-linear", init_lora_weights=False)
    adapted = peft.get_peft_model(base, config)
    adapted.save_pretrained(str(run / "model"))
    transformers.AutoTokenizer.from_pretrained(tiny_model).save_pretrained(run / "model")
    manifest = {"mark": {"settings": {"max_length": 128}}}
    (run / "manifest.json").write_text(json.dumps(manifest))
    return run


def test_a_run_answers_with_its_adapter(adapter: Path, speaker: Any) -> None:
    tuned = open_speaker(str(adapter), device="cpu", decoding=Decoding(max_tokens=12))
    assert say_once(tuned, "a", None).text != say_once(speaker, "a", None).text
    assert model_of(str(adapter)) == str(adapter / "model")


def test_a_merged_run_answers_as_its_adapter_does(adapter: Path, tmp_path: Path) -> None:
    found = merge_run(adapter, tmp_path / "merged")
    assert found["adapter"] == str(adapter / "model")
    decoding = Decoding(max_tokens=12)
    answers = [
        say_once(open_speaker(str(name), device="cpu", decoding=decoding), "a", None).text
        for name in (adapter, tmp_path / "merged")
    ]
    assert answers[0] == answers[1]
    with pytest.raises(OutputError, match="holds a model already"):
        merge_run(adapter, tmp_path / "merged")
    merge_run(adapter, tmp_path / "merged", replace=True)
    with pytest.raises(InputError, match="is a whole model, with nothing to merge"):
        merge_run(tmp_path / "merged", tmp_path / "again")
    with pytest.raises(OutputError, match="is not empty and no merged model"):
        merge_run(adapter, adapter, replace=True)
    with pytest.raises(InputError, match="expected the dtype auto"):
        merge_run(adapter, tmp_path / "x", dtype="int4")


def test_a_run_without_a_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="is a run folder without a model"):
        model_of(str(tmp_path))
    with pytest.raises(InputError, match="holds no adapter"):
        merge_run(tmp_path, tmp_path / "out")


def test_the_serving_line_of_an_adapter_names_base_rank_length_and_template(adapter: Path, tiny_model: Path) -> None:
    line = serve_line(adapter)
    assert line.startswith(f"vllm serve {tiny_model} --enable-lora --lora-modules tuned={adapter / 'model'} ")
    assert "--max-lora-rank 16 --max-model-len 256" in line
    assert line.endswith(f"--chat-template {adapter / 'model' / 'chat_template.jinja'}")
    assert "--max-model-len 512" in serve_line(adapter, max_model_len=512)


def test_an_adapter_that_vllm_refuses_is_merged_first(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "model").mkdir(parents=True)
    settings = json.loads((adapter / "model" / "adapter_config.json").read_text())
    (tmp_path / "run" / "model" / "adapter_config.json").write_text(json.dumps({**settings, "use_dora": True}))
    line = serve_line(tmp_path / "run")
    merged = tmp_path / "run" / "merged"
    assert line == (
        f"tunesmith train merge {tmp_path / 'run'} --out {merged} && vllm serve {merged} --served-model-name run"
    )


def test_a_whole_model_is_served_by_its_folder_and_quoted(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "my run").symlink_to(tiny_model)
    assert serve_line(tmp_path / "my run").startswith(
        f"vllm serve '{tmp_path / 'my run'}' --served-model-name 'my run'"
    )
    with pytest.raises(InputError, match="holds no model"):
        serve_line(tmp_path)


def test_a_pipe_is_one_prompt_and_the_answer_alone_is_printed(tiny_model: Path, tmp_path: Path, speaker: Any) -> None:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tunesmith.cli",
        "train",
        "chat",
        str(tiny_model),
        "--device",
        "cpu",
    ]
    done = subprocess.run(
        [*command, "--max-tokens", "12"],
        input="什么是\n高血压？\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    out = io.StringIO()
    say_once(speaker, "什么是\n高血压？", out)
    assert done.stdout == out.getvalue()
