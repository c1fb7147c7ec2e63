"""The words of the report's section on duplicates, for the catalogues of `report_text.py`."""

from __future__ import annotations

#: key -> English, Chinese.
TEXTS: dict[str, tuple[str, str]] = {
    "duplicates": ("Duplicates", "重复数据"),
    "dup_compared": (
        "Compared: {on}, in runs of {ngram}. Rows whose Jaccard similarity reaches {threshold} are near-duplicates.",
        "比对{on}，以{ngram}为单位；Jaccard 相似度达到 {threshold} 的行为近似重复。",
    ),
    "dup_word": ("{n} word", "每 {n} 个词"),
    "dup_words": ("{n} words", "连续 {n} 个词"),
    "dup_exact_only": (
        "Looked for: exact duplicates, rows that differ in width, letter case or spaces at most. "
        "Near-duplicates were not looked for.",
        "只查找完全重复的行：内容至多在全半角、大小写或空格上有差别。未查找近似重复。",
    ),
    "dup_none": ("Nothing was found: no row repeats another.", "没有发现重复：没有一行与另一行重复。"),
    "dup_exact": ("Dropped as exact duplicates: {rows}.", "完全重复，已剔除：{rows}。"),
    "dup_near_drop": (
        "Dropped as near-duplicates: {rows}. Each is proved by its exact similarity to a row that stayed; "
        "no row left because of an estimate or a chain.",
        "近似重复，已剔除：{rows}。每一行都以它与某个留下的行的精确相似度为证，没有一行因估算或连锁关系而离开。",
    ),
    "dup_near_flag": (
        "Flagged as near-duplicates and kept: {rows}. The similarity of each is exact, not an estimate.",
        "近似重复，已标记并保留：{rows}。相似度均为精确值，而非估计值。",
    ),
    "on.row": ("the whole conversation, and the answer by itself", "整段对话，并单独比对回答"),
    "on.whole": ("the whole conversation", "整段对话"),
    "on.prompt": ("the prompt", "提问"),
    "on.answer": ("the answer", "回答"),
    "dup_sizes": ("Group sizes", "各组大小"),
    "dup_sizes_lead": (
        "A group is one row and all the rows that repeat it.",
        "一组由一行和与它重复的所有行组成。",
    ),
    "dup_sizes_caption": (
        "Groups by the number of their rows; bars: the rows that came in, and of them those that stayed",
        "按组内行数统计的组数；条形图为读入的行数，以及其中留下的行数",
    ),
    "dup_size": ("Rows in the group", "组内行数"),
    "dup_size_range": ("{low} to {high}", "{low} 至 {high}"),
    "dup_size_open": ("{low} and more", "{low} 及以上"),
    "dup_groups": ("Groups", "组数"),
    "dup_stayed": ("Stayed", "留下"),
    "dup_all": ("All groups", "全部"),
    "dup_largest": ("The largest groups", "最大的组"),
    "dup_largest_caption": (
        "The row that the others repeat, how many rows the group has, and how similar the others are to it",
        "被重复的行、组内行数，以及其他行与它的相似度",
    ),
    "dup_row": (
        "Repeated row",
        "被重复的行",
    ),
    "dup_similarity": ("Similarity", "相似度"),
    "dup_sources": ("Sources", "来源"),
    "dup_pairs": ("Side by side", "并排对照"),
    "dup_pairs_lead": (
        "Words that the other side does not have are underlined, and a bar stands where only the other side has some. "
        "“…” stands for text that is left out. White space is not compared.",
        "加下划线的是另一侧没有的词，竖线处是只有另一侧才有内容的地方；“…”表示省略的内容。空白不参与比对。",
    ),
    "why.threshold": ("Nearest to the threshold", "最接近阈值的一对"),
    "why.middle": ("In the middle", "居中的一对"),
    "why.closest": ("Most similar without being equal", "不完全相同但最相似的一对"),
    "answer_similarity": ("similarity of the answers", "回答相似度"),
    "dup_beside": ("beside", "对照行"),
    "part.prompt": ("Prompt", "提问"),
    "part.answer": ("Answer", "回答"),
    "part.reasoning": ("Reasoning", "思考过程"),
    "part.rejected": ("Rejected answer", "被拒的回答"),
    "part.text": ("Text", "文本"),
    "dup_same": ("{part}, the same on both sides", "{part}（两侧相同）"),
    "dup_unmarked": (
        "In what is shown of these rows, no word differs: they differ in marks, white space or fields beside it.",
        "所示内容没有不同的词：两行的差别在空白、标点或未显示的字段。",
    ),
    "dup_findings": ("Flagged, not dropped", "已标记，未剔除"),
    "dup_findings_lead": (
        "No row leaves for these: a person decides. The ledger names the flag of each row.",
        "这些行不会因此被剔除，由人决定。每一行的标记都写在台账里。",
    ),
    "finding.variant": ("Variants", "变体"),
    "finding.conflict": ("Conflicts", "冲突"),
    "finding.stock_answer": ("Templates: one answer under many prompts", "模板：多个提问共用一个回答"),
    "finding.skeleton": ("Templates: one prompt with its slots filled", "模板：同一句式填入不同内容的提问"),
    "means.variant": (
        "The whole is alike, the answer is not: two questions on one passage, or two answers to nearly one question.",
        "整体相似，回答却不同：同一段材料的两个问题，或几乎同一问题的两种回答。",
    ),
    "means.conflict": (
        "The same prompt, and another answer. One of them may be wrong.",
        "提问相同，回答不同；其中可能有一个是错的。",
    ),
    "means.stock_answer": (
        "A model learns to say it whatever it is asked.",
        "模型会学成：不管问什么都这样回答。",
    ),
    "means.skeleton": (
        "A model sees one sentence many times over; a share of these rows may be enough.",
        "同一句式反复出现；保留其中一部分可能就够了。",
    ),
    "dup_in_groups": ("{rows} in {groups}", "{rows}，共 {groups}"),
    "dup_group": ("{n} group", "{n} 组"),
    "dup_groups_n": ("{n} groups", "{n} 组"),
    "dup_under": ("Prompts, some of them", "部分提问"),
    "dup_filled": ("Filled with, for example", "填入的内容，例如"),
    "dup_skeleton": ("What the prompts have in common", "提问的共同部分"),
    "dup_slot": ("(slot)", "（填空处）"),
    "rule.near_duplicate": ("Nearly the same as a row that stayed", "与一个留下的行近似重复"),
}
