"""Guard the shape of the code: short functions, files that fit a sitting, one broad `except`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "api", "portfolio", "visitors")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
MEDIAN_FUNCTION_LINES = 10


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def test_the_median_function_has_at_most_ten_lines() -> None:
    assert median(length(function) for path in sources() for function in functions(path)) <= MEDIAN_FUNCTION_LINES


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_a_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES
    too_long = [function.name for function in functions(path) if length(function) > MAX_FUNCTION_LINES]
    assert too_long == []


def test_one_broad_except_in_all() -> None:
    broad = [
        str(path.relative_to(ROOT))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad == ["visitors/middleware.py"]


def test_rows_are_streamed_in_one_way() -> None:
    """A cursor that PostgreSQL takes to be read a tenth of the way reads whole tables: see `streamed`. Columns come by
    COPY there, and by a plain cursor elsewhere."""
    users = {path.relative_to(ROOT).as_posix() for path in sources() if ".iterator(" in path.read_text()}
    assert users == {"visitors/querysets.py", "visitors/rollups/unpacking.py"}


def test_no_file_of_the_project_is_ignored_by_git() -> None:
    rules = (ROOT / ".gitignore").read_text().splitlines()
    assert not [rule for rule in rules if rule.startswith("test") or rule in {"*.json", "lib/", "data/", "build/"}]
    assert (ROOT / "visitors/management/commands/test_session_management.py").exists()


def test_the_readme_lists_every_command() -> None:
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    table = (ROOT / "README.md").read_text().partition("## Commands")[2].partition("\n## ")[0]
    listed = {
        name.split()[0]
        for row in table.splitlines()
        for name in row.split("|")[1:2]
        for name in re.findall(r"`([a-z_]+)[^`]*`", name)
    }
    assert listed - {"manage"} == commands
