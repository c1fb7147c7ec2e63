"""The words of the report, in English and in Chinese, side by side, so that neither can lack what the other has.

A key with a dot names a code of the ledger (`rule.answer_too_short`, `stage.rules`, `language.zh` …); a code that the
catalogues do not know is shown as it stands.

>>> say("en", "verdict", kept="2", rows_in=rows("en", 3))
'2 of 3 rows became a training set; every row is accounted for.'
>>> name("zh", "rule", "missing_answer"), name("zh", "rule", "brand_new_rule")
('没有回答', 'brand_new_rule')
"""

from __future__ import annotations

from tunesmith.curate.report_text_duplicates import TEXTS as _DUPLICATES
from tunesmith.curate.report_text_meaning import TEXTS as _MEANING
from tunesmith.curate.report_text_quality import TEXTS as _QUALITY


def say(language: str, key: str, /, **values: str) -> str:
    """One text of a catalogue with its places filled. A value is never read as a template."""
    return CATALOGUES[language][key].format(**values)


def name(language: str, prefix: str, code: str) -> str:
    """A code of the ledger in plain words, or the code itself where the catalogues have none."""
    return CATALOGUES[language].get(f"{prefix}.{code}", code)


def rows(language: str, count: int) -> str:
    """`1 row`, `1,234 rows`, `1,234 行`."""
    return f"{count:,} {CATALOGUES[language]['row' if count == 1 else 'rows']}"


