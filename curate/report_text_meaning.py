"""The words of the report's sections on meaning, for the catalogues of `report_text.py`."""

from __future__ import annotations

#: key -> English, Chinese.
TEXTS: dict[str, tuple[str, str]] = {
    "semantic": ("The same in other words", "换了说法的重复"),
    "semantic_compared": (
        "Compared: {on}, by the cosine of their embeddings. Rows that reach {threshold} say the same.",
        "用向量的余弦相似度比对{on}；达到 {threshold} 即视为意思相同。",
    ),
    "semantic_on.row": ("prompt and answer, which both have to be alike", "提问和回答（两者都须相近）"),
    "semantic_on.whole": ("the whole conversation", "整段对话"),
    "semantic_on.prompt": ("the prompts", "提问"),
    "semantic_on.answer": ("the answers", "回答"),
    "semantic_none": ("Nothing was found: no row says the same as another.", "没有发现：没有一行与另一行意思相同。"),
    "semantic_drop": (
        "Dropped: {rows}. Each names a row that stayed, and the exact cosine to it.",
        "已剔除：{rows}。每一行都注明了留下的是哪一行，以及与它的精确余弦相似度。",
    ),
    "semantic_flag": ("Flagged and kept: {rows}.", "已标记并保留：{rows}。"),
    "spread.low": ("The least alike", "相似度最低的一对"),
    "spread.middle": ("In the middle", "居中的一对"),
    "spread.high": ("The most alike", "相似度最高的一对"),
    "cosine": ("cosine", "余弦相似度"),
    "cosine_prompts": ("cosine of the prompts", "提问的余弦相似度"),
    "cosine_answers": ("of the answers", "回答的余弦相似度"),
    "taken_row": ("nearest row that was taken", "入选的行中与它最近的"),
    "groups": ("What the rows are about", "内容分组"),
    "groups_lead": (
        "{rows} in {number} groups by what the prompts ask, before any selection or balance. A title is made of words "
        "that set its group apart from the others.",
        "{rows}按提问内容分为 {number} 组（在筛选和均衡之前）。标题由该组区别于其他组的词组成。",
    ),
    "groups_caption": ("Groups of rows about the same thing, the largest first", "内容相近的各组，由大到小"),
    "groups_title": ("Group", "内容组"),
    "groups_share": ("Share", "占比"),
    "groups_untitled": ("(no words of its own)", "（没有特有的词）"),
    "groups_rest": ("{groups} smaller groups have {rows}.", "另有 {groups} 个较小的组，共 {rows}。"),
    "groups_examples": ("A row of the middle and a row of the edge of each group", "各组中心与边缘的实例"),
    "groups_central": ("Nearest to the centre", "最靠近中心"),
    "groups_fringe": ("Farthest from it", "离中心最远"),
    "selection": ("A diverse selection", "多样性筛选"),
    "selection_quality": (
        "{taken} of {of} were taken, the best first. A row was left out where the cosine of its prompt to that of a "
        "row already taken is above {threshold}.",
        "从 {of}中选取 {taken} 行，质量高者优先。一行的提问若与已选某行的余弦相似度高于 {threshold}，就不再选入。",
    ),
    "selection_k_centre": (
        "{taken} of {of} were taken so that they cover the whole set: each next one is the row farthest from all that "
        "were taken (k-centre).",
        "从 {of}中选取 {taken} 行，使其覆盖整份数据：每次选入离已选各行最远的一行（k-centre）。",
    ),
    "selection_by_cluster": ("Every group gave in proportion to its size.", "各组按大小成比例选取。"),
    "selection_too_close": ("Too close to a taken row: {rows}.", "与已选的行过于接近：{rows}。"),
    "selection_not_selected": ("Not taken, as there were enough: {rows}.", "数量已够，未入选：{rows}。"),
    "selection_pairs": ("Left out, beside the nearest that was taken", "未入选的行，与入选的行中离它最近的对照"),
    "balance": ("Balance", "均衡"),
    "balance_lead": (
        "Counted by {by}. Beyond a cap the best rows stay; the others are good rows that the set does not need.",
        "按{by}统计。超出上限时保留质量较高的行，其余为合格但用不到的行。",
    ),
    "balance_share": (
        "None was to have more than {share} of the rows that stay.",
        "要求任何一类都不超过留下行数的 {share}。",
    ),
    "balance_caption": ("Rows before and after, and the cap that applied", "均衡前后的行数，以及所用的上限"),
    "balance_cap": ("Cap", "上限"),
    "cap": ("rows that its name may have", "所属类别的行数上限"),
    "by.language": ("language", "语言"),
    "by.task": ("task", "任务"),
    "by.cluster": ("group of content", "内容组"),
    "by.source": ("source", "来源"),
    "rule.semantic_duplicate": (
        "Says the same as a row that stayed, in other words",
        "与一个留下的行意思相同，说法不同",
    ),
    "rule.too_close": ("A good row, too close to one that was taken", "合格，但与已选的某行过于接近"),
    "rule.not_selected": ("A good row that the selection did not need", "合格，但筛选未选入"),
    "rule.balance": ("A good row beyond the cap of its language, task, group or source", "合格，但超出所属类别的上限"),
    "stage.select": ("Selection", "筛选"),
    "stage.balance": ("Balance", "均衡"),
    "flow_select": ("Good, but not in the selection", "合格，但筛选未选入"),
    "flow_balance": ("Good, but beyond a cap of the balance", "合格，但超出均衡的上限"),
}
