"""Only where schemathesis is installed: `make schema` gives it an environment of its own."""

from __future__ import annotations

import importlib.util
import os

if importlib.util.find_spec("schemathesis") is None:
    if os.environ.get("REQUIRE_SCHEMATHESIS"):
        raise RuntimeError("REQUIRE_SCHEMATHESIS is set, but schemathesis is not installed.")
    collect_ignore_glob = ["test_*.py"]
