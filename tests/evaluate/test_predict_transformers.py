"""Tiny models with random weights: batches, ends, stops, sampling, adapters, and everything that cannot be loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from tunesmith.errors import InputError  # noqa: E402
from tunesmith.evaluate.predict import predict  # noqa: E402
from tunesmith.evaluate.predict_backend import Answer, Decoding, Prompt  # noqa: E402
from tunesmith.evaluate.predict_questions import read_questions  # noqa: E402
from tunesmith.evaluate.predict_template import Template  # noqa: E402
from tunesmith.evaluate.predict_transformers import TransformersBackend, _Sampler, load_backend  # noqa: E402

MARKS = ["<unk>", "<s>", "</s>", "<|end|>", "<think>"]
WORDS = [
    *MARKS,
    "user",
    "assistant",
    ":",
    "one",
    "two",
    "three",
    "and",
    "is",
    "?",
    "四",
    "五",
    "六",
    "a",
    "b",
    "c",
    "d",
]
TEMPLATE = (
    "<s>{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    " {{ m.role }} : {{ m.content }} <|end|>{% endfor %}"
    "{% if add_generation_prompt %} assistant :{% if thinking %} <think>{% endif %}{% endif %}"
)
ROOM = 48


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads cost tiny models more than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def word_tokenizer(template: str | None = TEMPLATE) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    core = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, "<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    marks = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=ROOM, **marks)
    made.add_special_tokens({"additional_special_tokens": ["<|end|>"]})
    made.chat_template = template
    return made


def llama(seed: int = 0, **more: Any) -> Any:
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=len(WORDS), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=ROOM, initializer_range=0.5, bos_token_id=1, eos_token_id=2, **more,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config)


def gpt2(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    config = transformers.GPT2Config(
        vocab_size=len(WORDS), n_embd=32, n_layer=2, n_head=4, n_positions=ROOM, initializer_range=0.5,
        bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return transformers.GPT2LMHeadModel(config)


def saved(folder: Path, model: Any, template: str | None = TEMPLATE) -> str:
    model.save_pretrained(folder)
    word_tokenizer(template).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("llama"), llama())


@pytest.fixture(scope="module")
def gpt2_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("gpt2"), gpt2())


def adapter(folder: Path, model: Any, *, seed: int = 1, target: str = "q_proj") -> Path:
    torch.manual_seed(seed)
    config = peft.LoraConfig(r=4, target_modules=[target, "o_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    peft.get_peft_model(model, config).save_pretrained(folder)
    return folder


def asked(*texts: str) -> list[Prompt]:
    return [Prompt(({"role": "user", "content": text},)) for text in texts]


PROMPTS = asked(
    "one", "one and two ?", "四 五 六 四 五 六 四 五 六 ?", "two is two and three is three ?", "?", "a b c d", "六"
)


def answers(backend: TransformersBackend, prompts: list[Prompt], decoding: Decoding) -> list[Answer]:
    batches = backend.batches(prompts, decoding)
    assert sorted(number for batch in batches for number in batch) == list(range(len(prompts)))
    found: dict[int, Answer] = {}
    for batch, written in zip(batches, backend.generate(([prompts[n] for n in b] for b in batches), decoding)):
        found |= zip(batch, written)
    return [found[number] for number in range(len(prompts))]


def by_hand(folder: str, prompt: Prompt, decoding: Decoding) -> tuple[str, str]:
    """One token at a time, no batch, no padding, no cache."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = tokenizer.apply_chat_template(list(prompt.messages), add_generation_prompt=True, tokenize=False)
    tokens, written = tokenizer.encode(text, add_special_tokens=False), []
    with torch.no_grad():
        for _ in range(decoding.max_tokens):
            best = int(model(torch.tensor([tokens])).logits[0, -1].argmax())
            if best in (2, 3):
                return tokenizer.decode(written, skip_special_tokens=True), "stop"
            tokens.append(best)
            written.append(best)
    return tokenizer.decode(written, skip_special_tokens=True), "length"


