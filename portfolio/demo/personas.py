"""Who visits the demo, from where, with what, and what they do: invented, in proportions that a small site may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHROME: Final = "141"


@dataclass(frozen=True, slots=True)
class Browser:
    """A user agent with the client hints that go with it; hints are empty where the browser sends none."""

    user_agent: str
    brands: str = ""
    platform: str = ""
    is_mobile: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a visit begins: referrer, campaign, and how often compared with the others of its persona."""

    referrer: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Persona:
    """`share` of all visits; `hours` of the visitor's own day, with equal weight; `journeys` are steps by name."""

    name: str
    share: float
    arrivals: tuple[Arrival, ...]
    browsers: tuple[Browser, ...]
    zones: tuple[str, ...]
    hours: tuple[int, ...]
    journeys: tuple[str, ...]
    network_kinds: tuple[str, ...] = ("isp", "isp", "mobile")
    weekend: float = 0.4  # visits on a Saturday or Sunday compared with a working day
    is_owner: bool = False


def _chromium(
    system: str, platform: str, *, brand: str = "Google Chrome", suffix: str = "", is_mobile: bool = False
) -> Browser:
    mobile = " Mobile" if is_mobile else ""
    return Browser(
        f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{CHROME}.0.0.0{mobile}"
        f" Safari/537.36{suffix}",
        f'"{brand}";v="{CHROME}", "Not?A_Brand";v="8", "Chromium";v="{CHROME}"',
        f'"{platform}"',
        is_mobile,
    )


WINDOWS_CHROME = _chromium("Windows NT 10.0; Win64; x64", "Windows")
WINDOWS_EDGE = _chromium(
    "Windows NT 10.0; Win64; x64", "Windows", brand="Microsoft Edge", suffix=f" Edg/{CHROME}.0.0.0"
)
MAC_CHROME = _chromium("Macintosh; Intel Mac OS X 10_15_7", "macOS")
LINUX_CHROME = _chromium("X11; Linux x86_64", "Linux")
ANDROID_CHROME = _chromium("Linux; Android 10; K", "Android", is_mobile=True)
LINUX_FIREFOX = Browser("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0")
WINDOWS_FIREFOX = Browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0")
MAC_SAFARI = Browser(
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
    " Safari/605.1.15"
)
IPHONE = Browser(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
    " Mobile/15E148 Safari/604.1",
    is_mobile=True,
)
IPAD = Browser(
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148"
    " Safari/604.1"
)
IPHONE_LINKEDIN = Browser(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
    " [LinkedInApp]/9.31.4321",
    is_mobile=True,
)

OFFICE_HOURS: Final = (8, 9, 9, 10, 10, 10, 11, 11, 13, 14, 14, 15, 15, 16, 17)
DEVELOPER_HOURS: Final = (9, 10, 11, 13, 14, 15, 16, 17, 19, 20, 21, 21, 22, 23)
ANY_HOUR: Final = tuple(range(24))
EUROPE: Final = ("Europe/Berlin", "Europe/Berlin", "Europe/London", "Europe/Amsterdam", "Europe/Zurich", "Europe/Paris")
WORLD: Final = (
    *EUROPE,
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Australia/Sydney",
)

HACKER_NEWS: Final = Arrival("https://news.ycombinator.com/item")

