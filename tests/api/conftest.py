"""The same seeded site and browsers as for the pages."""

from tests.portfolio.conftest import acts, browser, journal_only, other_browser, site

__all__ = ["acts", "browser", "journal_only", "other_browser", "site"]