@pytest.mark.parametrize("name", ["llama_folder", "gpt2_folder"])
def test_answers_are_the_same_in_any_batch_and_as_computed_by_hand(name: str, request: pytest.FixtureRequest) -> None:
    folder, decoding = request.getfixturevalue(name), Decoding(max_tokens=12)
    expected = [by_hand(folder, prompt, decoding) for prompt in PROMPTS]
    assert len({text for text, _ in expected}) > 4
    for batch_tokens in (1, 80, 10_000):
        found = answers(load_backend(folder, device="cpu", batch_tokens=batch_tokens), PROMPTS, decoding)
        assert [(one.text, one.finish_reason) for one in found] == expected


def test_a_batch_holds_as_many_as_the_tokens_allow_the_longest_first(llama_folder: str) -> None:
    decoding = Decoding(max_tokens=8)
    sizes = [len(prompt.messages[0]["content"].split()) + 6 for prompt in PROMPTS]
    batches = load_backend(llama_folder, device="cpu", batch_tokens=60).batches(PROMPTS, decoding)
    assert [sizes[batch[0]] for batch in batches] == sorted([sizes[batch[0]] for batch in batches], reverse=True)
    assert all(len(batch) * (sizes[batch[0]] + 8) <= 60 for batch in batches)
    assert len(batches) < len(PROMPTS)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_nothing_of_a_models_own_generation_settings_is_used(tmp_path: Path, temperature: float) -> None:
    decoding = Decoding(temperature, max_tokens=10)
    plain = saved(tmp_path / "plain", llama())
    spoiled = llama()
    spoiled.generation_config = transformers.GenerationConfig(
        do_sample=True, temperature=2.0, top_k=3, repetition_penalty=5.0, min_new_tokens=9, max_length=3, eos_token_id=2
    )
    found = [
        answers(load_backend(one, device="cpu"), PROMPTS, decoding) for one in (plain, saved(tmp_path / "s", spoiled))
    ]
    assert found[0] == found[1]


def test_an_answer_ends_where_the_template_ends_a_turn_although_the_model_names_another_end(llama_folder: str) -> None:
    backend = load_backend(llama_folder, device="cpu")
    assert backend.settings()["ends"] == [2, 3]
    found = answers(backend, PROMPTS, Decoding(max_tokens=30))
    assert {one.finish_reason for one in found} == {"stop", "length"}
    assert not any("<|end|>" in (one.text or "") or "</s>" in (one.text or "") for one in found)


def test_tokens_of_prompt_and_answer_are_counted(llama_folder: str) -> None:
    (one,) = answers(load_backend(llama_folder, device="cpu"), asked("one and two ?"), Decoding(max_tokens=3))
    assert (one.prompt_tokens, one.tokens, one.finish_reason) == (10, 3, "length")


def test_a_prompt_that_does_not_fit_is_null_and_a_tight_one_has_less_room(llama_folder: str, gpt2_folder: str) -> None:
    for folder in (llama_folder, gpt2_folder):  # learned positions end: one too many would be a crash
        prompts = asked(" ".join(["one"] * 50), "one", " ".join(["two"] * (ROOM - 10)), " ".join(["a"] * (ROOM - 6)))
        long, short, tight, full = answers(load_backend(folder, device="cpu"), prompts, Decoding(max_tokens=30))
        assert (long.text, long.failure) == (None, "prompt_too_long")
        assert long.detail == f"the prompt has 56 tokens, the model takes {ROOM} with the answer"
        assert short.failure is None
        assert (tight.tokens or 0) <= 4
        assert full.failure == "prompt_too_long"


@pytest.mark.parametrize("name", ["llama_folder", "gpt2_folder"])
def test_where_room_is_scarce_answers_are_still_the_same_in_any_batch(
    name: str, request: pytest.FixtureRequest
) -> None:
    folder, decoding = request.getfixturevalue(name), Decoding(max_tokens=ROOM)
    prompts = [*PROMPTS, *asked("b ?", "c ?", "d ?", "three and three ?")]
    together, alone = (load_backend(folder, device="cpu", batch_tokens=size) for size in (10_000, 1))
    assert max(map(len, together.batches(prompts, decoding))) >= 3
    assert answers(together, prompts, decoding) == answers(alone, prompts, decoding)


