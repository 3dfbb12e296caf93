"""What is kept of job applications: the link, its openings, and the notices to the owner with their deliveries."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SentBy(models.TextChoices):
    """The way an application went out."""

    EMAIL = "email", _("e-mail")
    ATS = "ats", _("applicant tracking system")
    LINKEDIN = "linkedin", _("LinkedIn")
    REFERRAL = "referral", _("referral")
    EVENT = "event", _("event")
    QR = "qr", _("QR code")


class Status(models.TextChoices):
    """In order: what comes later is further on."""

    DRAFT = "draft", _("draft")
    SENT = "sent", _("sent")
    OPENED = "opened", _("opened")
    ENGAGED = "engaged", _("engaged")
    REPLIED = "replied", _("replied")
    INTERVIEW = "interview", _("interview")
    OFFER = "offer", _("offer")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ARCHIVED = "archived", _("archived")


class Application(models.Model):
    """One job application and its private link `/r/<slug>/`."""

    company = models.CharField(_("company"), max_length=120)
    role = models.CharField(_("role"), max_length=120, blank=True)
    channel = models.CharField(_("sent by"), max_length=10, choices=SentBy, default=SentBy.EMAIL)
    slug = models.CharField(max_length=80, unique=True, editable=False)
    target = models.CharField(_("target page"), max_length=300, default="/", help_text=_("a path of this site"))
    resume_version = models.CharField(_("resume version"), max_length=60, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    is_status_held = models.BooleanField(
        default=False, editable=False, help_text=_("the owner moved it back or closed it: visits change it no more")
    )
    notes = models.TextField(_("notes"), blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    notify = models.BooleanField(_("notify"), default=True)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    unrecorded = models.PositiveIntegerField(
        _("openings without a record"), default=0, editable=False, help_text=_("by who asks not to be recorded")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("application")
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(target__startswith="/"), name="application_target_is_a_path"),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT) | Q(sent_at__isnull=False), name="application_sent_has_its_time"
            ),
        )
        # "Sent a week ago and not opened", asked by the recorder.
        indexes = (models.Index(fields=("status", "sent_at"), name="application_by_status"),)

    def __str__(self) -> str:
        return f"{self.company}, {self.role}" if self.role else self.company

    def is_live(self, moment: datetime) -> bool:
        """Whether the link tells this application at that moment."""
        return not any(end is not None and end <= moment for end in (self.revoked_at, self.expires_at))


class HitKind(models.TextChoices):
    """Whose opening it was."""

    HUMAN = "human", _("human")
    AUTO = "auto", _("automatic")
    SHARE = "share", _("passed on")
    OWNER = "owner", _("owner")
    UNKNOWN = "unknown", _("no sign of a person")


class ApplicationHit(models.Model):
    """One opening of a link; `id` is that of the observation, so that none is counted twice."""

    id = models.BigIntegerField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="hits")
    session_id = models.BigIntegerField(null=True, blank=True)  # VisitorSession.id
    visitor_id = models.BigIntegerField(default=0)  # 0 = nobody's visit, or erased
    opened_at = models.DateTimeField()
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=HitKind, default=HitKind.UNKNOWN)
    reason = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=40, blank=True, help_text="of a share: Slack, LinkedIn, ...")
    referrer_host = models.CharField(max_length=255, blank=True)
    is_settled = models.BooleanField(default=False, help_text="the request alone told the kind")
    # What the visit came to, copied so that the funnel reads no facts.
    has_read = models.BooleanField(default=False)
    has_resume = models.BooleanField(default=False)
    has_contact = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("opening")
        ordering = ("-opened_at", "-id")
        indexes = (
            # Openings of an application, newest first.
            models.Index(fields=("application", "opened_at"), name="hit_of_application"),
            # The recorder: openings of the visits of a batch.
            models.Index(fields=("session_id",), name="hit_of_session"),
            # The recorder: several links of one visitor within a minute.
            models.Index(fields=("visitor_id", "opened_at"), name="hit_of_visitor"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.opened_at:%Y-%m-%d %H:%M}"


class NoticeKind(models.TextChoices):
    OPENED = "opened", _("first opened by a person")
    RETURNED = "returned", _("opened on another day")
    RESUME = "resume", _("resume downloaded")
    HIRING = "hiring", _("hiring question or job description")
    SHARED = "shared", _("passed on")
    SILENT = "silent", _("sent and not opened")
    SCORE = "score", _("recruiter score over the threshold")


class Notice(models.Model):
    """One thing that the owner wants to know: the inbox. Written in the transaction that stores its evidence."""

    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    session_id = models.BigIntegerField(null=True, blank=True)  # VisitorSession.id
    kind = models.CharField(max_length=10, choices=NoticeKind)
    text = models.TextField()
    created_at = models.DateTimeField()
    status_before = models.CharField(max_length=10, blank=True, help_text="what an undo goes back to")
    read_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        ordering = ("-created_at", "-id")
        indexes = (
            # "One of a kind in 24 hours", and the inbox of an application.
            models.Index(fields=("application", "kind", "created_at"), name="notice_of_application"),
            # The recorder: notices of the visits of a batch.
            models.Index(fields=("session_id",), name="notice_of_session"),
        )

    def __str__(self) -> str:
        return self.text


class Way(models.TextChoices):
    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", _("webhook")


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")
    WITHDRAWN = "withdrawn", _("withdrawn")


class NoticeDelivery(models.Model):
    """A notice on its way; `due_at` moves ahead with each attempt that fails."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=10, choices=Way)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (models.UniqueConstraint(fields=("notice", "way"), name="notice_once_each_way"),)
        # What is due, oldest first.
        indexes = (models.Index(fields=("state", "way", "due_at"), name="delivery_due"),)

    def __str__(self) -> str:
        return f"{self.way} {self.state}"
