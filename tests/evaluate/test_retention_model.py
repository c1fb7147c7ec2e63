"""Tiny models on real questions: the answers of lm-evaluation-harness called directly, and what edits make wrong."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("lm_eval")

from tunesmith.curate.endpoint_requests import Reply, Request  # noqa: E402
from tunesmith.curate.score_model import LocalModel  # noqa: E402
from tunesmith.errors import InputError  # noqa: E402
from tunesmith.evaluate.bits import losses_of, windows_of  # noqa: E402
from tunesmith.evaluate.retention import Plan, measure_retention  # noqa: E402
from tunesmith.evaluate.retention_files import read_subjects  # noqa: E402
from tunesmith.evaluate.retention_local import LocalSystem, local_systems  # noqa: E402
from tunesmith.evaluate.retention_server import ServerSystem  # noqa: E402
from tunesmith.evaluate.retention_text_files import Texts  # noqa: E402
from tunesmith.evaluate.retention_types import NamedTask, Settings, Subject  # noqa: E402

LIMIT = 256  # tokens that the tiny models take
SUBJECTS = ("anatomy", "college_medicine")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads cost tiny models more than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Folders `base`, `other` (other weights), `unused` (base but for weights that no text reaches), `adapter`."""
    from tokenizers import ByteLevelBPETokenizer

    folder = tmp_path_factory.mktemp("tiny")
    core = ByteLevelBPETokenizer()
    texts = [(shared_data / "cmmlu" / "dev" / f"{name}.csv").read_text(encoding="utf-8") for name in SUBJECTS]
    special = ["<s>", "</s>", "<unused>"]
    core.train_from_iterator([*texts, " A B C D" * 50], vocab_size=500, special_tokens=special, show_progress=False)
    marks = {"bos_token": "<s>", "eos_token": "</s>"}
    tokenizer: Any = transformers.PreTrainedTokenizerFast(tokenizer_object=core._tokenizer, **marks)
    for seed, name in enumerate(("base", "other")):
        torch.manual_seed(seed)
        model = llama()
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "base")
    with torch.no_grad():
        model.get_input_embeddings().weight[2] += 1.0
    model.save_pretrained(folder / "unused")
    tokenizer.save_pretrained(folder / "unused")
    adapt(folder)
    return folder


def llama() -> Any:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    ids = {"vocab_size": 500, "bos_token_id": 0, "eos_token_id": 1}
    config = transformers.LlamaConfig(max_position_embeddings=LIMIT, initializer_range=0.3, **sizes, **ids)
    return transformers.LlamaForCausalLM(config)


def adapt(folder: Path) -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(7)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "base")
    config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(model, config).save_pretrained(str(folder / "adapter"))


def system(tiny: Path, name: str, adapter: str | None = None) -> LocalSystem:
    return LocalSystem(str(tiny / name), str(tiny / adapter) if adapter else None, device="cpu", batch_size=16)


@pytest.fixture(scope="module")
def subjects(shared_data: Path) -> list[Subject]:
    files = [str(shared_data / "cmmlu" / "test" / f"{name}.csv") for name in SUBJECTS]
    return [one for path in files for one in read_subjects(path, shots=2, limit=12)]


# as the harness's own task for CMMLU puts it, but for the introduction, which there names the subject in Chinese
HARNESS_TASK = """
task: direct_{name}
dataset_path: csv
dataset_kwargs: {{data_files: {{test: {folder}/test/{name}.csv, dev: {folder}/dev/{name}.csv}}, cache_dir: {cache}}}
test_split: test
fewshot_split: dev
fewshot_config: {{sampler: first_n}}
num_fewshot: 2
output_type: multiple_choice
description: "以下是单项选择题，请直接给出正确答案的选项。\\n\\n"
doc_to_text: "{{{{Question.strip()}}}}\\nA. {{{{A}}}}\\nB. {{{{B}}}}\\nC. {{{{C}}}}\\nD. {{{{D}}}}\\n答案："
doc_to_choice: ["A", "B", "C", "D"]
doc_to_target: "{{{{['A', 'B', 'C', 'D'].index(Answer)}}}}"
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
"""


