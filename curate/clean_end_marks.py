"""The token that ends a text for a model, left at the end of the text itself.

Some data sets write it behind every answer. A chat template adds its own, so that the model would learn two; what
stands elsewhere in a text says that more is wrong, and is left to the rule `template_marks`.

>>> end_marks("No.<|endoftext|>"), end_marks("Write <|endoftext|> at the end.")
('No.', 'Write <|endoftext|> at the end.')
"""

from __future__ import annotations

import re

#: Inside `<|…|>`, then in pointed and in square brackets.
_BARRED = (
    "endoftext|end_of_text|im_end|im_sep|eot_id|eot|end|eom_id|eom|eos|return|call|endofmessage|end_of_turn|endofturn|"
    "end_of_turn_token|end_of_response|end_response|role_end|message_end|end_of_message|end_of_role|endofprompt|eoh|"
    "eoa|"
    "eop|eod|pad|padding|separator|turn_end|turn_end_token|sep"
)
_POINTED = (
    "eos|eom|eoa|eoh|eod|eot|eop|end_of_turn|endoftext|end_of_text|end_of_utterance|end_of_sentence|end_of_dialogue|"
    "eos_token|_end|im_end|eot_id|eom_id|pad"
)
_SQUARE = r"EOS|EOT|EOD|EOM|PAD|SEP|END_OF_TEXT|UNUSED_TOKEN_145|\|endofturn\|"
_END = re.compile(
    rf"\s*(?:<\|(?:{_BARRED})\|>|<(?:{_POINTED})>|<｜(?:end▁of▁sentence|▁pad▁)｜>|\[(?:{_SQUARE})\]|</s>)\s*\Z",
    re.IGNORECASE,
)
#: In characters; none of them is longer.
_LONGEST = 40
#: What each of them ends with: most texts end otherwise, and cost one look.
_LAST = (">", "]")


def end_marks(text: str) -> str:
    """The text without the end tokens that close it; a `</s>` that closes an `<s>` of HTML stays, and so does a text
    that is nothing else."""
    end = len(text)
    while (ahead := text[:end].rstrip()).endswith(_LAST):
        found = _END.search(text, max(0, len(ahead) - _LONGEST), end)
        if not found:
            break
        end = found.start()
    closing = text[end:]
    if not closing or not text[:end].strip() or ("</s>" in closing and "<s>" in text):
        return text
    return text[:end]
