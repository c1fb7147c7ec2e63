"""The reasons of settings in Chinese, for the Chinese report: each of `config_defaults.py` with its translation.

>>> reason_zh("given; the default is 16: 8 for small data, 16 for more; see `train advise`")
'自行设置；默认为 16：数据少用 8，多则用 16；见 `train advise`'
>>> reason_zh("words that nobody translated")
'words that nobody translated'
"""

from __future__ import annotations

import re
from functools import cache

_UNKNOWN_SIZE = "a model whose size is not known here"

#: English as the defaults have it, with `{}` where a value stands, and Chinese with the same places.
_REASONS: dict[str, str] = {
    # from rules
    "an adapter forgets less than full training, and needs far less memory": "适配器比全量训练遗忘少，显存需求也小得多",
    "ten times the rate of full training, which adapters bear; its own trainer has 1e-6": (
        "全量训练学习率的十倍，适配器可以承受；训练器自身的默认值为 1e-6"
    ),
    "what the stage's trainer has for full training; higher rates break the model": (
        "该阶段训练器的全量训练默认值；更高会损坏模型"
    ),
    "the lowest of what guides give for full training (1e-5 to 5e-5); above 2e-5 a model forgets": (
        "各指南全量训练建议（1e-5 至 5e-5）的最低值；高于 2e-5 模型会遗忘"
    ),
    "the lowest rate in both ranges: {}, 5e-4 to 1e-3 for {} (below 1B)": (
        "两个范围共有的最低值：{}，{}（低于 1B）为 5e-4 至 1e-3"
    ),
    "the lowest of what guides give: {}, for {}": "各指南建议的最低值：{}，适用于{}",
    "`steps` is given": "已设置 `steps`",
    "one pass: this stage overfits soon on what it has seen": "一轮：该阶段对见过的数据很快过拟合",
    "in every range of the guides up to 100,000 rows; 1 or 2 for more, see `train advise`": (
        "10 万行以内各指南的范围都包含它；更多数据用 1 或 2，见 `train advise`"
    ),
    "one prompt with its 8 answers at a time": "每次一个提示及其 8 个回答",
    "the usual for 7B; the size of this model is not known here": "7B 的常用值；此处不知道该模型的大小",
    "what a device usually holds for {}; ask `train estimate`": (
        "一个设备通常能容纳的量（{}）；可用 `train estimate` 估计"
    ),
    "this optimizer updates each layer at once and cannot accumulate": "该优化器逐层更新，不能累积",
    "batch × accumulation = 32 on one device": "单设备上 batch × accumulation = 32",
    "this optimizer averages its weights itself and wants a steady rate": "该优化器自行平均权重，需要恒定的学习率",
    "guides give a constant rate for LoRA, a cosine for full training": "指南建议 LoRA 用恒定学习率，全量训练用余弦",
    "guides give a cosine for full training, a constant rate for LoRA": "指南建议全量训练用余弦，LoRA 用恒定学习率",
    "a tenth of the steps; below 1 a share of them, from 1 on their number": (
        "步数的十分之一；小于 1 为比例，1 及以上为步数"
    ),
    "this optimizer has updated a layer before the length of all gradients is known": (
        "在知道全部梯度的长度之前，该优化器已更新了层"
    ),
    "gradients longer than this are shortened; guides give .5 to 1": "更长的梯度会被缩短；指南建议 .5 至 1",
    "{} has small activations; computing them twice costs a quarter of the time": (
        "{}的激活值很小；重复计算会多花四分之一时间"
    ),
    "saves most of the activations' memory for a quarter of the time; LoRA needs it as much": (
        "多花四分之一时间，省去大部分激活值显存；LoRA 同样需要"
    ),
    "the usual strength of the pull to the reference model": "向参考模型靠拢的常用强度",
    "the usual weight of the odds ratio": "优势比的常用权重",
    "SimPO's rewards are means over tokens; its paper has 2 to 2.5": "SimPO 的奖励是词元平均值；论文取 2 至 2.5",
    "no pull to a reference model, which then takes no memory": "不向参考模型靠拢，也就不占显存",
    "this stage has none": "该阶段没有此项",
    "only QLoRA quantises the base model": "只有 QLoRA 量化基座模型",
    "NF4 with double quantisation, the QLoRA paper's setting": "NF4 与双重量化，QLoRA 论文的设置",
    "not used: this method has no adapter": "不使用：该方法没有适配器",
    "8 for small data, 16 for more; see `train advise`": "数据少用 8，多则用 16；见 `train advise`",
    "rsLoRA divides by √rank: the same scale 2 as α = 2 · rank": "rsLoRA 除以 √rank：与 α = 2 · rank 同为缩放 2",
    "the adapter starts as a part of the weights themselves: scale 1": "适配器从权重自身的一部分开始：缩放为 1",
    "twice the rank; far more damages the model": "秩的两倍；过高会损坏模型",
    "off: training runs to its end, and the best checkpoint is kept all the same": (
        "关闭：训练到结束，仍保留最好的检查点"
    ),
    "only grpo writes answers while it trains": "只有 grpo 在训练中生成回答",
    "8 answers to each prompt, or what divides batch × accumulation": (
        "每个提示 8 个回答，或能整除 batch × accumulation 的数"
    ),
    # that depend on nothing
    "the one that comes with the model's tokenizer": "模型分词器自带的模板",
    "a tenth, which guides agree on, where the data brings no validation set of its own": (
        "数据没有自带验证集时取十分之一，各指南一致"
    ),
    "any number: the same one gives the same run": "任意数字：相同的数字得到相同的训练",
    "most rows of instruction data are shorter; `train preflight` shows what yours need": (
        "多数指令数据更短；`train preflight` 显示你的数据需要多少"
    ),
    "a model that learns questions too learns to ask them": "连问题一起学的模型会学着提问",
    "thoughts before an answer are a part of it": "回答之前的思考是回答的一部分",
    "a mark such as <|im_end|> inside a row's text stays text": "数据正文中的 <|im_end|> 等标记仍是普通文本",
    "a cut answer teaches to stop in the middle; dropped rows are listed": "截断的回答会教模型半途停下；剔除的行会列出",
    "off: steps then count rows; with short rows it saves time, see `train preflight`": (
        "关闭：步数按行计；数据较短时可省时间，见 `train preflight`"
    ),
    "`epochs` counts": "以 `epochs` 为准",
    "what all rates in the guides were found with": "指南中的学习率都是用它得出的",
    "the lowest of what guides give (.01 to .1)": "各指南建议（.01 至 .1）的最低值",
    "the lowest of what guides give (.05 to .2); adapters on little data overfit": (
        "各指南建议（.05 至 .2）的最低值；数据少时适配器会过拟合"
    ),
    "every linear layer but the head: better than attention alone at equal size": (
        "除输出层外的所有线性层：同样大小下优于只用注意力层"
    ),
    "the plain one; rslora for high ranks, dora and pissa cost time for a little quality": (
        "普通 LoRA；高秩用 rslora，dora 与 pissa 以时间换取少许质量"
    ),
    "off: both halves of the adapter learn at one rate; LoRA+ has 16 for the second": (
        "关闭：适配器两半用同一学习率；LoRA+ 的后一半为 16 倍"
    ),
    "train the last two layers and leave the others as they are": "只训练最后两层，其余不变",
    "off; 5 adds noise to the embeddings, which helps chat style and hurts exact facts": (
        "关闭；5 会给嵌入加噪声，有利于聊天风格，不利于精确事实"
    ),
    "float32 on a CPU, mixed bfloat16 on a GPU that has it, else mixed float16": (
        "CPU 用 float32；支持的 GPU 用混合 bfloat16，否则混合 float16"
    ),
    "needs its own package and a GPU; torch's attention is nearly as fast below 4k tokens": (
        "需要专门的包和 GPU；4k 词元以内 torch 的注意力几乎一样快"
    ),
    "needs its own package and a GPU": "需要专门的包和 GPU",
    "every tenth of the run": "每训练十分之一一次",
    "at every evaluation, or every tenth of the run without one": "每次评估时；没有评估则每训练十分之一一次",
    "enough for the guard to go back; more fills the disk": "足够守护程序回退；更多会占满磁盘",
    "the loss on `domain`, or on the first validation set": "`domain` 的损失，或第一个验证集的损失",
    "on: a spike or a loss that is no number stops the run at once, is named, and is rolled back": (
        "开启：损失突增或非数值时立即停下，指出所在并回退"
    ),
    "off: all layers' gradients count in full; below 1 the shallow layers move less": (
        "关闭：所有层的梯度全额计入；小于 1 时浅层变动较小"
    ),
    "off; a file of questions whose answers must not be forgotten, asked at every evaluation": (
        "关闭；可给出不许遗忘的题目文件，每次评估时提问"
    ),
    "only grpo has reward functions": "只有 grpo 有奖励函数",
    "code that comes with a model runs as you; read it first": "模型自带的代码以你的身份运行；请先阅读",
    "the newest of a hub name; a commit makes the run repeatable": "hub 上的最新版本；指定提交可使训练可重复",
    "TensorBoard always; wandb, mlflow or swanlab on request": "始终有 TensorBoard；可另加 wandb、mlflow 或 swanlab",
    "one device": "单设备",
    "an adapter is small and predicts as it is; merge for servers without adapters": (
        "适配器很小，可直接预测；服务器不支持适配器时再合并"
    ),
    "room for an answer while grpo trains": "grpo 训练时留给回答的长度",
    "anything of the stage's TRL settings that has no key here": "该阶段 TRL 设置中此处没有对应键的项",
    "given with --out, or `runs/<stage>-<name of the model>`": "由 --out 给出，或 `runs/<阶段>-<模型名>`",
}  # fmt: skip

