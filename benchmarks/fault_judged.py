"""Rows of the public sets that the default rules mark, read and judged one by one.

A row that is truly faulty is no false alarm. Everything else that is marked on an untouched row is one, whether it
stands here or not.

To judge more: run faults.py with --details, read each row of dropped.jsonl and false.jsonl whose `judgement` is
"not judged yet", and write its `public` into the line below that has its mark and reason, or into a new line.

>>> len({(one.row, one.mark) for one in JUDGED}) == len(JUDGED)
True
"""

from __future__ import annotations

from typing import NamedTuple

NOT_JUDGED = "not judged yet"


class Judgement(NamedTuple):
    """What a reader found. `mark` is the rule, flag or edit in question."""

    row: str  # file and position in the public set, as a run of that file names it
    mark: str
    faulty: bool
    reason: str

    def __str__(self) -> str:
        return f"{'faulty' if self.faulty else 'a false alarm'}: {self.reason}"


# mark, whether the rows are faulty, why, and the rows
_READ = (
    (
        "truncated_answer",
        True,
        "the last sentence breaks off",
        "alpaca_en_demo:125 alpaca_en_demo:270 alpaca_en_demo:464 alpaca_en_demo:731 alpaca_en_demo:899"
        " glaive_toolcall_en_demo:52 alpaca_zh_demo:44 alpaca_zh_demo:947 glaive_toolcall_zh_demo:237"
        " alpaca_zh_demo:632 dpo_zh_demo:273",
    ),
    (
        "truncated_answer",
        True,
        "a list, a table or code breaks off",
        "alpaca_en_demo:180 alpaca_en_demo:559 alpaca_zh_demo:55 dpo_en_demo:8 alpaca_zh_demo:493"
        " alpaca_zh_demo:990 dpo_en_demo:172",
    ),
    (
        "truncated_answer",
        True,
        "it ends with the heading of what should follow",
        "alpaca_zh_demo:392 alpaca_zh_demo:807",
    ),
    ("truncated_answer", True, "it ends with a comma", "dpo_zh_demo:99 dpo_zh_demo:209"),
    (
        "truncated_answer",
        False,
        "a complete sentence or list of drugs that lacks its full stop",
        "alpaca_en_demo:783 huatuo_med_zh:305 huatuo_med_zh:892 huatuo_med_zh:1356 huatuo_med_zh:1627"
        " huatuo_med_zh:1729 huatuo_med_zh:2762 huatuo_med_zh:2869 huatuo_med_zh:3876 huatuo_med_zh:4041"
        " huatuo_med_zh:5110 huatuo_med_zh:5852 huatuo_med_zh:5859 huatuo_med_zh:5961 huatuo_med_zh:5983"
        " huatuo_med_zh:6001 huatuo_med_zh:6022 huatuo_med_zh:6106 huatuo_med_zh:7118 huatuo_med_zh:7474"
        " huatuo_med_zh:7520 huatuo_med_zh:8302 huatuo_med_zh:8466",
    ),
    ("truncated_answer", False, "it ends with a link, as it should", "alpaca_en_demo:484"),
    ("truncated_answer", False, "the last step of an algorithm is complete", "alpaca_en_demo:892"),
    ("truncated_answer", False, "a complete solution with its result", "gsm8k_train:3191"),
    (
        "refusal",
        True,
        "the assistant says what it is, and does not do what was asked",
        "alpaca_en_demo:96 alpaca_en_demo:240 alpaca_en_demo:408 alpaca_en_demo:666 alpaca_en_demo:795"
        " alpaca_en_demo:818 alpaca_en_demo:224 alpaca_en_demo:692 alpaca_en_demo:712 alpaca_en_demo:737"
        " alpaca_zh_demo:143 alpaca_zh_demo:159 alpaca_zh_demo:451 alpaca_zh_demo:471 alpaca_zh_demo:571"
        " alpaca_zh_demo:666 alpaca_zh_demo:962 alpaca_zh_demo:533 alpaca_zh_demo:546 alpaca_zh_demo:559"
        " alpaca_zh_demo:660 alpaca_zh_demo:760",
    ),
    ("refusal", True, "it declines, apologizes and changes the subject", "dpo_en_demo:143 dpo_zh_demo:150"),
    ("refusal", False, "it answers in jest that an assistant works all weekend", "alpaca_zh_demo:5"),
    ("refusal", False, "it discusses whether an assistant is of use, as it was asked to", "alpaca_zh_demo:424"),
    (
        "wrong_language",
        True,
        "a Chinese request that names no language is answered in English",
        "alpaca_zh_demo:57 alpaca_zh_demo:333 alpaca_zh_demo:354 alpaca_zh_demo:459 alpaca_zh_demo:577"
        " alpaca_zh_demo:626",
    ),
    ("wrong_language", True, "an English turn is answered in Chinese", "glaive_toolcall_zh_demo:237"),
    (
        "wrong_language",
        True,
        "the request is to translate into English or French, and the answer is Chinese",
        "dpo_zh_demo:135 dpo_zh_demo:187",
    ),
    (
        "broken_tool_call",
        True,
        "the call lacks `keywords`, which its tool requires",
        "glaive_toolcall_zh_demo:22 glaive_toolcall_zh_demo:145",
    ),
    (
        "broken_tool_call",
        True,
        "the call's `cuisine` is none of the four that its tool allows",
        "glaive_toolcall_zh_demo:103 glaive_toolcall_zh_demo:240",
    ),
    ("broken_tool_call", True, "the call gives a list where its tool takes a number", "glaive_toolcall_en_demo:260"),
    (
        "roles_out_of_order",
        True,
        "the call stands as text in an answer, and a tool's result follows that no call asked for",
        "glaive_toolcall_zh_demo:198 glaive_toolcall_zh_demo:294",
    ),
    ("template_marks", True, "the prompt holds the heading of a template, ### 输入：", "alpaca_zh_demo:33"),
    (
        "mojibake",
        True,
        "replacement characters stand in a word",
        "dpo_zh_demo:56 dpo_zh_demo:124 dpo_zh_demo:192 dpo_zh_demo:252 dpo_zh_demo:284",
    ),
    ("truncated_answer", True, "it breaks off at the sign of a hash tag", "dpo_en_demo:290"),
    ("truncated_answer", False, "it is complete but for its full stop", "huatuo_med_zh:1835"),
    ("clean:mojibake", True, "two dashes of the public row are UTF-8 that was read as Latin-1", "dpo_en_demo:16"),
    (
        "contamination",
        True,
        "gsm8k_test:603 word by word, with a train in place of a plane and other numbers",
        "gsm8k_train:1315 gsm8k_train:5163",
    ),
    (
        "contamination",
        False,
        "one word from an item, but neither question says of which diseases",
        "huatuo_med_zh:4578",
    ),
    ("privacy:phone", True, "a passage to be read holds a telephone number", "dpo_zh_demo:273"),
    ("unsafe", False, "a question about the plot of a film", "dpo_zh_demo:140"),
)
JUDGED = tuple(Judgement(row, mark, faulty, reason) for mark, faulty, reason, rows in _READ for row in rows.split())
_BY_ROW = {(one.row, one.mark): one for one in JUDGED}


def judged(row: str, marks: frozenset[str]) -> str:
    """What a reader said of a public row with these marks, or that none has read it."""
    found = [str(_BY_ROW[row, mark]) for mark in sorted(marks) if (row, mark) in _BY_ROW]
    return "; ".join(found) or NOT_JUDGED
