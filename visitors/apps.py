"""Start of the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitorsConfig(AppConfig):
    name = "visitors"
    verbose_name = _("Visitors")

    def ready(self) -> None:
        from . import (  # noqa: F401  (registers the system checks)
            checks,
            checks_dashboard,
            checks_general,
            checks_privacy,
            checks_reports,
            checks_security,
            checks_stores,
        )
