"""What an echo begins with, and what loops repeat and where."""

ECHO_PREFIXES = {
    "en": ("Question: ", "You asked: ", "Sure! ", "Answer: ", "The question is: ", "Okay, so ", "Input: ", "> "),
    "zh": ("问题：", "您的问题是：", "好的，", "回答：", "题目：", "你问的是：", "输入：", "用户说："),
}
LOOP_UNITS = ("word", "phrase", "sentence", "line", "numbered line")  # names of fault_loops.UNITS
LOOP_PLACES = ("end", "tail")
