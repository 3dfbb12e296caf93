"""What is kept of visits: identity and invariants; reports live elsewhere.

Facts refer to each other by plain numbers, not by database-level foreign keys, so that the same tables can be
distributed by `visitor_id`. Every `id` is made with the observation: 63 bits, ordered by time, the idempotency key.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet

BY_TRACKER: Final = 1
BY_CLIENT: Final = 2

# The upper 41 bits of an id are milliseconds since 2000.
EPOCH_MS: Final = 946_684_800_000
TIME_SHIFT: Final = 22


class Label(models.TextChoices):
    """The owner's own verdict on a visit: kept as truth, above every rule."""

    RECRUITER = "recruiter", _("recruiter")
    CLIENT = "client", _("client")
    PEER = "peer", _("peer")
    ME = "me", _("me")
    BOT = "bot", _("bot")
    HUMAN = "human", _("human, not a bot")


class Certainty(models.TextChoices):
    NONE = "none", _("human")
    SUSPECTED = "suspected", _("suspected bot")
    DECLARED = "declared", _("declared bot")


class Fact(models.Model):
    """A row that the recorder writes once, keyed by the observation that made it."""

    id = models.BigIntegerField(primary_key=True)
    visitor_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        abstract = True


def unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def first_id(moment: datetime) -> int:
    """The lowest id that an observation of this moment can have."""
    return unix_ms(moment) - EPOCH_MS << TIME_SHIFT


class VisitorSession(Fact):
    """One visit, carrying its own totals so that reports read this table alone."""

    session_id = models.UUIDField(unique=True, editable=False)
    started_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    hour = models.PositiveSmallIntegerField(default=0, help_text="0-23 on the site's clock, when it began")

    entry_host = models.CharField(max_length=255, blank=True)
    entry_path = models.CharField(max_length=500, blank=True)
    exit_host = models.CharField(max_length=255, blank=True)
    exit_path = models.CharField(max_length=500, blank=True)
    page_views_count = models.PositiveIntegerField(default=0)
    interactions_count = models.PositiveIntegerField(default=0)
    not_found_count = models.PositiveIntegerField(default=0)
    engaged_ms = models.PositiveBigIntegerField(default=0)
    duration_ms = models.PositiveBigIntegerField(default=0)
    is_bounce = models.BooleanField(default=False)
    is_engaged = models.BooleanField(default=False)
    is_confirmed = models.BooleanField(default=False)
    engagement_score = models.PositiveSmallIntegerField(default=0)
    converted_goals = models.JSONField(default=list, blank=True)
    is_converted = models.BooleanField(default=False)

    referrer = models.CharField(max_length=500, blank=True, help_text="without credentials and query string")
    referrer_host = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=255, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    utm_source = models.CharField(max_length=200, blank=True)
    utm_medium = models.CharField(max_length=200, blank=True)
    utm_campaign = models.CharField(max_length=200, blank=True)
    utm_term = models.CharField(max_length=200, blank=True)
    utm_content = models.CharField(max_length=200, blank=True)
    campaign = models.CharField(max_length=500, blank=True, help_text="what made this a visit of its own")

    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    place_from = models.CharField(max_length=10, blank=True, help_text="address, or time zone")
    network = models.CharField(max_length=200, blank=True)
    network_kind = models.CharField(max_length=20, blank=True)

    device_type = models.CharField(max_length=10, blank=True)
    browser = models.CharField(max_length=80, blank=True)
    browser_version = models.CharField(max_length=20, blank=True)
    os = models.CharField(max_length=80, blank=True)
    os_version = models.CharField(max_length=20, blank=True)
    app = models.CharField(max_length=40, blank=True, help_text="in-app browser: LinkedIn, Slack, ...")
    language = models.CharField(max_length=20, blank=True)
    tz = models.CharField(max_length=64, blank=True)

    is_bot = models.BooleanField(default=False)
    bot_certainty = models.CharField(max_length=10, choices=Certainty, default=Certainty.NONE)
    bot_kind = models.CharField(max_length=20, blank=True)
    bot_name = models.CharField(max_length=100, blank=True)
    bot_reason = models.CharField(max_length=200, blank=True)
    bot_user_agent = models.CharField(max_length=500, blank=True, help_text="evidence; kept for bots only")
    suspected_kind = models.CharField(max_length=20, blank=True, help_text="by the headers of one request")
    suspected_reason = models.CharField(max_length=200, blank=True)
    probe = models.CharField(max_length=20, blank=True, help_text="what it asked for that browsers do not")
    is_owner = models.BooleanField(default=False)
    is_human = models.BooleanField(
        default=False, help_text="Counts in the human figures: no bot, not the owner, saw a page or acted"
    )

    recruiter_score = models.PositiveSmallIntegerField(null=True, blank=True)
    recruiter_band = models.CharField(max_length=10, blank=True)
    recruiter_logit = models.FloatField(null=True, blank=True)
    recruiter_signals = models.JSONField(default=list, blank=True)
    is_recruiter = models.BooleanField(default=False)
    is_client = models.BooleanField(default=False)
    label = models.CharField(max_length=10, choices=Label, blank=True)
    application = models.CharField(max_length=80, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        ordering = ("-day", "-started_at")  # as its index has it
        constraints = (
            models.CheckConstraint(
                condition=Q(last_activity_at__gte=models.F("started_at")), name="session_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(recruiter_score__isnull=True) | Q(recruiter_score__lte=100),
                name="session_recruiter_score_0_100",
            ),
            models.CheckConstraint(condition=Q(engagement_score__lte=100), name="session_engagement_score_0_100"),
        )
        indexes = (
            # The recorder: sessions of the visitors of a batch; and who came earlier that day. The day is in it for the
            # planner of SQLite, which otherwise goes through the whole day for each visit of it.
            models.Index(fields=("visitor_id", "day", "started_at"), name="session_of_visitor"),
            # The live view: how many people are here is counted in the index alone.
            models.Index(fields=("last_activity_at", "is_human"), name="session_by_activity"),
            # Lists of a period, newest first: as many rows are read as are shown. What is added up of a day, one row
            # after the other.
            models.Index(fields=("day", "started_at", "id"), name="session_lists_of_day"),
            # Recruiters of a period, best or newest first, without their rows; few, so the index stays small.
            models.Index(
                fields=("day", "recruiter_score", "started_at", "id"),
                name="session_recruiters",
                condition=Q(is_recruiter=True, is_human=True),
            ),
        )

    def __str__(self) -> str:
        return f"Visit {self.session_id} of {self.day}"


class PageView(Fact):
    """One HTML document shown, or not found (`status` 404, outside the page view figures)."""

    session_id = models.BigIntegerField()  # VisitorSession.id
    viewed_at = models.DateTimeField()
    host = models.CharField(max_length=255, blank=True, help_text="lower case, without port")
    path = models.CharField(max_length=500)
    route = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=300, blank=True)
    status = models.PositiveSmallIntegerField(default=200)
    sequence = models.PositiveIntegerField(default=1)
    engaged_ms = models.PositiveBigIntegerField(default=0)
    scroll_depth = models.PositiveSmallIntegerField(null=True, blank=True)
    time_on_page_ms = models.PositiveBigIntegerField(null=True, blank=True)
    is_estimated = models.BooleanField(default=False)
    is_confirmed = models.BooleanField(default=False)
    reported_by = models.PositiveSmallIntegerField(default=0)  # `BY_TRACKER`, `BY_CLIENT`, or both
    # Copied from the session, so that no report joins facts.
    is_human = models.BooleanField(default=False)
    source = models.CharField(max_length=255, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    device_type = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)

    objects = PageViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("page view")
        ordering = ("-viewed_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(scroll_depth__isnull=True) | Q(scroll_depth__lte=100), name="page_view_scroll_depth_percent"
            ),
        )
        indexes = (
            # The timeline of a session, and its recount by the recorder.
            models.Index(fields=("session_id", "viewed_at"), name="page_view_of_session"),
            # Lists, newest first; and the last minutes, which are counted in the index alone.
            models.Index(fields=("viewed_at", "is_human", "status", "visitor_id", "id"), name="page_view_by_time"),
            # Pages of a period: row after row as they were written, which is many times faster than path after path.
            models.Index(fields=("day",), name="page_view_of_day"),
        )

    def __str__(self) -> str:
        return self.path

    @cached_property
    def at_ms(self) -> int:
        return unix_ms(self.viewed_at)

    @property
    def is_timed(self) -> bool:
        """Whether `engaged_ms` says how long it was looked at: of clients, only some report that."""
        return self.is_confirmed and (self.engaged_ms > 0 or bool(self.reported_by & BY_TRACKER))


