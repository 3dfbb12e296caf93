"""Write figures as the owner reads them: thousands with a comma, times as "1m 48s", a dash for the unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from visitors.reports.metrics import METRICS, Unit

UNKNOWN: Final = "–"
SMALL_BASE: Final = 10  # "+100 %" of one visitor says less than "+1"
SHORT: Final = {short.lower(): short for short in ("AI", "ATS", "CV", "HTTP", "OS", "QR", "SEO", "TV", "URL")}
LABELS: Final = {  # the metrics of the tiles and of the digest, in their order
    "visitors": "Visitors",
    "sessions": "Sessions",
    "page_views": "Page views",
    "engaged_time": "Engaged time",
    "bounce_rate": "Bounce rate",
    "recruiters": "Recruiters",
}
# Signals of the recruiter score whose names are short for those who know the list; the others are words already.
SIGNALS: Final = {
    "ats_candidate_board": "From a job board of an ATS",
    "ats_recruiter_app": "From the recruiter's side of an ATS",
    "ats_shared_tenant": "From an applicant tracking system",
    "company_address": "Company mail address",
    "contact_opened": "Opened the contact page",
    "cv_tag": "Link from the CV",
    "desktop": "At a desk",
    "hiring_message": "Wrote about a role",
    "hiring_question": "Asked as an employer",
    "in_app_linkedin": "In the LinkedIn app",
    "job_description_pasted": "Pasted a job description",
    "landing_given_page": "Was given the address",
    "landing_home": "Landed on the home page",
    "landing_job_analysis": "Landed on the job match",
    "landing_project": "Landed on a project",
    "landing_projects": "Landed on the projects",
    "landing_resume": "Landed on the résumé",
    "landing_writing": "Landed on an article",
    "long_read": "Read for long",
    "network_business": "Company network",
    "network_education": "University network",
    "network_hosting": "Server network",
    "network_isp": "Home network",
    "network_mobile": "Mobile network",
    "network_vpn": "VPN",
    "nothing_asked_of_person": "Asked nothing about you",
    "phone": "On a phone",
    "post_tag": "Link from a post",
    "profile_tag": "Link from a profile",
    "resume_downloaded": "Résumé downloaded",
    "resume_read": "Read the résumé",
    "about_read": "Read about you",
    "returned_within_week": "Came back within a week",
    "source_opened": "Opened source code",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTRIES: Final = Path(__file__).with_name("countries.tsv")


@dataclass(frozen=True, slots=True)
class Change:
    """`tone` is up or down as good and bad are seen, or flat; `arrow` shows the direction of the number."""

    text: str
    arrow: str
    tone: str
    told: str


def count_text(value: int) -> str:
    return f"{value:,}"


def short_count(value: int) -> str:
    """Where there is room for six digits: 1,234,567 as "1.23M"."""
    for power, letter in ((9, "B"), (6, "M")):
        if abs(value) >= 10**power:
            return (
                f"{value / 10**power:.3g}{letter}"
                if abs(value) < 10 ** (power + 3)
                else f"{value // 10**power:,}{letter}"
            )
    return count_text(value)


def percent_text(value: float | None) -> str:
    """One decimal; all and nothing are whole."""
    return UNKNOWN if value is None else f"{value:.0f}%" if value in (0, 100) else f"{value:.1f}%"


def duration_text(milliseconds: int | None) -> str:
    """ "1m 48s", from an hour on "2h 05m"."""
    if milliseconds is None:
        return UNKNOWN
    minutes, seconds = divmod(timedelta(milliseconds=milliseconds) // timedelta(seconds=1), 60)
    if minutes < 60:
        return f"{minutes}m {seconds:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"


def metric_text(metric: str, value: float | None) -> str:
    return _text_of(metric, value, count_text)


def short_metric(metric: str, value: float | None) -> str:
    """For a tile, an axis and a change."""
    return _text_of(metric, value, short_count)


def _text_of(metric: str, value: float | None, text_of_count: Callable[[int], str]) -> str:
    unit = METRICS[metric].unit
    if value is None:
        return UNKNOWN
    if unit is Unit.PERCENT:
        return percent_text(value)
    return duration_text(int(value)) if unit is Unit.MILLISECONDS else text_of_count(int(value))


def change_of(metric: str, *, now: float | None, before: float | None, change: float | None) -> Change | None:
    """`change` in percent or points; `None` when there is nothing to compare."""
    if now is None or before is None:
        return None
    told = f"from {metric_text(metric, before)} to {metric_text(metric, now)}"
    if now == before:
        return Change("no change", "", "flat", told)
    rises = now > before
    is_good = rises != (metric == "bounce_rate")
    text = _change_text(metric, now - before, before, change)
    return Change(text, "▲" if rises else "▼", "up" if is_good else "down", told)


def _change_text(metric: str, difference: float, before: float, change: float | None) -> str:
    unit = METRICS[metric].unit
    if unit is Unit.PERCENT:
        return f"{abs(difference):.1f} pp"
    if change is None or (unit is Unit.COUNT and before < SMALL_BASE):
        return f"{'+' if difference > 0 else '−'}{short_metric(metric, abs(difference))}"
    return f"{short_count(round(abs(change)))}%" if abs(change) >= 100 else f"{abs(change):.1f}%"


def day_text(day: date, *, year: bool = False) -> str:
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def days_text(first: date, last: date) -> str:
    """ "24 Oct – 22 Nov 2026"; the year of the first day only when it differs."""
    if first == last:
        return f"{day_text(first, year=True)}"
    return f"{day_text(first, year=first.year != last.year)} – {day_text(last, year=True)}"


def ago_text(moment: datetime, *, now: datetime) -> str:
    """In the largest whole unit, so that it seldom changes."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600} h ago"
    days = seconds // 86_400
    return "yesterday" if days == 1 else f"{days} days ago"


def country_name(code: str) -> str:
    return countries().get(code, code)


def country_code(text: str) -> str:
    """By its name or its code, in any case; the text itself when no country is called so."""
    wanted = text.strip().casefold()
    known = (code for code, name in countries().items() if wanted in (code.casefold(), name.casefold()))
    return next(known, text)


@cache
def countries() -> dict[str, str]:
    """Names in English by two-letter code."""
    lines = COUNTRIES.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {code: name for code, name in rows if code != "code"}


def words(name: str) -> str:
    """ "job_analysis" -> "Job analysis", "seo" -> "SEO"."""
    parts = [SHORT.get(part.lower(), part) for part in name.replace("_", " ").replace("-", " ").split()]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def signal_text(name: str) -> str:
    """A signal of the recruiter score as a short phrase."""
    return SIGNALS.get(name) or words(name)