#: Parts of a reason that are words themselves.
_PARTS = {
    _UNKNOWN_SIZE: "此处不知大小的模型",
    "a model of {}": "{} 的模型",
    "2e-4 to 1e-3 for QLoRA": "QLoRA 为 2e-4 至 1e-3",
    "1e-4 to 5e-4 for LoRA": "LoRA 为 1e-4 至 5e-4",
}


def reason_zh(why: str) -> str:
    """A reason in Chinese; one without a translation as it is."""
    if why == "given":
        return "自行设置"
    if why.startswith("given, and the default: "):
        return "自行设置，与默认相同：" + reason_zh(why.partition(": ")[2])
    if why.startswith("given; the default is "):
        value, _, reason = why.removeprefix("given; the default is ").partition(": ")
        return f"自行设置；默认为 {value}：{reason_zh(reason)}"
    return _translated(why, _REASONS) or why


def _translated(text: str, table: dict[str, str]) -> str | None:
    if text in table:
        return table[text]
    for pattern, chinese in _patterns(table is _PARTS):
        if found := pattern.fullmatch(text):
            return chinese.format(*(_translated(part, _PARTS) or part for part in found.groups()))
    return None


@cache
def _patterns(is_part: bool) -> list[tuple[re.Pattern[str], str]]:
    """Of the texts with places."""
    table = _PARTS if is_part else _REASONS
    texts = [(english, chinese) for english, chinese in table.items() if "{}" in english]
    return [(re.compile(re.escape(english).replace(r"\{\}", "(.+?)")), chinese) for english, chinese in texts]
