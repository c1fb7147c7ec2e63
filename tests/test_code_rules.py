"""Every file keeps the rules of `code_rules.py`, and each rule finds what it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.code_rules import STARTS_PROGRAMS, broken

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("curate", "evaluate", "train", "ui", "benchmarks", "supply")
FILES = sorted([*ROOT.glob("*.py"), *(path for name in FOLDERS for path in (ROOT / name).rglob("*.py"))])


def test_no_file_breaks_a_rule() -> None:
    assert len(FILES) > 500
    found = {}
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        if lines := broken(path.read_text(encoding="utf-8"), name):
            found[name] = lines
    assert found == {}


def test_who_may_start_programs_does() -> None:
    for name in STARTS_PROGRAMS:
        assert broken((ROOT / name).read_text(encoding="utf-8"), "elsewhere.py"), f"{name} no longer needs its line"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "from pickle import UnpicklingError, loads",
        "import joblib.externals",
        "import pandas as pd\npd.read_pickle('x')",
        "np.load('x')",
        "np.load('x', allow_pickle=True)",
        "np.load('x', allow_pickle=maybe)",
        "torch.load('x')",
        "torch.load('x', weights_only=False)",
        "yaml.load(text)",
        "yaml.load(text, yaml.Loader)",
        "yaml.load(text, Loader=yaml.FullLoader)",
        "yaml.unsafe_load(text)",
        "from yaml import load",
        "yaml.dump(value)",
        "class Mine(yaml.UnsafeLoader): pass",
        "eval('1')",
        "exec(text)",
        "compile(text, 'x', 'exec')",
        "os.system('ls')",
        "run(command, shell=True)",
        "run(command, shell=wish)",
        "import subprocess",
        "os.execv('a', [])",
        "import tarfile",
        "shutil.unpack_archive('x')",
        "archive.extractall()",
        "AutoTokenizer.from_pretrained('x')",
        "AutoTokenizer.from_pretrained('x', trust_remote_code=True)",
        "kind.from_pretrained('x', trust_remote_code=True)",
        "settings = {'trust_remote_code': True}",
        "def load(*, trust_remote_code=True): pass",
        "def load(trust_remote_code=None): pass",
        "class Asked(NamedTuple):\n    trust_remote_code: bool = True",
        "requests.get(url, verify=False)",
        "st.markdown(text, unsafe_allow_html=True)",
        "csv.writer(file).writerow(row)",
        "frame.to_csv('x.csv')",
        "tempfile.mktemp()",
        "jinja2.Environment(loader=x)",
        "sa.text('SELECT 1')",
        "cursor.execute(f'SELECT {name}')",
        "cursor.execute('SELECT ' + name)",
    ],
)
def test_what_is_forbidden_is_found(source: str) -> None:
    assert len(broken(source, "curate/x.py")) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "from pickle import UnpicklingError",
        "np.load('x', allow_pickle=False)",
        "torch.load('x', weights_only=True)",
        "yaml.load(text, yaml.CSafeLoader)",
        "yaml.safe_load(text)",
        "yaml.dump(value, Dumper=Mine)",
        "class Mine(yaml.SafeLoader): pass",
        "re.compile('x'); model.eval(); model.to(place).eval(); pattern.compile()",
        "AutoTokenizer.from_pretrained('x', trust_remote_code=trust_remote_code)",
        "def load(*, trust_remote_code=False): pass",
        "st.text('SELECT'); connection.execute(sa.select(table))",
    ],
)
def test_what_is_allowed_is_not_found(source: str) -> None:
    assert broken(source, "curate/x.py") == []


def test_values_go_into_no_statement_even_where_sql_is_written() -> None:
    place = "evaluate/review_store_x.py"
    assert broken("driver.execute('BEGIN')", place) == []
    assert broken("driver.execute(f'PRAGMA busy_timeout = {int(seconds)}')", place) == []
    assert broken("driver.execute(f'SELECT * FROM {table}')", place)
    assert broken("connection.execute(sa.text('SELECT %s' % name))", place)
    assert broken("connection.exec_driver_sql(text)", place)
