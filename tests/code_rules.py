"""What the code must not do, found in its syntax tree rather than in its text.

>>> broken("import pickle", "curate/x.py")
['1: imports pickle, which runs what it reads']
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

#: Reading with these runs code that stands in the file.
RUNNING_FORMATS = frozenset({"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
#: Nothing unpacks an archive: names in it may lead anywhere.
ARCHIVES = frozenset({"tarfile", "zipfile"})
SAFE_YAML = frozenset({"SafeLoader", "CSafeLoader", "SafeDumper", "CSafeDumper"})
UNSAFE_YAML = frozenset(
    {
        "Loader", "CLoader", "FullLoader", "CFullLoader", "UnsafeLoader", "CUnsafeLoader", "BaseLoader", "Dumper",
        "CDumper", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all", "add_constructor",
        "add_multi_constructor",
    }
)  # fmt: skip
BUILTINS = frozenset({"eval", "exec", "compile", "__import__"})
SHELLS = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"}
)
PICKLE_CALLS = frozenset({"read_pickle", "to_pickle"})

#: Who may start programs of its own, and why. `benchmarks/` and `supply/` may: they start peers and tools.
STARTS_PROGRAMS = {
    "cli_app.py": "the server of the app takes this process's place",
    "train/distributed_processes.py": "a worker for each GPU",
    "ui/job_process.py": "the command of a job",
    "ui/jobs_processes.py": "ps, where there is no /proc",
    "ui/jobs_queue.py": "a supervisor for each job",
}
#: Who may speak SQL that is written by hand; everything else builds statements that carry values as parameters.
SPEAKS_SQL = ("evaluate/review_store", "evaluate/migrations/", "benchmarks/")
#: Who may write tables for spreadsheets without going through `curate/files/writing.py`.
WRITES_TABLES = ("train/sweep_output.py",)
_TABLE_WRITERS = ("csv.writer", "csv.DictWriter")
_STARTERS = ("subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty.")
_SQL = ("exec_driver_sql", "executescript", "executemany")


def broken(source: str, path: str) -> list[str]:
    """The rules that a file breaks, with the line of each."""
    found = []
    for node in ast.walk(ast.parse(source)):
        look = _LOOKS.get(type(node))
        if look is not None:
            found += [f"{getattr(node, 'lineno', 0)}: {what}" for what in look(node, path)]
    return found


def _of_attribute(node: ast.Attribute, path: str) -> Iterator[str]:
    if node.attr in UNSAFE_YAML and dotted(node.value) == "yaml":
        yield f"uses yaml.{node.attr}; take SafeLoader, CSafeLoader or SafeDumper"


def _of_dict(node: ast.Dict, path: str) -> Iterator[str]:
    for key, value in zip(node.keys, node.values):
        if isinstance(key, ast.Constant) and key.value == "trust_remote_code" and _is(value, True):
            yield "trusts code that comes with a model"


def _of_field(node: ast.AnnAssign, path: str) -> Iterator[str]:
    if dotted(node.target) == "trust_remote_code" and node.value is not None and not _is(node.value, False):
        yield "trust_remote_code is not off by default"


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> Iterator[str]:
    for name, default in _defaults(node):
        if name == "trust_remote_code" and not _is(default, False):
            yield "trust_remote_code is not off by default"


def _of_any_call(node: ast.Call, path: str) -> Iterator[str]:
    yield from _of_call(node, path)
    yield from _of_keywords(node)
    yield from _of_sql(node, path)


def _of_import(node: ast.Import | ast.ImportFrom, path: str) -> Iterator[str]:
    names = [alias.name for alias in node.names]
    modules = names if isinstance(node, ast.Import) else [node.module or ""]
    for module in {name.partition(".")[0] for name in modules}:
        if module in RUNNING_FORMATS and not (isinstance(node, ast.ImportFrom) and names == ["UnpicklingError"]):
            yield f"imports {module}, which runs what it reads"
        if module in ARCHIVES:
            yield f"imports {module}: a name in an archive may lead anywhere"
        if module in ("subprocess", "pty") and not may_start_programs(path):
            yield f"imports {module}, and is not among those that start programs"
    if isinstance(node, ast.ImportFrom) and node.module == "yaml":
        yield "imports names of yaml; write yaml.safe_load, so that they can be seen"


def _of_call(node: ast.Call, path: str) -> Iterator[str]:
    name = dotted(node.func)
    last = name.rpartition(".")[2]
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if name in BUILTINS:
        yield f"calls {name}()"
    if name in SHELLS:
        yield f"calls {name}, which asks a shell"
    if name.startswith(_STARTERS) and not may_start_programs(path):
        yield f"calls {name}, and is not among those that start programs"
    if name in ("np.load", "numpy.load") and not _is(given.get("allow_pickle"), False):
        yield "numpy.load without allow_pickle=False"
    if name in ("torch.load", "torch_load") and not _is(given.get("weights_only"), True):
        yield "torch.load without weights_only=True"
    if name in ("yaml.load", "yaml.load_all") and _yaml_kind(node, given.get("Loader")) not in SAFE_YAML:
        yield f"{name} without a safe loader"
    if name in ("yaml.dump", "yaml.dump_all") and "Dumper" not in given:
        yield f"{name} without a Dumper; take yaml.safe_dump"
    if last in PICKLE_CALLS or name == "shutil.unpack_archive" or last == "extractall":
        yield f"calls {last}"
    if (name in _TABLE_WRITERS or last in ("to_csv", "to_excel")) and not path.startswith(
        ("benchmarks/", *WRITES_TABLES)
    ):
        yield f"calls {last}: a cell may run as a formula; see curate/files/spreadsheet.py"
    if name == "tempfile.mktemp":
        yield "tempfile.mktemp gives a name that somebody else may take first"
    if last == "from_pretrained" and "Auto" in name and "trust_remote_code" not in given:
        yield f"{name} does not say trust_remote_code; without it the library asks at the terminal"
    if last == "Environment" and "jinja2" in name and not _is(given.get("autoescape"), True):
        yield "jinja2.Environment without autoescape=True"


def _of_keywords(node: ast.Call) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.arg == "trust_remote_code" and _is(keyword.value, True):
            yield "trusts code that comes with a model"
        if keyword.arg == "shell" and not _is(keyword.value, False):
            yield "asks a shell"
        if keyword.arg == "verify" and _is(keyword.value, False):
            yield "does not look at the certificate of a server"
        if keyword.arg in ("unsafe_allow_html", "unsafe_allow_javascript") and not _is(keyword.value, False):
            yield "shows HTML that it did not make"


def _of_sql(node: ast.Call, path: str) -> Iterator[str]:
    """SQL by hand: who may, and never with values put into the text, but for whole numbers by `int()`."""
    name = dotted(node.func)
    last = name.rpartition(".")[2]
    by_hand = name in ("sa.text", "sqlalchemy.text") or last in _SQL
    by_hand |= last == "execute" and bool(node.args) and _is_text(node.args[0])
    if not by_hand or not node.args:
        return
    if not path.startswith(SPEAKS_SQL):
        yield "writes SQL by hand outside evaluate/review_store*.py"
    if not _is_plain_text(node.args[0]):
        yield "puts a value into the text of an SQL statement; pass it as a parameter"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_plain_text(node: ast.expr) -> bool:
    """A text that stands in the source; in an f-string only constants of the file and whole numbers."""
    if isinstance(node, ast.JoinedStr):
        values = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(_is_constant(value) for value in values)
    return isinstance(node, ast.Constant)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and dotted(node.func) == "max":
        return all(isinstance(one, ast.Constant) or _is_constant(one) for one in node.args)
    name = dotted(node.func) if isinstance(node, ast.Call) else dotted(node)
    return name == "int" or name.isupper() or name in ("verb", "verb.lower")  # UPDATE, DELETE: a migration's loop


def may_start_programs(path: str) -> bool:
    """Whether a file is one of those that may."""
    return path in STARTS_PROGRAMS or path.startswith(("benchmarks/", "supply/"))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, with `?` for a part that is no name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _yaml_kind(node: ast.Call, loader: ast.expr | None) -> str:
    given = loader or (node.args[1] if len(node.args) > 1 else None)
    return dotted(given).rpartition(".")[2] if given is not None else ""


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.expr]]:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    if arguments.defaults:
        yield from ((one.arg, value) for one, value in zip(plain[-len(arguments.defaults) :], arguments.defaults))
    yield from (
        (one.arg, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults) if value is not None
    )


_LOOKS: dict[type[ast.AST], Callable[[Any, str], Iterator[str]]] = {
    ast.AnnAssign: _of_field,
    ast.AsyncFunctionDef: _of_function,
    ast.Attribute: _of_attribute,
    ast.Call: _of_any_call,
    ast.Dict: _of_dict,
    ast.FunctionDef: _of_function,
    ast.Import: _of_import,
    ast.ImportFrom: _of_import,
}