def test_a_template_that_changes_what_is_said_gives_no_end(llama_folder: str, tmp_path: Path) -> None:
    (tmp_path / "loud.jinja").write_text(TEMPLATE.replace("m.content", "m.content | upper"))
    assert load_backend(llama_folder, device="cpu", template=str(tmp_path / "loud.jinja")).settings()["ends"] == [2]


def test_a_conversation_that_the_template_refuses_is_null(llama_folder: str) -> None:
    prompts = [Prompt(({"role": "system", "content": "Be brief."},)), *asked("one")]
    refused, answered = answers(load_backend(llama_folder, device="cpu"), prompts, Decoding(max_tokens=3))
    assert (refused.text, refused.failure, answered.failure) == (None, "template_refused", None)
    assert "no system" in refused.detail


def test_a_stop_text_ends_an_answer_and_is_left_out(llama_folder: str) -> None:
    free = answers(load_backend(llama_folder, device="cpu"), PROMPTS, Decoding(max_tokens=20))
    text = max((one.text or "" for one in free), key=lambda text: len(set(text.split())))
    stop = " ".join(text.split()[2:4])
    for batch_tokens in (1, 10_000):
        backend = load_backend(llama_folder, device="cpu", batch_tokens=batch_tokens)
        found = answers(backend, PROMPTS, Decoding(max_tokens=20, stop=(stop, "never")))
        for one, whole in zip(found, free):
            assert one.text == (whole.text or "").partition(stop)[0]
            assert one.finish_reason == ("stop" if stop in (whole.text or "") else whole.finish_reason)
        assert sum(a.tokens != b.tokens for a, b in zip(found, free)) > 0


def test_a_template_that_opens_a_thought_gives_answers_with_its_mark(llama_folder: str) -> None:
    backend = load_backend(llama_folder, device="cpu", template_settings={"thinking": True})
    (one,) = answers(backend, asked("one"), Decoding(max_tokens=4))
    assert (one.text or "").startswith("<think>\n")
    assert backend.settings()["template_hash"] != load_backend(llama_folder, device="cpu").settings()["template_hash"]


def test_sampled_answers_depend_on_seed_and_prompt_and_not_on_the_batch(llama_folder: str) -> None:
    backends = [load_backend(llama_folder, device="cpu", batch_tokens=size) for size in (1, 80, 10_000)]
    found = [answers(backend, PROMPTS, Decoding(1.0, max_tokens=12, seed=5)) for backend in backends]
    assert found[0] == found[1] == found[2]
    assert found[0] != answers(backends[0], PROMPTS, Decoding(1.0, max_tokens=12, seed=6))
    assert found[0] != answers(backends[0], PROMPTS, Decoding(max_tokens=12))


def test_the_sampler_draws_each_token_as_often_as_it_is_likely() -> None:
    n, likely = 2000, torch.tensor([0.1, 0.4, 0.2, 0.3])
    scores = (likely.log() * 2).expand(n, 4)  # at temperature 2 these are the probabilities
    for top_p, expected in ((1.0, [0.1, 0.4, 0.2, 0.3]), (0.6, [0.0, 4 / 7, 0.0, 3 / 7]), (0.01, [0.0, 1.0, 0.0, 0.0])):
        sampler = _Sampler([[number] for number in range(n)], Decoding(2.0, top_p))
        drawn = Counter(sampler(None, scores).argmax(-1).tolist())
        for token, share in enumerate(expected):
            assert drawn[token] / n == pytest.approx(share, abs=4 * (share * (1 - share) / n) ** 0.5)


