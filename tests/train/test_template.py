"""Opening a tokenizer and its chat template: what is wrong with one is told before anything is trained."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError
from tunesmith.train.template import open_template, template_of

CHATML = (Path(__file__).parent / "chat_templates" / "chatml.jinja").read_text(encoding="utf-8")
END, PAD = "<|im_end|>", "<|endoftext|>"


@pytest.fixture
def saved(tmp_path: Path, tiny_tokenizer: Any) -> Callable[..., str]:
    """The folder of a tokenizer with some things changed."""

    def save(*, template: Any = CHATML, adds_bos: bool = False, **marks: str | None) -> str:
        from tokenizers import Tokenizer
        from tokenizers.processors import TemplateProcessing
        from transformers import PreTrainedTokenizerFast

        core = Tokenizer.from_str(tiny_tokenizer.backend_tokenizer.to_str())
        if adds_bos:
            core.post_processor = TemplateProcessing(single="<|im_start|> $A", special_tokens=[("<|im_start|>", 1)])
        given = {"eos_token": END, "pad_token": PAD} | marks
        tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=core, **given)
        tokenizer.chat_template = template
        shutil.rmtree(tmp_path / "model", ignore_errors=True)
        tokenizer.save_pretrained(tmp_path / "model")
        return str(tmp_path / "model")

    return save


def codes(template: Any) -> set[str]:
    return {fact.code for fact in template.facts}


def test_a_folder_of_a_model_gives_its_tokenizer_and_its_template(tiny_model: Path) -> None:
    template = open_template(str(tiny_model))
    assert template.has_generation
    assert (template.end_marks, template.end_ids, template.bos_id) == ((END,), (2,), None)
    assert template.special == (PAD, "<|im_start|>", END)
    assert template.reasoning == "field"
    assert template.facts == ()


def test_a_template_from_a_file_replaces_that_of_the_model(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.jinja").write_text(CHATML, encoding="utf-8")
    template = open_template(str(tiny_model), template=tmp_path / "mine.jinja")
    assert template.source == CHATML
    assert not template.has_generation
    assert template.hash != open_template(str(tiny_model)).hash


def test_a_model_without_a_chat_template_says_what_to_do(saved: Callable[..., str]) -> None:
    folder = saved(template=None)
    with pytest.raises(InputError, match=r"no chat template; give one with --template FILE, or name the chat model"):
        open_template(folder)
    assert open_template(folder, chat=False).source == ""


def test_a_tokenizer_without_eos_is_refused(saved: Callable[..., str]) -> None:
    with pytest.raises(InputError, match="has no EOS token"):
        open_template(saved(eos_token=None))


def test_of_several_templates_the_default_and_the_one_for_tools_are_taken(saved: Callable[..., str]) -> None:
    several = {"default": CHATML, "tool_use": CHATML + "{# tools #}"}
    template = open_template(saved(template=several))
    assert template.source_for(None) == CHATML
    assert template.source_for([{}]) == CHATML + "{# tools #}"
    with pytest.raises(InputError, match="named rag, and none named default"):
        open_template(saved(template={"rag": CHATML}))


def test_a_template_that_is_no_jinja_names_the_line(saved: Callable[..., str]) -> None:
    with pytest.raises(InputError, match=r"line 2 of the template: the chat template is no Jinja"):
        open_template(saved(template="{% for m in messages %}\n{{ m.content }{% endfor %}"))


def test_what_a_person_should_know_of_a_tokenizer_is_noticed(saved: Callable[..., str]) -> None:
    assert codes(open_template(saved(pad_token=END))) == {"pad_is_eos"}
    assert codes(open_template(saved(pad_token=None))) == {"no_pad"}
    assert codes(open_template(saved(eos_token=PAD))) == {"pad_is_eos", "end_is_not_eos"}
    assert open_template(saved(eos_token=PAD)).end_marks == (END, PAD)
    bare = "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
    assert codes(open_template(saved(template=bare))) == {"no_end_token"}
    assert "writes_date" in codes(open_template(saved(template=CHATML + "{{ strftime_now('%d %b') }}")))


def test_a_beginning_that_tokenizer_and_template_both_write_is_noticed(saved: Callable[..., str]) -> None:
    bos: dict[str, Any] = {"bos_token": "<|im_start|>", "adds_bos": True}
    assert "double_bos" in codes(open_template(saved(**bos)))
    assert "no_bos" in codes(open_template(saved(template="{{ '.' }}" + CHATML, **bos)))


def test_a_template_that_opens_thoughts_in_the_prompt_alone_is_noticed(saved: Callable[..., str]) -> None:
    asked = "'<|im_start|>assistant\\n' }}{%- endif %}"
    assert CHATML.count(asked) == 1
    asks = CHATML.replace(asked, asked.replace("\\n'", "\\n<think>\\n'"))
    assert "prompt_differs" in codes(open_template(saved(template=asks)))


def test_a_name_that_is_not_here_offline_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"is no folder here, and its tokenizer is neither downloaded .*give a folder"):
        open_template("nobody/nothing")
    with pytest.raises(InputError, match="holds no tokenizer"):
        open_template(str(tmp_path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file where the folder of a model was expected"):
        open_template(str(tmp_path / "file"))


def test_code_that_comes_with_a_model_runs_only_on_request(saved: Callable[..., str]) -> None:
    folder = Path(saved())
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["auto_map"] = {"AutoTokenizer": ["mine.Mine", "mine.Mine"]}
    settings["tokenizer_class"] = "Mine"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    ran = folder / "ran"
    (folder / "mine.py").write_text(
        f"from transformers import PreTrainedTokenizerFast\nopen({str(ran)!r}, 'w').close()\n"
        "class Mine(PreTrainedTokenizerFast): pass\n"
    )
    with pytest.raises(InputError, match=r"code that came with the model.*add --trust-remote-code"):
        open_template(str(folder))
    assert not ran.exists()
    assert open_template(str(folder), trust_remote_code=True).end_marks == (END,)
    assert ran.exists()


def test_an_end_mark_that_the_tokenizer_cuts_into_pieces_is_told(tiny_tokenizer: Any) -> None:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    core = json.loads(tiny_tokenizer.backend_tokenizer.to_str())
    core["normalizer"] = {"type": "Prepend", "prepend": "_"}  # marks are looked for with it in front, once
    for token in core["added_tokens"]:
        token["normalized"] = True
    broken = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(core)), eos_token="<|im_end|>")  # noqa: S106
    broken.chat_template = tiny_tokenizer.chat_template
    assert "end_is_text" in {fact.code for fact in template_of(broken, "broken").facts}
    assert "end_is_text" not in {fact.code for fact in template_of(tiny_tokenizer, "whole").facts}


def test_marks_that_the_maker_of_a_model_lists_are_escaped_too(saved: Callable[..., str]) -> None:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(saved())
    tokenizer.add_tokens(["<|audio|>"], special_tokens=False)
    assert "<|audio|>" not in template_of(tokenizer, "before").special
    tokenizer.chat_control_tokens = ["<|audio|>"]
    assert "<|audio|>" in template_of(tokenizer, "after").special
