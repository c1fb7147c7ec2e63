"""Private data of people who do not exist: the forms of numbers and keys, and sentences such as users write."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

from fault_drawing import dialled, digits, drawn, private_key, token


def address(random: Random) -> str:
    """An e-mail address."""
    name = random.choice(_NAMES)
    name = random.choice((name, name, f"{name}{digits(random, 3)}", name.upper(), f"{name}+news", digits(random, 9)))
    return f"{name}@{random.choice(_HOSTS)}"


def _mobile(random: Random, form: str) -> str:
    """A Chinese mobile number in which M stands for its first three digits."""
    return dialled(random, form.replace("M", random.choice(_MOBILES)))


def _wide(random: Random) -> str:
    number = _mobile(random, "M########")
    return "".join(chr(ord(digit) + 0xFEE0) for digit in number)


def _american(random: Random, form: str) -> str:
    """A number of the North American plan in which A stands for its area."""
    return dialled(random, form.replace("A", random.choice(_AREAS)))


_NAMES = (
    "liuyang",
    "wu.xiaoming",
    "s_ivanova",
    "mary-ann.lee",
    "jdoe",
    "priya.nair",
    "o.haddad",
    "support",
    "sun_lei",
    "m.schmidt",
    "hr",
)
_HOSTS = (
    "mail.lanhai.com",
    "fernhill.org",
    "tulou.cn",
    "uni-weststadt.de",
    "student.hexi.edu.cn",
    "oakpost.net",
    "beichen.com.cn",
    "dataworks.ai",
    "kitemail.co",
    "riverbend.ca",
)
_AREAS = ("213", "305", "347", "408", "425", "512", "614", "703", "718", "808", "916")
_MOBILES = tuple("130 133 152 153 155 157 159 166 173 177 178 181 183 185 187 191 198".split())
PHONES: dict[str, dict[str, Callable[[Random], str]]] = {
    "zh": {
        "mobile": lambda random: _mobile(random, "M########"),
        "mobile, no gap": lambda random: _mobile(random, "M########"),
        "mobile, 4-3": lambda random: _mobile(random, "M#-###-####"),
        "mobile, dots": lambda random: _mobile(random, "M.####.####"),
        "mobile, +86-": lambda random: _mobile(random, "+86-M-####-####"),
        "mobile, +86 without a gap": lambda random: _mobile(random, "+86M########"),
        "mobile, 0086": lambda random: _mobile(random, "0086 M########"),
        "mobile, wide": _wide,
        "landline": lambda random: dialled(random, f"0{random.choice(('24', '29', '592', '531'))}-8#######"),
        "landline, gap": lambda random: dialled(random, f"0{random.choice(('10', '22', '755'))} 6#######"),
        "landline, brackets": lambda random: dialled(random, f"(0{random.choice(('571', '25', '371'))})8#######"),
        "landline, extension": lambda random: dialled(random, "021-5#######-8##"),
    },
    "en": {
        "American, gaps": lambda random: _american(random, "A @## ####"),
        "American, no gap": lambda random: _american(random, "(A)@##-####"),
        "American, hyphens": lambda random: _american(random, "A-@##-####"),
        "American, 1-": lambda random: _american(random, "1-A-@##-####"),
        "American, +1 ()": lambda random: _american(random, "+1 (A) @##-####"),
        "American, +1-": lambda random: _american(random, "+1-A-@##-####"),
        "American, whole": lambda random: _american(random, "+1A@######"),
        "American, extension": lambda random: _american(random, "(A) @##-#### ext. @##"),
        "British": lambda random: dialled(random, "+44 20 7### ####"),
        "British mobile": lambda random: dialled(random, "077## ######"),
        "French": lambda random: dialled(random, "+33 6 ## ## ## ##"),
        "German mobile": lambda random: dialled(random, "+49 151 ########"),
        "Indian": lambda random: dialled(random, "+91 98### #####"),
        "Australian": lambda random: dialled(random, "+61 4## ### ###"),
        "Japanese": lambda random: dialled(random, "+81 90-####-####"),
    },
}
KEYS: dict[str, Callable[[Random], str]] = {
    "OpenAI": lambda random: f"sk-{drawn(random, 20)}T3BlbkFJ{drawn(random, 20)}",
    "OpenAI service": lambda random: f"sk-svcacct-{drawn(random, 74)}",
    "sk- and hex": lambda random: f"sk-{drawn(random, 32, '0123456789abcdef')}",
    "Anthropic": lambda random: f"sk-ant-api03-{drawn(random, 60)}-{drawn(random, 32)}AA",
    "GitHub": lambda random: f"ghp_{drawn(random, 36)}",
    "GitHub app": lambda random: f"gho_{drawn(random, 36)}",
    "GitHub fine-grained": lambda random: f"github_pat_{drawn(random, 22)}_{drawn(random, 59)}",
    "AWS": lambda random: f"AKIA{drawn(random, 16, string.ascii_uppercase + '234567')}",
    "AWS, for a session": lambda random: f"ASIA{drawn(random, 16, string.ascii_uppercase + '234567')}",
    "Google": lambda random: f"AIzaSy{drawn(random, 33)}",
    "Slack": lambda random: f"xoxp-{digits(random, 12)}-{digits(random, 12)}-{digits(random, 12)}-{drawn(random, 32)}",
    "Hugging Face": lambda random: f"hf_{drawn(random, 34, string.ascii_letters)}",
    "Groq": lambda random: f"gsk_{drawn(random, 52)}",
    "Stripe, test": lambda random: f"sk_test_{drawn(random, 24)}",
    "SendGrid": lambda random: f"SG.{drawn(random, 22)}.{drawn(random, 43)}",
    "npm": lambda random: f"npm_{drawn(random, 36)}",
    "Tencent": lambda random: f"AKID{drawn(random, 32)}",
    "JSON web token": lambda random: token(random, "RS256", 342),
    "private key": lambda random: private_key(random, ("RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED ", "DSA ")),
}
_PHONES_SAID = {
    "en": (
        "If there is a problem, ring me on @@.",
        "Call or text: @@.",
        "Her mobile number is @@, but she rarely picks up.",
        "Ask for Dana at @@.",
        "Tel.: @@",
        "You'll find me on WhatsApp (@@).",
        "The old number was @@, please use that one.",
        "Emergency contact: Peter, @@",
    ),
    "zh": (
        "有事请打@@。",
        "我妈的手机号是@@，麻烦您通知她。",
        "加我微信：@@。",
        "电话：@@",
        "可以直接联系王先生，@@。",
        "预约请致电 @@ 。",
        "这是我的号码@@，方便时回个电话。",
        "收件人小陈，@@，放门口就行。",
    ),
}
_IDS_SAID = {
    "en": (
        "His national ID is @@, as printed on the card.",
        "I registered with the Chinese ID card number @@.",
        "ID no.: @@",
        "Please verify the holder of @@ before you answer.",
        "The form asks for the identity number; mine is @@.",
    ),
    "zh": (
        "本人身份证号为@@。",
        "身份证号码：@@",
        "病人证件号@@，请帮忙建档。",
        "登记用的身份证是@@，别弄错了。",
        "公民身份号码 @@ ，姓名略。",
    ),
}
_MAIL_SAID = {
    "en": (
        "Please e-mail the file to @@.",
        "My address is @@, just in case.",
        "Forwarded by <@@>.",
        "Questions go to @@ (not to me).",
        "E-mail: @@",
        "Reply to [me](mailto:@@) when you are done.",
    ),
    "zh": (
        "麻烦发送到@@。",
        "我的电子邮箱是@@，请查收。",
        "联系邮箱：@@",
        "投稿请寄@@，谢谢！",
        "回复给 @@ 就好。",
        "（来自 @@）",
    ),
}
_KEYS_SAID = {
    "en": (
        "Here's my key, don't share it: @@.",
        "I set `OPENAI_API_KEY=@@` and it fails.",
        "curl -H 'Authorization: Bearer @@' is what I ran.",
        "token: @@",
        'client = Client(api_key="@@")',
        "The secret is @@, it expires next week.",
    ),
    "zh": (
        "这是我的密钥@@，不要外传。",
        "我在环境变量里写了 API_KEY=@@，但是报错。",
        "访问令牌为：@@。",
        'client = Client(api_key="@@")',
        "token: @@",
        "用 @@ 登录试试。",
    ),
}
SAYINGS = {"phone": _PHONES_SAID, "id": _IDS_SAID, "mail": _MAIL_SAID, "key": _KEYS_SAID}
