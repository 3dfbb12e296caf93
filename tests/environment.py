"""Loaded by pytest before the settings are: tests run with the embedded defaults, whatever the shell has set."""

import os

os.environ.setdefault("DEBUG", "1")
