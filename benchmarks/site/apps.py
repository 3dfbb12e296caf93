"""Name of the measured site's own tables."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "benchmarks.site"
    label = "measured"