def harness_task(name: str, shared_data: Path, folder: Path) -> Path:
    path = folder / f"direct_{name}.yaml"
    text = HARNESS_TASK.format(name=name, folder=shared_data / "cmmlu", cache=folder / "cache")
    path.write_text(text, encoding="utf-8")
    return path


def directly(model: Path, tasks: list[Path], *, limit: int) -> Any:
    """The harness by itself, which loads the model by itself."""
    from lm_eval import evaluator
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(tasks[0].parent), include_defaults=False)
    given = {"pretrained": str(model), "dtype": "float32", "device": "cpu", "batch_size": 5}
    names = [path.stem for path in tasks]
    evaluate: Any = evaluator.simple_evaluate
    with redirect_stderr(io.StringIO()):
        return evaluate("hf", model_args=given, tasks=names, task_manager=manager, limit=limit, bootstrap_iters=0)


def test_accuracy_and_every_answer_are_those_of_the_harness_called_directly(
    tiny: Path, subjects: list[Subject], shared_data: Path, tmp_path: Path
) -> None:
    tasks = [harness_task(name, shared_data, tmp_path) for name in SUBJECTS]
    theirs = directly(tiny / "base", tasks, limit=12)
    ours = system(tiny, "base")
    for subject, task in zip(subjects, tasks):
        (found,) = ours.answers(subject, Settings())
        samples = theirs["samples"][task.stem]
        assert [item.correct for item in found.items] == [sample["acc"] == 1.0 for sample in samples]
        scores = [[response[0][0] for response in sample["resps"]] for sample in samples]
        assert [item.answer for item in found.items] == ["ABCD"[row.index(max(row))] for row in scores]
        accuracy = sum(bool(item.correct) for item in found.items) / 12
        assert accuracy == theirs["results"][task.stem]["acc,none"]
    # a task in the harness's own words gives the same through us, prompts included
    (named,) = ours.answers(NamedTask(str(tasks[0])), Settings(limit=12))
    (asked,) = ours.answers(subjects[0], Settings())
    assert [item[1:5] for item in named.items] == [item[1:5] for item in asked.items]
    assert (named.subject, named.left_out) == ("direct_anatomy", 136)


class EchoOf:
    """A server with a tiny model behind it, which echoes texts with the log-probability of each token."""

    url, model = "http://127.0.0.1:1/v1", "tiny"

    def __init__(self, folder: Path) -> None:
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.network = transformers.AutoModelForCausalLM.from_pretrained(folder)

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            ids = self.tokenizer.encode(request.body["prompt"])
            with torch.inference_mode():
                table = self.network(torch.tensor([ids])).logits[0].double().log_softmax(-1)
            values = [None, *(table[i - 1, ids[i]].item() for i in range(1, len(ids))), -1.0]
            tokens = [self.tokenizer.decode([token]) for token in ids]
            yield Reply({"choices": [{"logprobs": {"tokens": [*tokens, "!"], "token_logprobs": values}}]})


def test_a_server_that_echoes_gives_the_answers_of_the_same_model_loaded_here(
    tiny: Path, subjects: list[Subject]
) -> None:
    # without examples, as this server would not cut a long prompt
    plain = subjects[0]._replace(shots=())
    (here,) = system(tiny, "base").answers(plain, Settings())
    (there,) = ServerSystem(EchoOf(tiny / "base")).answers(plain, Settings())
    assert here.cut == 0
    assert there.items == here.items


