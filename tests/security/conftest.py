"""The site as production sets it: TLS, strict cookies, no debug pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from config.security import security_settings
from portfolio.seed import seed_site


@pytest.fixture
def production(settings: Any) -> Any:
    for name, value in security_settings(debug=False, redirects=True, behind_tls_proxy=False).items():
        setattr(settings, name, value)
    return settings


@pytest.fixture
def site(db: None) -> None:
    seed_site()


@pytest.fixture
def stranger() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def owner(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("owner"))
    return client
