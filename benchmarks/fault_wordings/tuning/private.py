"""Private data of people who do not exist: the forms of numbers and keys, and sentences such as users write."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

from fault_drawing import american, digits, drawn, mobile, private_key, token


def address(random: Random) -> str:
    """An e-mail address."""
    name = random.choice(_NAMES) + random.choice(("", digits(random, 2)))
    return f"{name}@{random.choice(_HOSTS)}.{random.choice(_DOMAINS)}"


_NAMES = ("li.wei", "zhang_min", "h.keller", "tom.baker", "chen-jie", "rosa.diaz", "kwame99", "sysadmin", "wangfang")
_HOSTS = ("mailbox", "brightlake", "nordwerk", "qinghe", "hotpost", "campus", "redfern", "kaihong")
_DOMAINS = ("com", "cn", "org", "co.uk", "edu.cn", "io", "net")


PHONES: dict[str, dict[str, Callable[[Random], str]]] = {
    "zh": {
        "mobile": lambda random: mobile(random, "{}{}{}"),
        "mobile, no spaces": lambda random: mobile(random, "{}{}{}"),
        "mobile, hyphens": lambda random: mobile(random, "{}-{}-{}"),
        "mobile, spaces": lambda random: mobile(random, "{} {} {}"),
        "mobile, +86": lambda random: mobile(random, "+86 {}{}{}"),
        "mobile, (86)": lambda random: mobile(random, "(+86){}-{}-{}"),
        "landline": lambda random: f"0{random.choice(('10', '21', '25', '571', '755'))}-8{digits(random, 7)}",
        "landline, brackets": lambda random: f"（0{random.choice(('20', '28', '27'))}）6{digits(random, 7)}",
    },
    "en": {
        "American, brackets": lambda random: american(random, "({}) {}-{}"),
        "American, hyphens": lambda random: american(random, "{}-{}-{}"),
        "American, dots": lambda random: american(random, "{}.{}.{}"),
        "American, +1": lambda random: american(random, "+1 {} {} {}"),
        "British mobile": lambda random: f"+44 79{digits(random, 2)} {digits(random, 6)}",
        "British": lambda random: f"020 7{digits(random, 3)} {digits(random, 4)}",
        "German": lambda random: f"+49 30 {random.randint(2, 8)}{digits(random, 6)}",
        "Chinese": lambda random: mobile(random, "+86 {} {} {}"),
    },
}
KEYS: dict[str, Callable[[Random], str]] = {
    "OpenAI": lambda random: f"sk-{drawn(random, 48)}",
    "OpenAI project": lambda random: f"sk-proj-{drawn(random, 64)}",
    "Anthropic": lambda random: f"sk-ant-api03-{drawn(random, 80)}",
    "GitHub": lambda random: f"ghp_{drawn(random, 36)}",
    "GitLab": lambda random: f"glpat-{drawn(random, 20)}",
    "AWS": lambda random: f"AKIA{drawn(random, 16, string.ascii_uppercase + '234567')}",
    "Google": lambda random: f"AIza{drawn(random, 35)}",
    "Slack": lambda random: f"xoxb-{digits(random, 12)}-{digits(random, 12)}-{drawn(random, 24)}",
    "Hugging Face": lambda random: f"hf_{drawn(random, 34, string.ascii_letters)}",
    "Aliyun": lambda random: f"LTAI5t{drawn(random, 18)}",
    "Stripe": lambda random: f"sk_live_{drawn(random, 24)}",
    "JSON web token": token,
    "private key": lambda random: private_key(random, ("RSA ", "EC ", "", "OPENSSH ")),
}
_PHONE_SAYINGS = {
    "en": (
        "You can reach me at @@ after six.",
        "Please call @@ to confirm.",
        "My number is @@.",
        "Phone: @@",
        "Text my sister on @@, she knows more.",
        "(tel. @@)",
    ),
    "zh": (
        "我的电话是@@，有事打给我。",
        "联系方式：@@",
        "请拨打@@预约。",
        "微信同号 @@",
        "家属电话@@，请尽快回复。",
        "手机 @@ 找小周",
    ),
}
_ID_SAYINGS = {
    "en": (
        "My resident ID number is @@.",
        "ID card: @@",
        "The patient's Chinese identity number is @@, for your files.",
        "Identity card no. @@ was used to register.",
    ),
    "zh": (
        "我的身份证号是@@。",
        "身份证：@@",
        "患者身份证号码 @@，请登记。",
        "证件号码@@，麻烦核对一下。",
        "（@@）本人已实名",
    ),
}
_MAIL_SAYINGS = {
    "en": ("Send the reply to @@ please.", "Contact: @@", "Write to me (@@) if it fails.", "cc @@", "From: @@"),
    "zh": ("请把结果发到@@，谢谢。", "邮箱：@@", "有问题联系 @@ 。", "抄送@@", "我的邮箱是@@"),
}
_KEY_SAYINGS = {
    "en": (
        "Use this key: @@",
        'api_key = "@@"',
        "export TOKEN=@@",
        "Authorization: Bearer @@",
        "It only works with @@ for me",
    ),
    "zh": ("密钥是 @@ ，先用着。", 'api_key = "@@"', "export TOKEN=@@", "令牌：@@", "我用的是@@，帮我看看"),
}
SAYINGS = {"phone": _PHONE_SAYINGS, "id": _ID_SAYINGS, "mail": _MAIL_SAYINGS, "key": _KEY_SAYINGS}