PERSONAS: Final = (
    Persona(
        "recruiter",
        0.045,
        arrivals=(
            Arrival("https://www.linkedin.com/", weight=6),
            Arrival(source="cv", medium="pdf", campaign="resume", weight=4),
            Arrival("https://boards.greenhouse.io/", weight=2),
            Arrival("https://app.lever.co/", weight=2),
            Arrival("https://www.xing.com/"),
            Arrival("https://wellfound.com/"),
        ),
        browsers=(WINDOWS_CHROME, WINDOWS_EDGE, WINDOWS_EDGE, MAC_CHROME, MAC_SAFARI, IPHONE_LINKEDIN),
        zones=EUROPE,
        hours=OFFICE_HOURS,
        journeys=(
            "resume download",
            "home projects project resume download",
            "home projects project project resume outbound:profile",
            "home projects project resume chat:availability chat:notice contact:role",
            "home projects project resume job",
            "resume chat:location chat:remote download contact:call",
            "home about",
            "home about resume",
            "home about projects project",
            "home resume",
            "resume",
            "home projects resume",
        ),
        network_kinds=("business", "business", "isp"),
        weekend=0.1,
    ),
    Persona(
        "engineer",
        0.42,
        arrivals=(
            Arrival("https://github.com/", weight=6),
            HACKER_NEWS,
            Arrival("https://www.reddit.com/"),
            Arrival("https://lobste.rs/"),
            Arrival("https://chatgpt.com/"),
            Arrival(weight=3),
        ),
        browsers=(LINUX_FIREFOX, LINUX_CHROME, MAC_CHROME, MAC_SAFARI, WINDOWS_FIREFOX, ANDROID_CHROME),
        zones=WORLD,
        hours=DEVELOPER_HOURS,
        journeys=(
            "project",
            "project",
            "project outbound:source",
            "home projects project project outbound:source",
            "home projects project resume",
            "home",
            "project home about",
            "projects project chat:stack",
        ),
        weekend=0.7,
    ),
    Persona(
        "student",
        0.295,
        arrivals=(
            Arrival("https://www.google.com/", weight=8),
            Arrival("https://duckduckgo.com/", weight=2),
            Arrival("https://www.bing.com/", weight=2),
            Arrival("https://www.perplexity.ai/"),
        ),
        browsers=(WINDOWS_CHROME, ANDROID_CHROME, ANDROID_CHROME, IPHONE, IPAD, MAC_SAFARI),
        zones=WORLD,
        hours=(10, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22),
        journeys=(
            "project",
            "project",
            "home projects project",
            "home",
            "project project",
            "home project",
            "home chat:years",
        ),
        network_kinds=("education", "isp", "mobile"),
        weekend=0.6,
    ),
    Persona(
        "client",
        0.04,
        arrivals=(Arrival("https://www.google.com/"), Arrival("https://www.linkedin.com/"), Arrival()),
        browsers=(MAC_SAFARI, WINDOWS_CHROME, IPHONE),
        zones=EUROPE,
        hours=OFFICE_HOURS,
        journeys=(
            "home projects project resume contact:project",
            "home about projects project",
            "home about contact",
            "home projects",
        ),
        network_kinds=("business",),
        weekend=0.2,
    ),
    Persona(
        "owner",
        0.03,
        arrivals=(Arrival(),),
        browsers=(LINUX_FIREFOX,),
        zones=("Europe/Berlin",),
        hours=(8, 20, 21, 22),
        journeys=("home projects project resume", "home"),
        weekend=1.0,
        is_owner=True,
    ),
)


def _bot(name: str, share: float, user_agent: str, journey: str) -> Persona:
    return Persona(
        name,
        share,
        arrivals=(Arrival(),),
        browsers=(Browser(user_agent),),
        zones=("UTC",),
        hours=ANY_HOUR,
        journeys=(journey,),
        network_kinds=("hosting",),
        weekend=1.0,
    )


BOTS: Final = (
    _bot(
        "search",
        0.05,
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "home projects project project",
    ),
    _bot(
        "search", 0.02, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "home about resume"
    ),
    _bot(
        "ai",
        0.03,
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "home projects project",
    ),
    _bot(
        "ai",
        0.02,
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "project project",
    ),
    _bot("seo", 0.02, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "home projects"),
    _bot("preview", 0.01, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "project"),
    _bot(
        "preview",
        0.01,
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "resume",
    ),
    _bot("library", 0.01, "python-requests/2.32.5", "missing:/.env missing:/wp-login.php"),
)

QUESTIONS: Final = {
    "availability": "When are you available for a new role?",
    "notice": "What is your notice period?",
    "location": "Where are you based, and would you relocate?",
    "remote": "Do you work remotely?",
    "stack": "Which database do you use in this project?",
    "years": "How many years of experience do you have with Python?",
}
MESSAGES: Final = {
    "role": "We are hiring a senior engineer and your profile looks like a match. Could we arrange an interview?",
    "call": "I am a recruiter and would like to talk about an open position. What is your salary expectation?",
    "project": "We need a web application built and are looking for a freelancer. What would your day rate be?",
}
JOB_DESCRIPTION: Final = (
    "Senior Backend Engineer. Responsibilities: design and run services in Python and Django. Requirements: five years"
    " of experience, PostgreSQL, Docker, AWS. We offer a competitive salary, remote work and 30 days of holiday. Apply"
    " with your resume; the hiring manager looks forward to meeting you. Full-time, permanent position, Berlin."
)
