"""The words that end where a phone number begins: "her number is", "text my sister on", 电话：.

A word somewhere near a number is enough for the forms that little else has. Any other row of digits counts only where
the words lead up to it, with nothing in between that could own the number.

>>> leads_to_phone("You can reach him at "), leads_to_phone("My sister's new number is ")
(True, True)
>>> leads_to_phone("My order number is "), leads_to_phone("phone sales of "), leads_to_phone("call the function with ")
(False, False, False)
"""

from __future__ import annotations

import re

#: So many characters before a number are read.
LEAD = 80

# A line, a cell or a signal is more often something else.
_THING = (
    r"(?:tele)?phone|tel|mobile|mob|cell(?:phone| phone)|(?:my|his|her|your|our|their|['’]s) (?:cell|line)|fax"
    r"|whats ?app"
    r"|telegram|viber|(?:direct|office|home|work|private|desk)[ \-]line|wechat|sms|hotline|helpline|landline"
    r"|handset|pager"
    r"|switchboard|reception|voicemail|telefon|telefono|téléphone|teléfono|telefone|móvil|celular|(?:ph|hp"
    r"|cell)(?=[.:])"
)
_WHOSE = (
    r"my|his|her|their|our|your|whose|home|work|office|contact|emergency|daytime|evening|direct|personal|private"
    r"|business"
    r"|new|old|other|current|correct|best|clinic|shop|front desk|room|landlord|[^\W\d_]+['’]s"
)
# What may stand between the words and the number.
_LINK = (
    r"is|was|are|will be|ha(?:s|ve)(?:n['’]t| not)? changed|number|numbers|no|nr|num|now|still|currently|here|to|on"
    r"|at|under|via|using|by|it|its|it['’]s|that['’]s|and|or"
    r"|also|changed|again|instead|today|tonight|tomorrow|anytime|directly|below|back|me|us|him|her|them|please|just"
    r"|just use"
    r"|for (?:the |my |our |his |her |their )?[^\W\d_]+(?: [^\W\d_]+)?|of (?:the |my |our |his |her "
    r"|their )?[^\W\d_]+"
)
_LINKS = rf"(?:['’]s\b|[\s:：=?,'’\"*_`()（\[\]#>|/–—\-]|\.(?=\s|$)|\b(?:{_LINK})\b){{0,14}}$"
_NAMED = re.compile(
    rf"(?:\b(?:{_THING})s?\b\.?|(?:phone|mobile|cell|tel|fax|contact)_?(?:number|no|num)?\b"
    rf"|\b(?:{_WHOSE})[ \t](?:[^\W\d_]+[ \t])?(?:number|digits)\b"
    r"|\bnumber (?:to|you can|for you to) (?:call|ring|reach|dial|text|use)\b|\bnumber to reach [^\W\d_]+\b"
    r"|\bnumber for (?:the |my |our |his |her |their |a )?[^\W\d_]+(?: [^\W\d_]+)? is\b|(?:^|\n)[ \t>*\-]*number\b"
    r"|\b(?:phone|mobile|cell|number|call)[.!?] (?:it['’]?s|that['’]?s|try|use|dial)\b"
    rf"|\b(?:phone|mobile|cell|landline|line)\b[^.!?\n0-9;]{{0,30}}\b(?:use|try)\b){_LINKS}",
    re.IGNORECASE,
)
_VERB = r"(?i:call|ring|text|reach|phone|dial|message|contact|whats ?app|sms|fax|buzz|ping|telephone)"
_ASKED = re.compile(
    # call …, ring him: …
    rf"\b(?:{_VERB})(?:s|ed|ing)?(?<!essage)(?: (?:me|us|him|her|them|back|home|(?:my|his|her|our|their"
    rf"|the) [^\W\d_]+|[A-Z][^\W\d_]+)){{0,2}}"
    rf"[\s:：,\"'*`(\[–—\-]{{0,4}}$"
    # text my elder sister in Leeds on …
    rf"|\b(?:{_VERB}|(?i:get hold of|get in touch|speak to|talk to|available|leave a message|catch|find))(?:s|es|ed"
    rf"|ing|able)?\b"
    rf"[^.!?\n0-9;]{{0,50}}[\s,](?:on|at|via|using|under)(?: (?:this|my|his|her|their|our"
    rf"|the) (?:[^\W\d_]+ )?(?:{_THING}|number))?"
    rf"[\s:：,\"'*`(\[–—\-]{{0,4}}$"
    r"|\b(?i:message|signal) (?:me|us|him|her|them)[ :(]{1,2}$"
    # send the code to … by text, she picks up on …
    r"|\b(?i:text|sms|code|message|fax|confirm|forward|send)\b[^.!?\n0-9;]{0,40} to[ :]{1,2}$|\b(?i:pick(?:s"
    r"|ed)? up|get (?:me|him|her|us|them)) on $"
    r"|\b(?i:speak to|talk to|ask for) (?:[A-Z][^\W\d_]+ ?){1,3}[:,(–—\-] ?$"
    r"|\b(?i:appelez|appeler|joindre|llam[ae]\w*|liga\w*|ruf\w*|anrufen|erreich\w+|chiama\w*"
    r"|bel)\b[^.!?\n0-9;]{0,40}$",
)
_CHINESE = re.compile(
    r"(?:电话|電話|手机|手機|号码|號碼|联系方式|聯絡|热线|座机|传真|微信|拨打|致电|打给[我他她]|联系|联系[我他她])"
    r"(?:号码?|是|为|就是|改成了?|换成了?|：|:|[\s，,(（]){0,6}$"
)
_BEHIND = re.compile(
    r"[\s)\]\"'’*_,–—(\-]{0,4}(?:is |['’]s |are )?(?:(?:also |still )?(?:my|his|her|their|our|your|the"
    r"|a) )?(?:[^\W\d_]+['’]s )?"
    r"(?:new |old |work |home |office |personal |direct )?(?:mobile|cell|phone|tel|telephone|landline|whats ?app"
    r"|fax|direct line|number|voicemail)\b"
    r"|[ \"']{0,2}(?:to|in) (?:my|the|your|our|his|her) (?:contacts|phone ?book|address book|speed dial)\b"
    r"|[ ,]{1,2}(?:by|via) (?:text|sms|phone|whats ?app)\b"
    r"|\s?(?:是|就是)?[我你他她](?:的)?(?:新)?(?:电话|手机|号码)",
    re.IGNORECASE,
)
#: What else is counted by a number that somebody has.
_OTHERS = re.compile(
    r"\b(?:order|account|student|ticket|reference|ref|policy|member(?:ship)?|employee|staff|badge|case|seat|flight"
    r"|model|part|"
    r"lottery|lucky|favou?rite|registration|vat|tax|security|social|routing|pin|zip|postal|house|licen[cs]e|plate"
    r"|serial|"
    r"tracking|invoice|booking|confirmation|patient|claim|card|passport|id|isbn|identity|national insurance|version|"
    r"batch|lot|sort code|meter|engine|chassis|customer|client|roll|bib|jersey|locker)\b[^.!?\n]{0,24}$"
    r"|订单|单号|运单|编号|学号|工号|卡号|账号|身份证|护照|邮编|房号|车牌|QQ|qq",
    re.IGNORECASE,
)


def is_said_behind(behind: str) -> bool:
    """Whether the text behind a number, `LEAD` characters of it, says what it was: "is my mobile", "(WhatsApp)"."""
    return bool(_BEHIND.match(behind))


def leads_to_phone(ahead: str) -> bool:
    """Whether the text before a number, `LEAD` characters of it, ends by announcing a phone number."""
    if not (_NAMED.search(ahead) or _ASKED.search(ahead) or _CHINESE.search(ahead)):
        return False
    return not _OTHERS.search(ahead[-48:])
