"""What is installed is what was reviewed: pins, locks with hashes that agree with them, and no way round."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = {
    "requirements.lock": ("requirements.txt",),
    "requirements-test.lock": ("requirements.txt", "requirements-test.txt"),
    "requirements-dev.lock": ("requirements.txt", "requirements-test.txt", "requirements-dev.txt"),
    "requirements-e2e.lock": ("requirements.txt", "requirements-test.txt", "requirements-e2e.txt"),
    "requirements-schema.lock": ("requirements.txt", "requirements-test.txt", "requirements-schema.txt"),
    "requirements-clients.lock": ("requirements-clients.txt",),
    "requirements-tools.lock": ("requirements-tools.txt",),
}
NEXT = ".ci/django-6.1.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def name_of(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def pins(path: Path) -> dict[str, str]:
    found = (PIN.match(line) for line in path.read_text().splitlines())
    return {name_of(match[1]): match[2] for match in found if match}


def hashes(path: Path) -> dict[str, int]:
    """Package -> how many files of it are allowed."""
    counts: dict[str, int] = {}
    name = ""
    for line in path.read_text().splitlines():
        if match := PIN.match(line):
            name = name_of(match[1])
            counts.setdefault(name, 0)
        else:
            assert HASH.match(line), f"{path.name}: {line!r} is neither a pin nor a hash"
            counts[name] += 1
    return counts


@pytest.mark.parametrize("path", sorted({name for names in LOCKS.values() for name in names}))
def test_every_requirement_is_pinned_exactly(path: str) -> None:
    lines = [line for line in (ROOT / path).read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_agrees_with_its_pins(lock: str) -> None:
    """Failed? `make lock` writes them anew."""
    wanted: dict[str, str] = {}
    for path in LOCKS[lock]:
        wanted |= pins(ROOT / path)
    locked = pins(ROOT / lock)
    assert {name: locked.get(name) for name in wanted} == wanted


def test_the_lock_of_the_next_django_differs_in_django_alone() -> None:
    now, later = pins(ROOT / "requirements-test.lock"), pins(ROOT / NEXT)
    assert later.pop("django").startswith("6.1.")
    now.pop("django")
    now.pop("async-timeout", None)  # for Python before 3.11.3
    assert later == now


@pytest.mark.parametrize("lock", [*LOCKS, NEXT])
def test_every_package_of_a_lock_has_its_hashes(lock: str) -> None:
    counts = hashes(ROOT / lock)
    assert counts
    assert [name for name, files in counts.items() if not files] == []


@pytest.mark.parametrize("path", ["Makefile", ".ci/run", ".ci/audit"])
def test_packages_are_installed_by_hash_alone(path: str) -> None:
    text = (ROOT / path).read_text()
    lines = [line for line in text.splitlines() if re.search(r"pip install|\$\(PIP\) ", line)]
    assert lines
    if path == "Makefile":
        assert re.search(r"^PIP := .*--require-hashes", text, re.MULTILINE)
    unlocked = [
        line
        for line in lines
        if ("pip install" in line and "--require-hashes" not in line) or ("-r " in line and ".lock" not in line)
    ]
    assert unlocked == []


SECRETS = {
    "private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "AWS key": re.compile(rb"\bAKIA[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "Slack token": re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "Google key": re.compile(rb"\bAIza[0-9A-Za-z_-]{35}\b"),
    "JSON web token": re.compile(rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."),
    "password in an address": re.compile(rb"\b(?:postgres|postgresql|redis|rediss|smtps?|amqp)://[^\s:/@]+:(?!\.\.\.|password\b|p\b|secret\b)[^\s@{]{6,}@"),
    "assigned secret": re.compile(rb"""(?im)^\s*(?:SECRET_KEY|PASSWORD|TOKEN)\s*[:=]\s*["'][^"'{$ ]{16,}["']"""),
}  # fmt: skip


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def test_no_secret_is_in_the_repository() -> None:
    found = [
        (str(path.relative_to(ROOT)), kind)
        for path in tracked()
        if path != Path(__file__)
        for kind, pattern in SECRETS.items()
        # Tests plant what must not come out again.
        if not (kind == "assigned secret" and "tests" in path.parts)
        if pattern.search(path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        b"-----BEGIN RSA PRIVATE KEY-----",
        b"key = AKIA" + b"ABCDEFGHIJKLMNOP",
        b"DATABASE_URL=postgres://site:hunter2hunter2@db/site",
        b'SECRET_KEY = "django-insecure-0123456789abcdef"',
    ],
)
def test_a_planted_secret_is_found(planted: bytes) -> None:
    assert [kind for kind, pattern in SECRETS.items() if pattern.search(planted)]


def test_no_private_file_is_tracked() -> None:
    private = re.compile(r"(^|/)(\.env|secret-key|id_rsa|.*\.(pem|key|p12|sqlite3|mmdb))$")
    assert [str(path) for path in tracked() if private.search(str(path.relative_to(ROOT)))] == []