class VisitorInteraction(Fact):
    """A recorded act: a chat question, a download, an outbound link, ..."""

    session_id = models.BigIntegerField()  # VisitorSession.id
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    target = models.CharField(max_length=300, blank=True)
    host = models.CharField(max_length=255, blank=True, help_text="of the page")
    path = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict, blank=True)
    is_human = models.BooleanField(default=False)  # copied from the session

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        ordering = ("-occurred_at",)
        indexes = (
            # Lists of one kind, newest first.
            models.Index(fields=("kind", "occurred_at"), name="interaction_by_kind"),
            # Acts of a period by kind, with their visitors.
            models.Index(fields=("day", "kind", "visitor_id"), name="interaction_kinds_of_day"),
            # The timeline of a session, and its recount by the recorder.
            models.Index(fields=("session_id", "occurred_at"), name="interaction_of_session"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.target}".strip()

    @cached_property
    def at_ms(self) -> int:
        return unix_ms(self.occurred_at)


class Share(models.Model):
    """A link preview of a page: somebody passed it on. Never a visit."""

    id = models.BigIntegerField(primary_key=True)
    shared_at = models.DateTimeField()
    day = models.DateField()
    path = models.CharField(max_length=500)
    channel = models.CharField(max_length=40, blank=True, help_text="Slack, LinkedIn, WhatsApp, ...")
    bot_name = models.CharField(max_length=100, blank=True)
    application = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("-shared_at",)
        # Shares of a period, and "was this page just shared?".
        indexes = (models.Index(fields=("shared_at", "path"), name="share_by_time"),)

    def __str__(self) -> str:
        return f"{self.channel} {self.path}".strip()
