"""Add, list and revoke the tokens of programs from the shell."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from visitors.models import ApiToken, TokenScope
from visitors.tokens import fault_of, issue, revoke

MAX_DAYS: Final = 3650
MAX_NAME: Final = 100

EPILOG: Final = """\
scopes:
  read    reports, nothing else
  events  sending events, nothing else
  admin   reports, labels and applications, as far as the account may

A token gives no more than its account has. It is printed once; only its SHA-256 is kept.

examples:
  manage.py visitor_tokens add grafana --user owner
  manage.py visitor_tokens add "shop backend" --user owner --scope events --days 90
  manage.py visitor_tokens revoke 3

exit status: 0 done; 1 no such account or token; 2 usage
"""


class Command(BaseCommand):
    help = "Tokens for programs that read reports or send events: add (printed once), list, revoke."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|revoke")
        adding = actions.add_parser("add", help="make a token and print it, once")
        adding.add_argument("name", help="what uses it")
        adding.add_argument("--user", required=True, help="the account that it speaks for")
        adding.add_argument("--scope", choices=TokenScope.values, default=TokenScope.READ.value)
        adding.add_argument("--days", type=int, help="how long it is good (no end)")
        actions.add_parser("list", help="all tokens, without their texts")
        revoking = actions.add_parser("revoke", help="let a token open nothing from now on")
        revoking.add_argument("number", type=int, help="as `list` shows it")

    def handle(self, *_: Any, **options: Any) -> None:
        {"add": self._add, "list": self._list, "revoke": self._revoke}[options["action"]](options)

    def _add(self, options: dict[str, Any]) -> None:
        users = get_user_model()._default_manager
        user = users.filter(**{users.model.USERNAME_FIELD: options["user"]}).first()
        if user is None:
            raise CommandError(f"No account is called {options['user']!r}.")
        if not 0 < len(options["name"]) <= MAX_NAME:
            raise CommandError(f"`name` must be 1 to {MAX_NAME} characters, not {len(options['name'])}.")
        days = options["days"]
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise CommandError(f"`--days` must be between 1 and {MAX_DAYS}, not {days}.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        _, text = issue(name=options["name"], user=user, scope=TokenScope(options["scope"]), expires_at=expires_at)
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:  # noqa: ARG002
        now = timezone.now()
        for token in ApiToken.objects.select_related("user"):
            state = fault_of(token, now=now).removeprefix("The token ").rstrip(".") or "is live"
            used = f"used {token.last_used_on}" if token.last_used_on else "never used"
            owner = token.user.get_username()
            self.stdout.write(f"{token.pk:>5}  {token.scope:<6}  {state:<11}  {used:<15}  {owner}: {token}")

    def _revoke(self, options: dict[str, Any]) -> None:
        token = ApiToken.objects.filter(pk=options["number"]).first() if abs(options["number"]) < 1 << 63 else None
        if token is None:
            raise CommandError(f"No token has the number {options['number']}.")
        revoke(token)
        self.stdout.write(f"{token}: revoked")
