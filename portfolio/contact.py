"""One door for every contact message, from the page and from the API: keep it, tell the visitors app."""

from __future__ import annotations

from django.http import HttpRequest

from portfolio.models import ContactMessage
from visitors import track


def send(request: HttpRequest, message: ContactMessage) -> ContactMessage:
    """The visitors app learns the domain of the sender's address, and keeps of it whether it is an organisation's."""
    message.save()
    track(request, "contact", email_domain=message.email.rpartition("@")[2].lower(), typed=message.message)
    return message
