"""Limit how often one client chats, writes and has jobs analysed: the same count for pages and API."""

from __future__ import annotations

from visitors.throttles import seconds_to_wait

__all__ = ("CHAT", "CONTACT", "JOB_ANALYSIS", "seconds_to_wait")

CHAT = "chat"
JOB_ANALYSIS = "job-analysis"
CONTACT = "contact"
