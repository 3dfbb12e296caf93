"""Feed a web server's access log through the same pipeline as live requests, with the log's own times."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, reset_queries

from visitors.conf import conf
from visitors.management.log_file import LogFile, UnreadableLog
from visitors.management.log_memory import LogMemory
from visitors.management.log_report import tally_lines, visit_lines
from visitors.management.log_tally import LogTally
from visitors.management.progress import Progress
from visitors.observation import DropReason, Observation
from visitors.recording import store
from visitors.recording.log_lines import JSON_KEYS, LogFormat, LogLineError, parse_line
from visitors.recording.log_observations import LogObserver

DEFAULT_BATCH: Final = 1000
LARGEST_BATCH: Final = 10_000

EPILOG: Final = f"""\
formats:
  combined  Apache's and nginx's default: client, names, [time], "request", status, size, "referrer", "user agent";
            the virtual host may stand in front
  common    the same without referrer and user agent
  jsonl     one JSON object a line: {", ".join(JSON_KEYS)};
            `time` is ISO 8601 or Unix seconds, `path` may carry a query; referrer, user_agent, bytes and host
            may be left out

a log names no content type: an address that ends like an asset or a feed, a method other than GET and a status
outside 2xx make no page view; 404 is kept as "not found".
The same file imported again adds nothing. Days that the site has recorded itself are counted twice if you import
their log as well.

examples:
  manage.py import_log /var/log/nginx/access.log.2.gz --format combined --host example.com
  zcat -f access.log* | manage.py import_log - --format combined --host example.com
  manage.py import_log requests.jsonl --format jsonl --dry-run

exit status: 0 imported; 1 the file cannot be read, no line of it can, or --strict met a malformed line; 2 usage
"""


class Command(BaseCommand):
    help = "Import a web server's access log, with the log's own times."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", metavar="FILE", help="the log, plain or gzipped; - reads standard input")
        parser.add_argument("--format", required=True, choices=[str(each) for each in LogFormat], dest="log_format")
        parser.add_argument(
            "--host", action="append", default=[], help="the site's own host, no source of visits; may be repeated"
        )
        parser.add_argument("--time-zone", type=_zone, default=UTC, help="IANA zone of times without an offset (UTC)")
        parser.add_argument(
            "--batch", type=_batch_size, default=DEFAULT_BATCH, help=f"observations a transaction ({DEFAULT_BATCH})"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and count, write nothing")
        parser.add_argument("--strict", action="store_true", help="stop at the first malformed line")
        parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        run = LogImport(LogFormat(options["log_format"]), options)
        try:
            with LogFile(options["file"]) as log, Progress(sys.stderr, is_quiet=options["quiet"]) as progress:
                run.read(log, progress)
        except UnreadableLog as error:
            if run.tally.lines:
                self._report(run)
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused the import: {error}") from error
        self._report(run)
        _judge(run.tally, options)

    def _report(self, run: LogImport) -> None:
        for number, reason in run.tally.first_malformed:
            self.stderr.write(f"line {number}: {reason}")
        if more := run.tally.malformed - len(run.tally.first_malformed):
            self.stderr.write(f"... and {more:,} more malformed lines")
        lines = [*tally_lines(run.tally), *run.outcome_lines()]
        self.stdout.write("\n".join([*lines, *(visit_lines(run.tally) if not run.is_dry else ())]))


def _judge(tally: LogTally, options: dict[str, Any]) -> None:
    if tally.lines == tally.malformed:
        raise CommandError(f"{options['file']} holds no line of the format {options['log_format']}.")
    if options["strict"] and tally.malformed:
        raise CommandError("Stopped at a malformed line, as --strict asks; the lines before it are imported.")


class LogImport:
    """One run: reads lines, stores observations in batches, keeps the counts."""

    def __init__(self, log_format: LogFormat, options: dict[str, Any]) -> None:
        self.tally = LogTally()
        self.is_dry: bool = options["dry_run"]
        self._log_format = log_format
        self._time_zone: tzinfo = options["time_zone"]
        self._batch: int = options["batch"]
        self._is_strict: bool = options["strict"]
        self._observer = LogObserver(own_hosts=options["host"], excluded=conf.EXCLUDE_PATHS)
        self._memory = LogMemory()
        self._stored = self._known = 0
        self._refused: Counter[str] = Counter()

    def read(self, log: LogFile, progress: Progress) -> None:
        batch: list[Observation] = []
        for observation in self._observations(log, progress):
            batch.append(observation)
            if len(batch) >= self._batch:
                self._store(batch)
                batch = []
        self._store(batch)

    def _observations(self, log: LogFile, progress: Progress) -> Iterator[Observation]:
        for number, raw in log:
            self.tally.lines = number
            try:
                line = parse_line(
                    raw.decode("utf-8", "replace"), log_format=self._log_format, time_zone=self._time_zone
                )
            except LogLineError as error:
                self.tally.count_malformed(number, str(error))
                if self._is_strict:
                    return
                continue
            seen = self._observer.observe(line, raw=raw)
            self.tally.count(seen)
            progress.show(_how_far(number, log.share_read))
            if not isinstance(seen, DropReason):
                yield seen

    def _store(self, batch: list[Observation]) -> None:
        """Web servers write a line when the answer ends, so neighbours may be out of order."""
        if self.is_dry or not batch:
            return
        new = self._memory.new_ones(batch)
        result = store(sorted(new, key=lambda seen: (seen.at_ms, seen.id)))
        reset_queries()  # under DEBUG Django would keep every statement
        self._known += len(batch) - len(new)
        self._stored += result.stored
        for (_day, reason), count in result.dropped.items():
            self._refused[reason] += count
        self._refused["unreadable by the pipeline"] += result.quarantined

    def outcome_lines(self) -> Iterator[str]:
        if self.is_dry:
            yield "Nothing was written."
            return
        yield f"{'Imported now':<36}{self._stored:>12,}"
        yield f"{'  stored before':<36}{self._known:>12,}"
        yield from (f"{f'  left out: {reason}':<36}{count:>12,}" for reason, count in (+self._refused).items())


def _how_far(number: int, share: float | None) -> str:
    return f"{number:,} lines" if share is None else f"{number:,} lines, {share:.0%}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentTypeError(f"must be an IANA time zone such as Europe/Berlin, not {name!r}") from None


def _batch_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_BATCH:
        raise ArgumentTypeError(f"must be between 1 and {LARGEST_BATCH}, not {text!r}")
    return int(text)
