"""Every signal that is measured of a row, by name, with its Arrow type and what it says in which unit.

Each table is filled by the function of the same name: `BASICS` by `signals.py`, the others by the module that their
comment names; `measured.measure_batch` fills them all, in this order.

>>> len({name for name, _, _ in SIGNALS}) == len(SIGNALS)
True
"""

from __future__ import annotations

import pyarrow as pa

Table = tuple[tuple[str, pa.DataType, str], ...]

#: Language, lengths, order of turns, keys: `signals.py`, and the same by kernels `measured.py`.
BASICS: Table = (
    ("language", pa.string(), "by script: zh, ja, ko, en (Latin letters), other; of prompt and answer together"),
    ("turns", pa.int32(), "messages; a chosen and a rejected answer count one each"),
    ("characters", pa.int32(), "Unicode characters in all turns"),
    ("prompt_characters", pa.int32(), "characters in the user's turns, without outer white space"),
    ("answer_characters", pa.int32(), "characters in the last answer (the chosen one, the text), likewise"),
    ("words", pa.int32(), "words between white space; each Han, kana and Hangul character by itself"),
    ("empty_turns", pa.int32(), "turns without text or tool call"),
    ("missing_answer", pa.bool_(), "whether no assistant turn ends the conversation"),
    ("disordered_turn", pa.int32(), "number from 1 of the first turn out of order; 0 where all are in order"),
    ("prompt_equals_answer", pa.bool_(), "whether the answer is the prompt again"),
    ("sides_equal", pa.bool_(), "whether chosen and rejected are the same"),
    ("placeholders", pa.int32(), "unfilled placeholders such as {{name}} outside code"),
    ("row_key", pa.binary(16), "xxh3_128 of the whole row's normal form: equal keys are exact duplicates"),
    (
        "prompt_key",
        pa.binary(16),
        "xxh3_128 of the normal form of the user's turns: equal keys share a side of the split",
    ),
)

#: Shares, repetition, overlap, ending: `statistics.py`.
STATISTICS: Table = (
    ("prompt_words", pa.int32(), "words in the user's turns; each Han, kana and Hangul character by itself"),
    ("answer_words", pa.int32(), "words in the last answer (the chosen one, the text), likewise"),
    ("answer_lines", pa.int32(), "lines of the answer that are not blank"),
    ("alnum_share", pa.float32(), "letters, marks and numbers (Unicode L, M, N) among the answer's characters"),
    ("digit_share", pa.float32(), "decimal digits (Nd) among the answer's characters"),
    ("punctuation_share", pa.float32(), "punctuation (P) among the answer's characters"),
    ("symbol_share", pa.float32(), "symbols (S: mathematics, currency, emoji) among the answer's characters"),
    ("cjk_share", pa.float32(), "Han, kana and Hangul among the answer's characters"),
    ("whitespace_share", pa.float32(), "white space among the answer's characters"),
    ("repeated_word_share", pa.float32(), "words of the answer that stood in it before"),
    ("repeated_ngram_share", pa.float32(), "windows of five words that stood in the answer before"),
    ("loop_share", pa.float32(), "characters of the longest stretch of three or more copies of one unit of words"),
    ("loop_count", pa.int32(), "copies in that stretch; 0 where there is none"),
    ("repeated_line_share", pa.float32(), "lines of two words and more that stood in the answer before, outside code"),
    ("repeated_sentence_share", pa.float32(), "sentences of three words and more that stood before, outside code"),
    ("code_share", pa.float32(), "characters of the answer in fences or back ticks"),
    ("math_share", pa.float32(), "characters of the answer in LaTeX or formulas"),
    ("list_share", pa.float32(), "lines that open with a bullet or a number, among those that are not blank"),
    ("url_share", pa.float32(), "characters of the answer in web addresses, white space aside"),
    ("answer_prompt_ratio", pa.float32(), "characters of the answer for each of the prompt; 0 without a prompt"),
    ("answer_overlap", pa.float32(), "distinct runs of three words of the answer that stand in the last question"),
    ("prompt_overlap", pa.float32(), "runs of three words of the last question that stand in the answer"),
    ("ending", pa.string(), "of the answer: complete, open (nothing says), cut, mid_word, empty"),
    ("replacement_characters", pa.int32(), "U+FFFD and debris of lost encodings such as 锟斤拷, in prompt and answer"),
    ("side_ratio", pa.float32(), "characters of the chosen for each of the rejected answer; 0 for other kinds"),
    ("side_similarity", pa.float32(), "Jaccard similarity of both answers' runs of three words; 0 for other kinds"),
)

#: Refusals, unsafe content, leftover marks: `phrases.py`.
PHRASES: Table = (
    ("refusal", pa.float32(), "how clearly the answer is a model's refusal, 0 to 1; from .5 on it is nothing else"),
    ("unknown_answer", pa.bool_(), "whether the answer says only that it does not know"),
    ("unsafe", pa.int32(), "different cues of unsafe content in prompt and answer"),
    ("unsafe_kind", pa.string(), "the kind of most of them, such as drugs or crime; empty where there is none"),
    ("template_marks", pa.int32(), "special tokens and role labels left over outside code, in all turns"),
    ("politeness_only", pa.bool_(), "whether the answer is courtesy without content, to a question that is none"),
    ("stub_answer", pa.bool_(), "whether the answer stands in for one: TODO, N/A, 待补充, three dots"),
)

#: Languages of both sides: `languages.py`.
LANGUAGE_SIGNALS: Table = (
    (
        "prompt_language",
        pa.string(),
        'ISO 639-1 code of the user\'s turns outside code; "" for too few letters to tell',
    ),
    ("answer_language", pa.string(), "the same of the answer"),
    ("asked_language", pa.string(), 'the language that the prompt asks the answer to be in; "" where it asks for none'),
    ("language_mismatch", pa.bool_(), "whether the answer is in another language than asked for, or than the prompt"),
)

#: What the prompt wants, and broken tool calls: `tasks.py`.
TASK_SIGNALS: Table = (
    ("task", pa.string(), "what the prompt wants, by cues, such as math or translation"),
    ("broken_tool_calls", pa.int32(), "tool calls that no program could run: no JSON object, unknown tool, parameters"),
)

#: All of them.
SIGNALS: Table = (*BASICS, *STATISTICS, *PHRASES, *LANGUAGE_SIGNALS, *TASK_SIGNALS)
