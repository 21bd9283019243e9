"""The project keeps its own rules: imports, size, docstrings, the wheel, and what README promises."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.cli import build_parser
from rag.settings import Settings

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "index": {"index"},
    "prompts": {"prompts"},
    "rag": {"rag", "index", "prompts"},
    "ui": {"ui", "rag", "index", "prompts"},
}
MODULES = sorted(path for package in ALLOWED for path in (ROOT / package).glob("**/*.py"))
MAX_LINES = 450


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """First names of all that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert imported(path) & (ALLOWED.keys() | {"tests", "scripts"}) <= ALLOWED[package]


ROOMS = {
    "rag/question": {"rag.linear", "rag.question"},
    "rag/reader": {"rag.reader"},
    "rag/retrieval": {"rag.answer", "rag.question", "rag.reader", "rag.retrieval", "rag.wording"},
    "rag/grounding": {"rag.answer", "rag.grounding", "rag.reader", "rag.wording"},
    "rag/answering": {
        "rag.answer",
        "rag.answering",
        "rag.grounding",
        "rag.dates_in_text",
        "rag.prompting",
        "rag.question",
        "rag.retrieval",
        "rag.steps",
        "rag.wording",
    },
}
"""What the rooms of the answer layer may import of `rag`: each knows those before it, none the chatbot or eval."""


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_of_the_answer_layer_know_only_those_before_them(room: str) -> None:
    modules = sorted((ROOT / room).glob("*.py"))
    assert len(modules) >= 4
    for path in modules:
        for name in imported_modules(path):
            allowed = any(name == known or name.startswith(f"{known}.") for known in ROOMS[room])
            assert allowed or not name.startswith("rag"), f"{name_of(path)} imports {name}"


def imported_modules(path: Path) -> set[str]:
    """Full names of all modules that a module imports; of `from rag import wording` both parts."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "rag":
            found |= {f"rag.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_every_package_is_in_the_distribution() -> None:
    packages = {str(path.parent.relative_to(ROOT)).replace("/", ".") for path in MODULES if path.name == "__init__.py"}
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    assert sorted(packages) == listed


def test_the_only_imports_by_name_against_the_direction_are_what_is_served() -> None:
    by_name = {}
    for path in MODULES:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(("import_module", "__import__")):
                by_name.setdefault(name_of(path), set()).add(ast.literal_eval(call.args[0]))
    assert by_name == {
        "rag/commands.py": {"ui.memory", "ui.serve"},
        "rag/serving.py": {"ui.doors.stdio", "ui.doors.accounts"},
    }


def test_modules_imported_by_name_exist() -> None:
    assert all(map(find_spec, ("ui.serve", "ui.doors.stdio", "ui.doors.accounts")))


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").glob("**/*.py"))], ids=name_of)
def test_every_module_says_what_it_does(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    if content.strip():
        assert len((ast.get_docstring(ast.parse(content)) or "").split()) >= 4


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_LINES


@pytest.mark.parametrize("name", ["index", "prompts", "rag"])
def test_all_matches(name: str) -> None:
    package = importlib.import_module(name)
    tree = ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert sorted(package.__all__) == list(package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)
    assert all(hasattr(package, member) for member in package.__all__)
    assert {member for member in defined if not member.startswith("_")} <= set(package.__all__)


def test_what_python_users_are_promised_is_public() -> None:
    import index
    import rag

    assert {"answer", "stream_answer", "Chatbot", "Answer", "Citation", "Evidence", "Settings"} <= set(rag.__all__)
    assert {"Index", "Article", "Chunk", "Hit"} <= set(index.__all__)


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names in the wheel that is built from a copy of what is needed for it."""
    if find_spec("build") is None:
        pytest.skip("needs pip install build")
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in (*ALLOWED, "tests", "scripts"):
        shutil.copytree(ROOT / folder, source / folder, ignore=ignore)
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    if not (source / "README.md").exists():
        (source / "README.md").write_text("# clippings\n")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "out"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=source)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = (source / "out").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_wheel_holds_four_packages_and_their_metadata(wheel: list[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    (metadata,) = tops - ALLOWED.keys()
    assert tops == {*ALLOWED, metadata}
    assert re.fullmatch(r"clippings-[\d.]+\.dist-info", metadata)
    assert f"{metadata}/entry_points.txt" in wheel


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: list[str]) -> None:
    files = {
        name_of(path)
        for package in ALLOWED
        for path in (ROOT / package).glob("**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wheel if ".dist-info/" not in name} == files
    needed = {f"{package}/py.typed" for package in ALLOWED} | {"prompts/system.txt"}
    needed |= {f"rag/question/{name}.safetensors" for name in ("kinds", "leaning")}
    needed |= {f"rag/retrieval/{name}.json" for name in ("passages", "evidence", "answerable", "answerable_unread")}
    needed |= {"rag/reader/reader.safetensors", "rag/grounding/verifier.json", "rag/writer.gguf"}
    needed |= {"ui/style.css", "ui/page.js", "ui/favicon.svg", "index/sample_articles/news-in-brief.jsonl"}
    assert needed <= set(wheel)
    assert not [name for name in wheel if "test" in name.lower() and name != "prompts/instruction_latest.txt"]


# What README promises


@pytest.fixture(scope="module")
def readme() -> str:
    path = ROOT / "README.md"
    if not path.exists():
        pytest.skip("README.md is not written yet")
    return path.read_text(encoding="utf-8")


def commands_of(readme: str, program: str) -> list[list[str]]:
    """The arguments of every line and every `code` in README that calls the program."""
    shown = [line.strip() for line in readme.splitlines() if line.startswith("    ")] + re.findall(
        r"`([^`\n]+)`", readme
    )
    words = [shlex.split(text, comments=True) for text in shown if text.startswith(f"{program} ")]
    return [found[1:] for found in words]


def test_every_command_in_the_readme_exists(readme: str) -> None:
    commands = commands_of(readme, "clippings")
    assert len(commands) >= 5
    for arguments in commands:
        try:
            assert callable(build_parser().parse_args(arguments).run)
        except SystemExit:
            pytest.fail(f"README shows: clippings {shlex.join(arguments)}")


def test_every_make_target_in_the_readme_exists(readme: str) -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {arguments[0] for arguments in commands_of(readme, "make")}
    assert {"chat", "test"} <= shown
    assert shown <= targets


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_is_in_the_readme(readme: str, field: str) -> None:
    assert f"`{field}`" in readme


def test_files_that_the_readme_links_to_exist(readme: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_changelog_begins_with_the_version() -> None:
    if not (ROOT / "CHANGELOG.md").exists():
        pytest.skip("CHANGELOG.md is not written yet")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    headings = re.findall(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == version


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|@[A-Z]+(?:_[A-Z]+)*@")
    suffixes = {".py", ".md", ".txt", ".toml", ".js", ".css", ".json", ".yml", ".yaml", ".svg", ""}
    hidden = {".git", ".venv", ".demo", "__pycache__", "build", "dist", "sample_articles", "data"}
    left = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.suffix not in suffixes or not path.is_file() or any(p in hidden or p.endswith("_cache") for p in parts):
            continue
        if ".hypothesis" not in parts and marks.search(path.read_text(encoding="utf-8", errors="replace")):
            left.append(name_of(path))
    assert left == []
