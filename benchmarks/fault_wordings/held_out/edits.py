"""What an echo begins with, and what loops repeat and where."""

ECHO_PREFIXES = {
    "en": (
        "Your question was: ",
        "Q: ",
        "Prompt: ",
        "Instruction: ",
        "Let's see. ",
        "Well, ",
        "My task: ",
        "Here is the task: ",
        "So you want to know: ",
        "Rephrased: ",
    ),
    "zh": (
        "您问：",
        "提问：",
        "指令：",
        "好的。",
        "原问题：",
        "这是您的问题：",
        "请问：",
        "任务：",
        "让我想想，",
        "您想了解的是：",
    ),
}
LOOP_UNITS = (  # names of fault_loops.UNITS
    "piece",
    "two words",
    "joined clause",
    "sentence pair",
    "paragraph",
    "list item",
    "step",
    "number",
)
LOOP_PLACES = ("end", "tail", "tail", "middle", "start")
