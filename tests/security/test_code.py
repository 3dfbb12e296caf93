"""No way round escaping or parameters, in code or in templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_house import ROOT, sources

TEMPLATES = sorted(
    path for folder in ("templates", "visitors", "portfolio", "api") for path in (ROOT / folder).rglob("*.html")
)
SCRIPTS = sorted(
    path
    for folder in ("visitors", "portfolio", "api")
    for path in (ROOT / folder / "static").rglob("*.js")
    if ".min." not in path.name and "-" not in path.name
)
MAILS = {"digest.html"}  # mail programs read styles nowhere else than in the text
FORBIDDEN_NAMES = {"mark_safe", "SafeText", "eval", "exec", "RawSQL", "__import__", "literal_column"}
FORBIDDEN_METHODS = {"raw", "extra"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "telnetlib"}
EXECUTES = {"execute", "executemany", "executescript"}
STATEMENT = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|DROP|ALTER|WITH)\b.*\b(FROM|INTO|SET|TABLE|AS)\b", re.S
)
UNESCAPED = re.compile(r"\|\s*(safe|safeseq)\b|\{%\s*autoescape\s+off|\bmark_safe\b")
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|\son[a-z]{4,}\s*=\s*[\"']|javascript:|<script\b(?![^>]*\bsrc=)(?![^>]*json)", re.I
)
INJECTING = re.compile(r"\beval\(|new Function\(|document\.write|\bsetTimeout\(\s*[\"'`]|\.insertAdjacentHTML\(", re.I)


def faults(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            yield f"{node.lineno}: {node.id}"
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            yield from (f"{node.lineno}: {name}" for name in modules & (FORBIDDEN_MODULES | FORBIDDEN_NAMES))
        if isinstance(node, ast.Call):
            yield from call_faults(node)
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            written = "".join(
                part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
            is_formatted = isinstance(node, ast.JoinedStr) or isinstance(node.op, ast.Mod)
            if is_formatted and STATEMENT.search(written):
                yield f"{node.lineno}: a statement put together: {written[:60]!r}"


def call_faults(node: ast.Call) -> Iterator[str]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if called in FORBIDDEN_METHODS and not (called == "extra" and isinstance(node.func, ast.Name)):
        yield f"{node.lineno}: .{called}()"
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "SafeString" and not (node.args and isinstance(node.args[0], ast.Constant)):
        yield f"{node.lineno}: SafeString()"
    if called in EXECUTES and node.args and isinstance(node.args[0], ast.JoinedStr):
        yield f"{node.lineno}: .{called}(f-string)"
    template = getattr(node.func, "value", None)
    text = template.value if called == "format" and isinstance(template, ast.Constant) else ""
    if isinstance(text, str) and STATEMENT.search(text):
        yield f"{node.lineno}: a statement put together by format()"
    if any(word.arg == "shell" and getattr(word.value, "value", None) is True for word in node.keywords):
        yield f"{node.lineno}: shell=True"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_code_marks_nothing_as_safe_and_writes_no_statement(path: Path) -> None:
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from django.utils.safestring import mark_safe\n",
        "SafeString(text)",
        "Session.objects.raw('SELECT 1')",
        "Session.objects.extra(where=['1=1'])",
        "cursor.execute(f'DELETE FROM {table}')",
        "query = f'SELECT a FROM {table}'",
        "query = 'SELECT a FROM %s' % table",
        "query = 'SELECT a FROM {}'.format(table)",
        "import pickle",
        "eval(text)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert list(faults(ast.parse(planted))) != []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_escapes_everything_and_writes_no_script(path: Path) -> None:
    text = path.read_text()
    assert UNESCAPED.findall(text) == []
    if path.name not in MAILS:
        assert INLINE.findall(text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_runs_no_text(path: Path) -> None:
    assert INJECTING.findall(path.read_text()) == []
