"""What clippings is made of is locked by hash, and nothing that it loads can run code of its own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
MODULES = [path for package in ("index", "rag", "ui", "prompts") for path in sorted((ROOT / package).glob("**/*.py"))]

RUNS_CODE = {
    "pickle",
    "cPickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "importlib.machinery",
}
"""Modules whose loading can run what a file says."""


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    both = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in both}


def test_every_locked_version_is_the_one_of_the_constraints() -> None:
    known = pinned() | {name: LOCKED[name] for name in ("pip", "setuptools")}  # `pip freeze` leaves them out
    assert len(LOCKED) > 80
    assert {name: Version(v).public for name, v in LOCKED.items()} == {name: known[name] for name in LOCKED}


def test_what_the_project_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["embedded"], *extras["mcp"]]:
        needed = Requirement(text)
        assert needed.specifier.contains(Version(LOCKED[canonicalize_name(needed.name)]).public), text


def test_every_locked_file_has_its_hash_and_no_address() -> None:
    entries = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE).strip())
    assert len(entries) == len(LOCKED)
    whole = re.compile(r"[\w.-]+==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not whole.fullmatch(entry)] == []


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def running_code(tree: ast.AST) -> list[str]:
    """What in a module could run code that a file brings."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in RUNS_CODE]
        elif isinstance(node, ast.ImportFrom) and node.module in RUNS_CODE:
            found.append(node.module or "")
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            safe_yaml = called != "yaml.load"
            allowed = {"allow_pickle", "trust_remote_code", "weights_only"}
            given = [
                word.arg
                for word in node.keywords
                if word.arg in allowed and ast.unparse(word.value) != str(word.arg == "weights_only")
            ]
            if called in ("eval", "exec", "torch.load", "np.load", "numpy.load") or not safe_yaml or given:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_that_is_loaded_can_run_code(path: Path) -> None:
    assert running_code(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "bad",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "yaml.load(text)",
        "eval(text)",
    ],
)
def test_what_could_run_code_is_noticed(bad: str) -> None:
    assert len(running_code(ast.parse(bad))) == 1


GUARD = """
import pickle, sys

def refuse(*_, **__):
    raise AssertionError("something was unpickled, or brought code")

class Refusing(pickle._Unpickler):
    load = refuse

pickle.Unpickler = pickle._Unpickler = Refusing
pickle.load = pickle.loads = refuse
sys.modules["_pickle"].Unpickler = Refusing
sys.modules["_pickle"].load = sys.modules["_pickle"].loads = refuse
import torch
torch.load = refuse
import transformers.dynamic_module_utils as dynamic
dynamic.get_class_from_dynamic_module = refuse
"""

LOADS = """
from ui.cli.parser import main

folder, articles = sys.argv[1:]
assert main(["--index", folder, "index", "update", "--quiet", articles]) == 0
assert main(["--index", folder, "ask", "What will the Calder bridge cost?"]) == 0
"""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


@pytest.mark.models
@pytest.mark.slow
def test_the_models_and_the_index_are_loaded_without_unpickling(tmp_path: Path, articles_folder: Path) -> None:
    done = run(GUARD + LOADS, tmp_path / "index", articles_folder)
    assert done.returncode == 0, done.stderr
    assert "587 million crowns" in done.stdout


@pytest.mark.slow
def test_unpickling_is_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pickle"
    bad.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    for load in ("pickle.load(open(sys.argv[1], 'rb'))", "torch.load(sys.argv[1])"):
        assert "something was unpickled" in run(f"{GUARD}\n{load}", bad).stderr