def test_with_an_adapter_the_model_without_it_is_what_was_there_before(
    tiny: Path, subjects: list[Subject], tmp_path: Path
) -> None:
    before, after = local_systems(str(tiny / "base"), str(tiny / "adapter"), None, device="cpu", batch_size=16)
    assert before is not None
    result = measure_retention(Plan(before, after, subjects), tmp_path)
    (alone,) = system(tiny, "base").answers(subjects[0], Settings())
    (tuned,) = system(tiny, "base", "adapter").answers(subjects[0], Settings())
    pairs = [(b.correct, a.correct, b.id) for b, a in zip(alone.items, tuned.items)]
    anatomy = result["subjects"][0]
    assert anatomy["lost"] == [name for b, a, name in pairs if b and not a]
    assert anatomy["gained"] == [name for b, a, name in pairs if a and not b]
    assert anatomy["lost"] + anatomy["gained"]
    assert result["coverage"]["prompts_differ"] == 0
    # the folder of an adapter alone names its model
    again = local_systems(str(tiny / "adapter"), None, None, device="cpu")
    assert [one.name for one in again if one] == [before.name, after.name]
    assert again[1].identity() == after.identity()


def test_a_planted_forgetting_is_found_and_a_harmless_edit_is_retained(tiny: Path, tmp_path: Path) -> None:
    """The right answers are what the model before says: it knows them all, other weights know a part."""
    base = system(tiny, "base")
    drafts = [f"Number {i} is nearest to which?" for i in range(60)]
    path = tmp_path / "numbers.csv"
    write_questions(path, drafts, ["A"] * 60)
    (said,) = base.answers(read_subjects(str(path))[0], Settings())
    write_questions(path, drafts, [item.answer or "" for item in said.items])
    tasks = read_subjects(str(path))
    (other,) = system(tiny, "other").answers(tasks[0], Settings())
    expected = [item.id for item in other.items if not item.correct]
    assert len(expected) > 20
    forgot = measure_retention(Plan(base, system(tiny, "other"), tasks), tmp_path / "forgot")
    assert (forgot["overall"]["verdict"], forgot["overall"]["lost"]) == ("forgotten", expected)
    assert forgot["overall"]["before"] == 1.0
    kept = measure_retention(Plan(base, system(tiny, "unused"), tasks, margin=0.1), tmp_path / "kept")
    assert (kept["overall"]["verdict"], kept["overall"]["lost"]) == ("retained", [])


def write_questions(path: Path, questions: list[str], answers: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Question", "A", "B", "C", "D", "Answer"])
        for i, (question, answer) in enumerate(zip(questions, answers)):
            rows.writerow([question, i - 1, i, i * 7 % 60, i + 3, answer])


def test_braces_in_a_question_are_no_template(tiny: Path, tmp_path: Path) -> None:
    row = {"question": "What is {{ 7 * 7 }} {% if %}?", "choices": ["{{ text }}", "49"], "answer": 1}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n")
    (found,) = system(tiny, "base").answers(read_subjects(str(tmp_path / "q.jsonl"))[0], Settings())
    assert found.items[0].answer in ("A", "B")


def test_prompts_longer_than_the_model_takes_are_counted(tiny: Path, tmp_path: Path) -> None:
    rows = [{"question": "壁胸膜 " * size, "choices": ["甲", "乙"], "answer": 0} for size in (1, 400)]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = read_subjects(str(tmp_path / "q.jsonl"))[0]
    base = system(tiny, "base")
    (scored,) = base.answers(task, Settings())
    (written,) = base.answers(task, Settings("generate", max_tokens=4))
    assert (scored.cut, written.cut) == (1, 1)
    with pytest.raises(InputError, match=r"takes 256 tokens.*lower --max-tokens"):
        base.answers(task, Settings("generate", max_tokens=256))


def test_a_model_without_finite_numbers_fails_instead_of_choosing_the_first(
    tiny: Path, subjects: list[Subject], tmp_path: Path
) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny / "base")
    with torch.no_grad():
        model.lm_head.weight.fill_(math.nan)
    model.save_pretrained(tmp_path / "nan")
    transformers.AutoTokenizer.from_pretrained(tiny / "base").save_pretrained(tmp_path / "nan")
    broken = LocalSystem(str(tmp_path / "nan"), device="cpu", batch_size=16)
    (found,) = broken.answers(subjects[0], Settings())
    assert {(item.correct, item.answer, item.failure) for item in found.items} == {(None, None, "not_finite")}
    assert math.isnan(broken.losses(["abc"])[0].bits)


