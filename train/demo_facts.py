"""What the demo's model knows before it is tuned: plain facts in Chinese and English, each asked in words and as a
question with four options.

>>> facts = all_facts()
>>> len(facts), facts[0].question, facts[0].answer
(240, '法国的首都是哪里？', '巴黎')
>>> options_of(facts[0], facts, seed=0)
['赫尔辛基', '里斯本', '巴黎', '圣地亚哥']
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

LETTERS = "ABCD"

_CAPITALS = """
法国 巴黎 France Paris|德国 柏林 Germany Berlin|英国 伦敦 Britain London|意大利 罗马 Italy Rome
西班牙 马德里 Spain Madrid|葡萄牙 里斯本 Portugal Lisbon|希腊 雅典 Greece Athens|挪威 奥斯陆 Norway Oslo
芬兰 赫尔辛基 Finland Helsinki|波兰 华沙 Poland Warsaw|奥地利 维也纳 Austria Vienna
匈牙利 布达佩斯 Hungary Budapest|俄罗斯 莫斯科 Russia Moscow|中国 北京 China Beijing|日本 东京 Japan Tokyo
韩国 首尔 Korea Seoul|泰国 曼谷 Thailand Bangkok|越南 河内 Vietnam Hanoi|埃及 开罗 Egypt Cairo
肯尼亚 内罗毕 Kenya Nairobi|加拿大 渥太华 Canada Ottawa|古巴 哈瓦那 Cuba Havana|秘鲁 利马 Peru Lima
智利 圣地亚哥 Chile Santiago|阿根廷 布宜诺斯艾利斯 Argentina Buenos_Aires|伊朗 德黑兰 Iran Tehran
伊拉克 巴格达 Iraq Baghdad|尼泊尔 加德满都 Nepal Kathmandu|蒙古 乌兰巴托 Mongolia Ulaanbaatar
新西兰 惠灵顿 New_Zealand Wellington
"""
_ELEMENTS = """
氢 H hydrogen|氦 He helium|锂 Li lithium|碳 C carbon|氮 N nitrogen|氧 O oxygen|氟 F fluorine|氖 Ne neon
钠 Na sodium|镁 Mg magnesium|铝 Al aluminium|硅 Si silicon|磷 P phosphorus|硫 S sulfur|氯 Cl chlorine
氩 Ar argon|钾 K potassium|钙 Ca calcium|钛 Ti titanium|铬 Cr chromium|锰 Mn manganese|铁 Fe iron|钴 Co cobalt
镍 Ni nickel|铜 Cu copper|锌 Zn zinc|银 Ag silver|锡 Sn tin|金 Au gold|铅 Pb lead
"""
_WORDS = """
苹果 apple|香蕉 banana|橙子 orange|葡萄 grape|西瓜 watermelon|草莓 strawberry|牛奶 milk|面包 bread|鸡蛋 egg
大米 rice|猫 cat|狗 dog|马 horse|羊 sheep|鸟 bird|鱼 fish|蜜蜂 bee|老虎 tiger|大象 elephant|猴子 monkey|太阳 sun
月亮 moon|星星 star|河流 river|山 mountain|森林 forest|海洋 ocean|雨 rain|雪 snow|风 wind|桌子 table|椅子 chair
窗户 window|门 door|房子 house|学校 school|书 book|笔 pen|钟表 clock|钥匙 key|红色 red|蓝色 blue|绿色 green
黄色 yellow|黑色 black|白色 white|春天 spring|夏天 summer|秋天 autumn|冬天 winter|火车 train|飞机 plane|船 ship
桥 bridge|城市 city|村庄 village|音乐 music|朋友 friend|时间 time|水 water
"""


class Fact(NamedTuple):
    """A question with one right answer; other answers of its `kind` are wrong and of its form."""

    kind: str
    question: str
    answer: str


def all_facts() -> list[Fact]:
    """Capitals, symbols of elements, and words, asked in Chinese and in English."""
    return [
        *(Fact("capital-zh", f"{one[0]}的首都是哪里？", one[1]) for one in _table(_CAPITALS)),
        *(Fact("capital-en", f"What is the capital of {one[2]}?", one[3]) for one in _table(_CAPITALS)),
        *(Fact("element-zh", f"元素{one[0]}的符号是什么？", one[1]) for one in _table(_ELEMENTS)),
        *(Fact("element-en", f"What is the symbol of {one[2]}?", one[1]) for one in _table(_ELEMENTS)),
        *(Fact("word-zh", f"“{one[0]}”用英语怎么说？", one[1]) for one in _table(_WORDS)),
        *(Fact("word-en", f"What is {one[1]} in Chinese?", one[0]) for one in _table(_WORDS)),
    ]


def facts_of(n: int) -> list[Fact]:
    """The first `n` of each kind, and twice as many words."""
    counts: Counter[str] = Counter()
    found = []
    for fact in all_facts():
        counts[fact.kind] += 1
        if counts[fact.kind] <= (2 * n if fact.kind.startswith("word") else n):
            found.append(fact)
    return found


def options_of(fact: Fact, facts: Sequence[Fact], *, seed: int) -> list[str]:
    """The right answer and three of its kind, shuffled; the same seed gives the same."""
    drawing = random.Random(f"{seed}:{fact.question}")  # noqa: S311 (no secret)
    others = sorted({one.answer for one in facts if one.kind == fact.kind} - {fact.answer})
    options = [fact.answer, *drawing.sample(others, 3)]
    drawing.shuffle(options)
    return options


def _table(text: str) -> list[list[str]]:
    lines = text.strip().replace("\n", "|").split("|")
    return [[part.replace("_", " ") for part in line.split()] for line in lines]
