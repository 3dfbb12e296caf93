"""Registers the portfolio and keeps the chat's search passages in step with the content."""

from __future__ import annotations

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portfolio import personal_texts
        from portfolio.chat import index

        index.connect()
        personal_texts.connect()