def test_a_task_that_the_harness_does_not_have_or_cannot_load_is_told(tiny: Path, tmp_path: Path) -> None:
    base = system(tiny, "base")
    (tmp_path / "hub.yaml").write_text("task: far\ndataset_path: nobody/nothing\noutput_type: multiple_choice\n")
    with pytest.raises(InputError, match=r"cannot be loaded .*give local files"):
        base.answers(NamedTask(str(tmp_path / "hub.yaml")), Settings())


def test_a_task_of_the_other_kind_names_the_mode_that_it_needs(tiny: Path, shared_data: Path, tmp_path: Path) -> None:
    task = harness_task("anatomy", shared_data, tmp_path)
    with pytest.raises(InputError, match="a task of the kind multiple_choice needs --mode loglikelihood"):
        system(tiny, "base").answers(NamedTask(str(task)), Settings("generate", max_tokens=4))


def test_what_is_no_model_is_told_before_anything_is_asked(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder, and cannot be found on the hub"):
        LocalSystem("nobody/nothing", device="cpu").identity()
    with pytest.raises(InputError, match="holds no model"):
        LocalSystem(str(tmp_path), device="cpu").identity()
    with pytest.raises(InputError, match="expected an adapter"):
        LocalSystem(str(tiny / "base"), str(tiny / "other"), device="cpu")


TEXT = "壁胸膜的分部不包括 A B C D，属于蝶骨上的结构为？" * 12


def test_bits_of_a_text_are_those_of_one_forward_pass_for_each_token(tiny: Path) -> None:
    ours = system(tiny, "base")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny / "base")
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny / "base")
    tokens = tokenizer.encode(TEXT, add_special_tokens=False)
    assert len(tokens) > LIMIT
    (found, short) = ours.losses([TEXT, "A"])
    nats = 0.0
    for one in windows_of(tokens, 0, LIMIT):
        whole = [*one.context, *one.answer]
        with torch.inference_mode():
            logits = model(torch.tensor([whole])).logits[0].double().log_softmax(-1)
        nats -= sum(logits[len(one.context) + i - 1, token].item() for i, token in enumerate(one.answer))
    assert found.bits == pytest.approx(nats / math.log(2), rel=1e-5)
    assert (found.bytes, found.tokens) == (len(TEXT.encode()), len(tokens))
    assert (short.bytes, short.tokens) == (1, 1)
    adapted = system(tiny, "base", "adapter").losses([TEXT])[0]
    assert adapted.bits != found.bits


@given(st.integers(0, 200), st.integers(2, 40))
def test_windows_count_every_token_once_with_at_least_half_a_window_before_it(size: int, limit: int) -> None:
    tokens = list(range(1, size + 1))
    windows = list(windows_of(tokens, 0, limit))
    assert [token for one in windows for token in one.answer] == tokens
    for one in windows:
        whole = [*one.context, *one.answer]
        assert whole == list(range(whole[0], whole[0] + len(whole)))
        assert len(whole) <= limit
        assert one.answer
        assert whole[0] == 0 or len(one.context) >= limit - max(1, limit // 2)


def test_bits_before_and_after_stand_in_the_result(tiny: Path, tmp_path: Path) -> None:
    texts = Texts(["t:1", "t:2"], ["A B C", "壁胸膜的分部"], 0, 0)
    plan = Plan(system(tiny, "base"), system(tiny, "base", "adapter"), [], texts=texts)
    bits = measure_retention(plan, tmp_path)["bits_per_byte"]
    losses = system(tiny, "base").losses(texts.texts)
    assert bits["before"] == pytest.approx(sum(loss.bits for loss in losses) / sum(loss.bytes for loss in losses))
    assert (bits["n"], bits["tokens"]) == (2, sum(loss.tokens for loss in losses))


def test_a_tokenizer_without_a_first_token_is_told(tiny: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny / "base")
    tokenizer.bos_token = tokenizer.eos_token = None
    with pytest.raises(InputError, match="neither a beginning-of-text nor an end-of-text"):
        losses_of(["a"], LocalModel(llama(), tokenizer, name="m"))