def test_an_adapter_changes_the_answers_and_has_a_hash(llama_folder: str, tmp_path: Path) -> None:
    base, decoding = load_backend(llama_folder, device="cpu"), Decoding(max_tokens=10)
    tuned = load_backend(llama_folder, device="cpu", adapter=adapter(tmp_path / "one", llama()))
    other = load_backend(llama_folder, device="cpu", adapter=adapter(tmp_path / "two", llama(), seed=2))
    told = [backend.settings() for backend in (base, tuned, other)]
    assert told[0]["adapter"] is None
    assert len({one["adapter"] for one in told}) == 3
    assert len({one["weights"] for one in told}) == 1
    found = [answers(backend, PROMPTS, decoding) for backend in (base, tuned, other)]
    assert found[0] != found[1] != found[2]
    again = load_backend(llama_folder, device="cpu", adapter=tmp_path / "one", batch_tokens=1)
    assert answers(again, PROMPTS, decoding) == found[1]


def test_a_merged_adapter_answers_as_the_adapter_does(llama_folder: str, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "lora", llama())
    base = transformers.AutoModelForCausalLM.from_pretrained(llama_folder)
    merged = saved(tmp_path / "merged", peft.PeftModel.from_pretrained(base, folder).merge_and_unload())
    decoding = Decoding(max_tokens=10)
    with_adapter = answers(load_backend(llama_folder, device="cpu", adapter=folder), PROMPTS, decoding)
    assert answers(load_backend(merged, device="cpu"), PROMPTS, decoding) == with_adapter


def test_an_adapter_that_does_not_fit_is_refused_and_not_left_out_in_silence(llama_folder: str, tmp_path: Path) -> None:
    wide = adapter(tmp_path / "wide", llama(num_key_value_heads=4, head_dim=16))
    with pytest.raises(InputError, match=r"the adapter cannot be loaded .*give the adapter and the model"):
        load_backend(llama_folder, device="cpu", adapter=wide)
    broken = adapter(tmp_path / "broken", llama())
    weights_file = broken / "adapter_model.safetensors"
    from safetensors.torch import load_file, save_file

    weights = load_file(weights_file)
    save_file({name.replace("layers.1", "layers.7"): value for name, value in weights.items()}, weights_file)
    with pytest.raises(InputError, match=r"has no weights for base_model.model.model.layers.1"):
        load_backend(llama_folder, device="cpu", adapter=broken)
    save_file(
        weights | {"base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight": torch.ones(4, 32)}, weights_file
    )
    with pytest.raises(InputError, match=r"the model has no place for base_model.model.model.layers.7"):
        load_backend(llama_folder, device="cpu", adapter=broken)
    with pytest.raises(InputError, match=r"expected the folder of a PEFT adapter; .*adapter_config.json"):
        load_backend(llama_folder, device="cpu", adapter=tmp_path)


def test_the_tokenizer_that_an_adapter_was_trained_with_is_used(llama_folder: str, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "lora", llama())
    plain = load_backend(llama_folder, device="cpu", adapter=folder).settings()
    word_tokenizer(TEMPLATE.replace(" user", " human")).save_pretrained(folder)
    assert (
        load_backend(llama_folder, device="cpu", adapter=folder).settings()["template_hash"] == plain["template_hash"]
    )
    word_tokenizer(TEMPLATE + "{# another #}").save_pretrained(folder)
    assert (
        load_backend(llama_folder, device="cpu", adapter=folder).settings()["template_hash"] != plain["template_hash"]
    )


def test_a_base_model_needs_to_be_told_how_it_is_asked(tmp_path: Path) -> None:
    folder = saved(tmp_path / "base", llama(), template=None)
    with pytest.raises(
        InputError, match=r"has no chat template; .*--template plain for a base model, or --template FILE"
    ):
        load_backend(folder, device="cpu")
    (tmp_path / "chat.jinja").write_text(TEMPLATE)
    hashes = set()
    for template, n_tokens in (("plain", 1), (str(tmp_path / "chat.jinja"), 7)):
        backend = load_backend(folder, device="cpu", template=template)
        (one,) = answers(backend, asked("one"), Decoding(max_tokens=3))
        assert one.prompt_tokens == n_tokens
        hashes.add(backend.settings()["template_hash"])
    assert len(hashes) == 2
    with pytest.raises(InputError, match="there is no such file"):
        load_backend(folder, device="cpu", template="chatml")


def headless(folder: Path) -> str:
    model = transformers.LlamaModel(llama().config)
    return saved(folder, model)