#: key -> English, Chinese. Texts that `say` fills have their places in braces; codes' words are taken as they stand.
_TEXTS: dict[str, tuple[str, str]] = {
    "html_language": ("en", "zh-Hans"),
    "row": ("row", "行"),
    "rows": ("rows", "行"),
    "separator": (", ", "、"),
    "report": ("Curation report", "数据整理报告"),
    "contents": ("Contents", "目录"),
    "verdict": (
        "{kept} of {rows_in} became a training set; every row is accounted for.",
        "{rows_in}中有 {kept} 行成为训练数据；每一行的去向都有据可查。",
    ),
    "verdict_none": (
        "None of {rows_in} became a training set; every row is accounted for.",
        "{rows_in}中没有一行成为训练数据；每一行的去向都有据可查。",
    ),
    "verdict_empty": ("No rows came in, so there is no training set.", "没有读入任何数据，因此没有训练数据。"),
    "settings": ("Seed {seed} · Tunesmith {version}", "随机种子 {seed} · Tunesmith {version}"),
    "legend_before": ("what came in", "读入的数据"),
    "legend_gone": ("what left", "离开的数据"),
    "legend_after": ("what was kept", "保留的数据"),
    "flow": ("Where every row went", "每一行的去向"),
    "flow_caption": (
        "Rows that came in, rows that left at each stage, and rows that stayed",
        "读入的行数、各阶段离开的行数，以及留下的行数",
    ),
    "flow_in": ("Rows in", "读入"),
    "flow_invalid": ("Could not be read", "无法读取"),
    "flow_unsampled": ("Good, but not needed by the mix", "合格，但配比用不到"),
    "flow_kept": ("Kept", "保留"),
    "flow_train": ("for training", "用于训练"),
    "flow_validation": ("for validation", "用于验证"),
    "flow_lines": (
        "The training file has {lines} lines for {train}: the mix repeats some rows.",
        "训练文件有 {lines} 行，来自 {train}原始数据：配比让部分数据重复出现。",
    ),
    "announcements": ("Good to know", "请留意"),
    "sources": ("Sources", "数据来源"),
    "sources_caption": (
        "What each file was detected as, and what became of its rows",
        "每个文件识别出的格式，以及其中各行的去向",
    ),
    "group": ("Group", "分组"),
    "file": ("File", "文件"),
    "detected": ("Detected as", "识别为"),
    "rows_in": ("Rows in", "读入"),
    "kept": ("Kept", "保留"),
    "dropped": ("Dropped", "剔除"),
    "unsampled": ("Not needed", "未选用"),
    "invalid": ("Invalid", "无效"),
    "all_sources": ("All sources", "全部来源"),
    "reasons": ("What left, and why", "哪些行离开了，为什么"),
    "reasons_none": ("No row left: everything that came in was kept.", "没有行离开：读入的数据全部保留。"),
    "reasons_lead": (
        "A row that fails several rules counts once, under the first. “Only this rule”: rows that failed no other.",
        "一行若违反多条规则，只计入第一条。“仅因此条”是没有违反其他规则的行数。",
    ),
    "reasons_caption": ("Reasons why rows left, with the number of rows for each", "各项离开原因及其行数"),
    "stage": ("Stage", "阶段"),
    "outcome": ("Outcome", "结果"),
    "reason": ("Reason", "原因"),
    "count": ("Rows", "行数"),
    "share": ("Share of rows in", "占读入比例"),
    "only": ("Only this rule", "仅因此条"),
    "examples": ("Examples", "实例"),
    "examples_lead": (
        "Real rows, white space as it was, invisible characters shown as ⟨U+202E⟩. A text that was cut says so.",
        "以下均为真实数据，空白原样保留，不可见的控制字符写作 ⟨U+202E⟩。长文本会截断，并注明。",
    ),
    "examples_shown": ("{shown} of {rows}", "{rows}中的 {shown} 行"),
    "measured": ("measured", "实测值"),
    "threshold": ("threshold", "阈值"),
    "survivor": ("surviving row", "留下的行"),
    "similarity": ("similarity", "相似度"),
    "prompt": ("Prompt", "提问"),
    "answer": ("Answer", "回答"),
    "raw": ("The row as it came", "原始内容"),
    "detail": ("What was found", "问题所在"),
    "empty_text": ("(empty)", "（空）"),
    "cut": ("… cut after {shown} characters", "……在 {shown} 个字符处截断"),
    "shape": ("Before and after", "整理前后"),
    "before": ("Before", "整理前"),
    "after": ("After", "整理后"),
    "lengths_lead": (
        "On a logarithmic scale. Each picture has its own vertical scale: the number of rows.",
        "横轴为对数刻度。各图纵轴（行数）的刻度各自独立。",
    ),
    "signal.answer_characters": ("Length of answers, in characters", "回答长度（字符）"),
    "signal.prompt_characters": ("Length of prompts, in characters", "提问长度（字符）"),
    "lengths_caption": (
        "{signal}: median, and the length that 95% of the rows do not exceed",
        "{signal}：中位数，以及 95% 的行不超过的长度",
    ),
    "median": ("Median", "中位数"),
    "p95": ("95% up to", "95% 不超过"),
    "histogram": (
        "{signal}, {language}: {before} rows before, {after} after; median {median_before}, then {median_after}",
        "{signal}，{language}：行数 {before} 变为 {after}，中位数 {median_before} 变为 {median_after}",
    ),
    "bins": ("The numbers behind these pictures", "图中的数字"),
    "bins_caption": ("{signal}, {language}: rows per length", "{signal}，{language}：各长度区间的行数"),
    "bin": ("Characters", "字符数"),
    "bin_range": ("{low} to {high}", "{low} 至 {high}"),
    "bin_open": ("{low} and more", "{low} 及以上"),
    "languages": ("Languages", "语言"),
    "kinds": ("Kinds of rows", "数据类型"),
    "languages_caption": ("Rows by language, before and after", "各语言的行数，整理前后对比"),
    "kinds_caption": ("Rows by kind, before and after", "各类型的行数，整理前后对比"),
    "language": ("Language", "语言"),
    "kind": ("Kind", "类型"),
    "rows_bar": ("Rows", "行数"),
    "share_before": ("Share before", "整理前占比"),
    "share_after": ("Share after", "整理后占比"),
    "mix": ("The mix", "数据配比"),
    "mix_lead": (
        "Asked for {asked}, counted in {unit}. Where a group is too small, the mix is told to {short}.",
        "要求的配比为 {asked}，按{unit}计算。某组数据不足时：{short}。",
    ),
    "mix_caption": (
        "For each group: what was asked, what there was, what was taken",
        "各组要求的份额、可用的行数与实际取用的行数",
    ),
    "asked": ("Asked", "要求"),
    "available": ("Available", "可用"),
    "available_tokens": ("Available, in tokens", "可用（词元数）"),
    "taken": ("Taken", "取用"),
    "lines": ("Lines in training", "训练文件行数"),
    "line_share": ("Share of lines", "行数占比"),
    "copies_max": ("Most copies of a row", "单行最多份数"),
    "unit.rows": ("rows", "行数"),
    "unit.tokens": ("tokens", "词元数"),
    "short.shrink": ("shrink the other groups until the ratio holds", "缩减其他组，直到符合配比"),
    "short.repeat": ("repeat rows of that group", "重复该组的数据"),
    "split": ("The split", "训练与验证的划分"),
    "split_none": ("No validation rows were asked for.", "未要求划分验证集。"),
    "split_lead": (
        "Asked for {asked}, that is {target}; validation has {validation}.",
        "要求 {asked}，即 {target}；验证集实有 {validation}。",
    ),
    "split_groups": (
        "Rows that share a prompt stay on one side: {groups} groups of rows, the largest with {largest}.",
        "提问相同的行总在同一侧：共 {groups} 组，最大的一组有 {largest}。",
    ),
    "split_caption": ("Rows of each source on either side", "各来源在两侧的行数"),
    "source": ("Source", "来源"),
    "train": ("Train", "训练"),
    "validation": ("Validation", "验证"),
    "validation_share": ("Validation share", "验证占比"),
    "recipe": ("The recipe", "配方"),
    "recipe_lead": ("Every setting of this run, defaults written out.", "本次运行的全部设置，默认值也已写明。"),
    "provenance": ("Versions and hashes", "版本与校验值"),
    "versions_caption": ("Software that made this set", "生成这份数据所用的软件"),
    "software": ("Software", "软件"),
    "version": ("Version", "版本"),
    "inputs_caption": ("Input files, exactly as they were read", "输入文件，与读取时完全一致"),
    "bytes": ("Bytes", "字节数"),
    "digest": ("Digest", "校验值"),
    "next": ("How to go on", "接下来"),
    "next_lead": ("RUN stands for the folder of this report.", "RUN 代表本报告所在的文件夹。"),
    "next_explain": (
        "Tell one row’s whole story, its content id among it:",
        "查看某一行的完整经过，其中包括它的 CONTENT_ID：",
    ),
    "next_decide": (
        "Put a row back, or take one out. The decision survives every later run:",
        "放回一行，或去掉一行。这一决定在以后每次运行中都有效：",
    ),
    "next_diff": ("Say what changed between two sets, and why:", "比较两份数据有何不同，以及原因："),
    "stage.ingest": ("Reading", "读取"),
    "stage.decisions": ("Decisions", "人工决定"),
    "stage.rules": ("Rules", "规则"),
    "stage.contamination": ("Contamination", "评测污染"),
    "stage.duplicates": ("Duplicates", "去重"),
    "stage.split": ("Split", "划分"),
    "stage.mix": ("Mix", "配比"),
    "language.zh": ("Chinese", "中文"),
    "language.en": ("English", "英文"),
    "language.ja": ("Japanese", "日文"),
    "language.ko": ("Korean", "韩文"),
    "language.other": ("Other", "其他"),
    "kind.sft": ("Instruction", "指令"),
    "kind.preference": ("Preference pair", "偏好对"),
    "kind.kto": ("Rated answer", "好坏评价"),
    "kind.text": ("Plain text", "纯文本"),
    "rule.empty_turn": ("A turn has no text", "有一轮对话没有内容"),
    "rule.missing_answer": ("There is no answer", "没有回答"),
    "rule.roles_out_of_order": ("The turns are out of order", "对话轮次的顺序有误"),
    "rule.prompt_too_short": ("The prompt is too short for its language", "提问过短（按其语言的标准）"),
    "rule.answer_too_short": ("The answer is too short for its language", "回答过短（按其语言的标准）"),
    "rule.prompt_too_long": ("The prompt is too long for its language", "提问过长（按其语言的标准）"),
    "rule.answer_too_long": ("The answer is too long for its language", "回答过长（按其语言的标准）"),
    "rule.prompt_equals_answer": ("The answer only repeats the prompt", "回答只是重复提问"),
    "rule.placeholder": ("A placeholder such as {{name}} was left unfilled", "留有未填写的占位符，如 {{name}}"),
    "rule.chosen_equals_rejected": ("The chosen and the rejected answer are the same", "选中与被拒的回答相同"),
    "rule.exact_duplicate": ("The same content as another row", "与另一行内容相同"),
    "rule.decision": ("A person decided to drop it", "由人决定剔除"),
    "rule.mix": ("A good row that the mix did not need", "合格，但配比用不到"),
    "rule.num_samples": ("More rows than the registry entry asks for", "超出注册表条目要求的行数"),
    "rule.cap": ("A good row beyond the cap of its source or group", "合格，但超出来源或分组的上限"),
    "rule.invalid_json": ("Not valid JSON", "不是有效的 JSON"),
    "rule.invalid_utf8": ("Bytes that are not valid UTF-8", "含有不是有效 UTF-8 的字节"),
    "rule.invalid_csv": ("A line that is no valid table row", "不是有效的表格行"),
    "rule.reserved_field": ("A field has a name that the product keeps for itself", "字段名为系统保留"),
    "rule.not_an_object": ("Not a JSON object", "不是 JSON 对象"),
    "rule.wrong_type": ("A field holds a value of the wrong type", "字段值的类型不对"),
    "rule.wrong_nesting": ("Lists or objects are nested wrongly", "列表或对象的嵌套有误"),
    "rule.wrong_fields": ("The fields do not fit the format", "字段与格式不符"),
    "rule.unknown_role": ("A turn has an unknown role", "有一轮对话的角色无法识别"),
    "rule.unknown_format": ("In no known format", "不属于任何已知格式"),
    "rule.missing_column": ("A column that the format needs is missing", "缺少格式所需的列"),
    "rule.multimodal": ("Holds an image, audio or video", "含有图像、音频或视频"),
    "rule.siliconflow_rule": ("Breaks a rule of the SiliconFlow format", "违反 SiliconFlow 格式的规则"),
}

_ALL = {**_TEXTS, **_DUPLICATES, **_MEANING, **_QUALITY}

CATALOGUES: dict[str, dict[str, str]] = {
    "en": {key: english for key, (english, _) in _ALL.items()},
    "zh": {key: chinese for key, (_, chinese) in _ALL.items()},
}
