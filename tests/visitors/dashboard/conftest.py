"""The owner at his dashboard, with the clock stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from tests.visitors.builders import NOON


@pytest.fixture(autouse=True)
def _alone(settings):
    settings.ROOT_URLCONF = "tests.visitors.dashboard.urls"


@pytest.fixture(autouse=True)
def _afternoon():
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        yield


@pytest.fixture
def owner(client, db):
    client.force_login(User.objects.create_user("owner", is_staff=True, is_superuser=True))
    return client
