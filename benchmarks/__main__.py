"""List the benchmarks, or run those that are named; every option goes to each of them.

python -m benchmarks
python -m benchmarks recording --quick
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0, or that of the first benchmark which failed; 2 for a name that there is not."""
    known = benchmarks()
    count = next((at for at, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    names, options = arguments[:count], arguments[count:]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        print("\n".join(f"{name:14} {sentence}" for name, sentence in known.items()))
        print("\npython -m benchmarks NAME [--quick] [--help]")
        return 2 if unknown or options else 0
    statuses = [run(name, options) for name in names]
    return next((status for status in statuses if status), 0)


def benchmarks() -> dict[str, str]:
    """Name and first sentence of every module here; what modules share lives in packages."""
    return {path.stem: sentence_of(path) for path in sorted(FOLDER.glob("[a-z]*.py"))}


def sentence_of(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def run(name: str, options: Sequence[str]) -> int:
    """In a process of its own: each configures Django its own way."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    return subprocess.run(command, cwd=FOLDER.parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