def with_more_words(folder: Path) -> str:
    llama().save_pretrained(folder)
    tokenizer = word_tokenizer()
    tokenizer.add_tokens(["sieben"])
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: str(folder / "nothing"), "cannot be loaded"),
        (headless, r"has no weights for lm_head.weight"),
        (with_more_words, "the tokenizer has 22 tokens, the model knows 21"),
    ],
)
def test_what_cannot_answer_is_refused(tmp_path: Path, make: Callable[[Path], str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_backend(make(tmp_path), device="cpu")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "int3"}, "expected the dtype"),
        ({"device": "quantum"}, "is not here .*--device auto"),
        ({"dtype": "bfloat16"}, None),
    ],
)
def test_dtypes_and_devices_are_checked(llama_folder: str, settings: dict[str, str], message: str | None) -> None:
    if message is None:
        assert load_backend(llama_folder, **{"device": "cpu", **settings}).settings()["dtype"] == settings["dtype"]  # type: ignore[arg-type]
        return
    with pytest.raises(InputError, match=message):
        load_backend(llama_folder, **{"device": "cpu", **settings})  # type: ignore[arg-type]


def test_memory_that_does_not_suffice_is_said_with_what_to_do(
    llama_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = load_backend(llama_folder, device="cpu", batch_tokens=4096)

    def out_of_memory(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(backend, "_run", out_of_memory)
    with pytest.raises(
        InputError, match="too little memory for a batch; add --batch-tokens 2048; what was answered is"
    ):
        answers(backend, PROMPTS, Decoding(max_tokens=8))
    with pytest.raises(InputError, match="add a shorter --max-tokens"):
        answers(backend, PROMPTS[:1], Decoding(max_tokens=8))


def test_a_model_whose_figures_break_down_gives_no_answers(tmp_path: Path) -> None:
    broken = llama()
    with torch.no_grad():
        broken.model.embed_tokens.weight[WORDS.index("六")] = float("nan")
    backend = load_backend(saved(tmp_path / "broken", broken), device="cpu")
    sick, fine = answers(backend, asked("六 ?", "one ?"), Decoding(max_tokens=5))
    assert (sick.text, sick.failure) == (None, "not_finite")
    assert "--dtype" in sick.detail
    assert fine.failure is None


def byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({letter: number for number, letter in enumerate(letters)}, []))
    core.pre_tokenizer, core.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=core)


def test_a_character_that_was_cut_in_its_bytes_is_left_out(llama_folder: str) -> None:
    backend, tokenizer = load_backend(llama_folder, device="cpu"), byte_tokenizer()
    loaded = replace(backend._loaded, tokenizer=tokenizer)
    cut = TransformersBackend(loaded, Template("plain"))
    row = tokenizer.encode("好的")[:5]
    assert cut._answer([1], row, None, Decoding()).text == "好"
    assert cut._answer([1], row, 5, Decoding()).text == "好\ufffd"  # it ended so by itself


def test_a_whole_run_writes_what_model_and_adapter_said(llama_folder: str, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(
        "".join(json.dumps({"id": i, "prompt": f"{w} ?"}) + "\n" for i, w in enumerate(WORDS))
    )
    questions, cache = read_questions(tmp_path / "set.jsonl"), tmp_path / "cache"
    lora = adapter(tmp_path / "lora", llama())
    written: dict[str, bytes] = {}
    how: dict[str, Any] = {"decoding": Decoding(max_tokens=8), "keep_thinking": True}
    for name, folder in (("before", None), ("after", lora)):
        backend = load_backend(llama_folder, device="cpu", adapter=folder, batch_tokens=100)
        done = predict(questions, backend, tmp_path / f"{name}.jsonl", **how, cache=cache)
        written[name] = done.path.read_bytes()
        assert done.counts["answered"] == len(WORDS)
        (tmp_path / f"{name}.jsonl").unlink()
        again = predict(questions, backend, tmp_path / f"{name}.jsonl", **how)  # no cache
        assert again.path.read_bytes() == written[name]
    assert written["before"] != written["after"]
