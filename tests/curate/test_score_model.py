"""Losses of tiny models with random weights, against a slow, obvious computation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tunesmith.curate.records import Message, Record  # noqa: E402
from tunesmith.curate.score_model import LocalModel, load_model  # noqa: E402
from tunesmith.curate.score_rows import exchange_of  # noqa: E402
from tunesmith.curate.score_tokens import Sequence, Tokens, tokens_of  # noqa: E402
from tunesmith.errors import InputError  # noqa: E402

SPECIAL = ["<s>", "</s>", "<unk>"]
WORDS = [*SPECIAL, "user", "assistant", ":", "\n", "what", "is", "one", "and", "two", "?", "it", "three", "four", "发"]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{{ m.role }} : {{ m.content }} </s> {% endfor %}{% if add_generation_prompt %}assistant : {% endif %}"
)
SIZES = {"vocab_size": len(WORDS), "bos_token_id": 0, "eos_token_id": 1}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads cost tiny models more than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def word_tokenizer(*, bos: bool = True, template: str | None = None) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: number for number, word in enumerate(WORDS)}
    core = Tokenizer(models.WordLevel(vocabulary, WORDS[2]))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", "isolated"), pre_tokenizers.Split(" ", "removed")]
    )
    marks = {"unk_token": WORDS[2], "eos_token": WORDS[1]} | ({"bos_token": WORDS[0]} if bos else {})
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=core, **marks)
    made.chat_template = template
    return made


def llama(layers: int = 2) -> Any:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=layers, num_attention_heads=4,
        max_position_embeddings=64, initializer_range=0.5, **SIZES,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config)


def gpt2() -> Any:
    torch.manual_seed(1)
    config = transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.5, **SIZES)
    return transformers.GPT2LMHeadModel(config)


def loss_by_hand(model: Any, one: Sequence) -> float:
    """One forward pass for each token of the answer, with nothing after it."""
    tokens, total = list(one.context), 0.0
    for token in one.answer:
        logits = model(torch.tensor([tokens])).logits[0, -1].double()
        total -= torch.log_softmax(logits, 0)[token].item()
        tokens.append(token)
    return total / len(one.answer)


SEQUENCES = [
    Sequence([0, 7, 8, 9], [12, 8, 13]),
    Sequence([0], [3]),
    Sequence([0, *range(3, 17)], [14, 5, 5, 9, 12, 13, 7, 7, 7]),
    Sequence([0, 15, 16], [*range(3, 17)] * 2),
    Sequence([0] * 50, [2]),
]


@pytest.mark.parametrize("make", [llama, gpt2])
@pytest.mark.parametrize("batch_tokens", [1, 64, 100_000])
def test_batched_losses_equal_single_ones(make: Callable[[], Any], batch_tokens: int) -> None:
    made = make()
    found = LocalModel(made, word_tokenizer(), name="tiny", batch_tokens=batch_tokens).mean_losses(SEQUENCES)
    with torch.no_grad():
        assert found == pytest.approx([loss_by_hand(made, one) for one in SEQUENCES], abs=1e-4)


def test_a_model_that_cannot_keep_some_logits_gives_the_same_losses() -> None:
    made = llama()
    plain = LocalModel(made, word_tokenizer(), name="tiny").mean_losses(SEQUENCES)
    forward = made.forward
    made.forward = lambda input_ids, attention_mask, use_cache: forward(input_ids, attention_mask)
    assert LocalModel(made, word_tokenizer(), name="tiny").mean_losses(SEQUENCES) == pytest.approx(plain, abs=1e-5)


def test_where_only_the_last_token_counts_the_prompt_helps_nothing_and_the_difficulty_is_one() -> None:
    model = LocalModel(llama(layers=0), word_tokenizer(template=TEMPLATE), name="tiny")
    tokens = tokens_of(exchange_of(asked("one and two ?", "it is three")), model.tokenizer, limit=64)
    assert tokens.given is not None
    assert tokens.alone is not None
    given, alone = model.mean_losses([tokens.given, tokens.alone])
    assert given / alone == pytest.approx(1, abs=1e-6)


def asked(*texts: str) -> Record:
    roles = ("user", "assistant")
    return Record("sft", tuple(Message(roles[i % 2], text) for i, text in enumerate(texts)))


def words(tokens: Tokens) -> tuple[str, ...]:
    assert tokens.given is not None
    sequences = (tokens.given, tokens.alone) if tokens.alone else (tokens.given,)
    return tuple(" ".join(WORDS[token] for token in part) for one in sequences for part in one)


def test_under_a_template_the_answer_alone_has_the_beginning_and_the_header() -> None:
    exchange = exchange_of(asked("one ?", "it", "two ?", "three four"))
    assert words(tokens_of(exchange, word_tokenizer(template=TEMPLATE), limit=64)) == (
        "<s> user : one ? </s> assistant : it </s> user : two ? </s> assistant :",
        "three four",
        "<s> assistant :",
        "three four",
    )


def test_without_a_template_prompt_and_answer_follow_the_beginning() -> None:
    assert words(tokens_of(exchange_of(asked("one and two ?", "it is")), word_tokenizer(), limit=64)) == (
        "<s> one and two ? \n",
        "it is",
        "<s>",
        "it is",
    )


def test_without_a_beginning_the_first_token_counts_in_neither_loss() -> None:
    found = words(tokens_of(exchange_of(asked("one and", "it is three")), word_tokenizer(bos=False), limit=64))
    assert found == ("one and \n it", "is three", "it", "is three")
    assert tokens_of(exchange_of(asked("one", "it")), word_tokenizer(bos=False), limit=64).reason == "one_token"


def test_a_text_has_a_loss_and_no_difficulty() -> None:
    found = tokens_of(exchange_of(Record("text", text="one and two")), word_tokenizer(template=TEMPLATE), limit=64)
    assert words(found) == ("<s>", "one and two")
    assert found.alone is None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (asked("one ?"), "no_answer"),
        (asked("one ?", " \n"), "no_answer"),
        (Record("sft", (Message("system", "is"), Message("user", "one"), Message("assistant", "it"))), "template"),
        (asked("one ?", "it " * 60), "too_long"),
        (asked("one " * 60, "it"), "too_long"),
    ],
)
def test_a_row_that_cannot_be_scored_says_why(record: Record, reason: str) -> None:
    found = tokens_of(exchange_of(record), word_tokenizer(template=TEMPLATE), limit=40)
    assert found == Tokens(None, None, reason)


def test_cutting_takes_the_oldest_of_the_prompt_and_never_of_the_answer() -> None:
    exchange = exchange_of(asked("one two three four and", "it is"))
    whole = tokens_of(exchange, word_tokenizer(), limit=9, cut=True)
    assert (whole.cut, words(whole)[0]) == (0, "<s> one two three four and \n")
    found = tokens_of(exchange, word_tokenizer(), limit=5, cut=True)
    assert (found.cut, words(found)[:2]) == (4, ("<s> and \n", "it is"))
    assert tokens_of(exchange, word_tokenizer(), limit=3, cut=True).reason == "too_long"


def test_a_model_is_loaded_from_its_folder_and_knows_itself(tmp_path: Path) -> None:
    made = llama()
    made.save_pretrained(tmp_path)
    word_tokenizer(template=TEMPLATE).save_pretrained(tmp_path)
    model = load_model(str(tmp_path), device="cpu")
    assert model.limit == 64
    assert model.settings()["dtype"] == "float32"
    assert model.mean_losses(SEQUENCES) == LocalModel(made, word_tokenizer(), name="").mean_losses(SEQUENCES)
    before = model.settings()
    with torch.no_grad():
        made.lm_head.weight[0, 0] += 1
    made.save_pretrained(tmp_path)
    assert load_model(str(tmp_path), device="cpu").settings()["weights"] != before["weights"]


def test_a_model_without_its_head_is_refused_instead_of_filled_at_random(tmp_path: Path) -> None:
    llama().model.save_pretrained(tmp_path)
    word_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"has no weights for lm_head.weight; name a causal language model"):
        load_model(str(tmp_path), device="cpu")


def test_what_is_no_model_is_said_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be loaded .*; give the folder of a causal language model"):
        load_model(str(tmp_path))
    with pytest.raises(InputError, match="saw 'int8'; correct --dtype"):
        load_model(str(tmp_path), dtype="int8")
