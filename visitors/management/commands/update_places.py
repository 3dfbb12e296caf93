"""Download an address database, verify it, and swap it for the one in use."""

from __future__ import annotations

import sys
import tarfile
import zlib
from argparse import RawDescriptionHelpFormatter
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visitors.conf import MiB, conf
from visitors.detection.networks import MmdbMetadata, verify_mmdb
from visitors.management.place_files import BadPlaceFile, FetchLimits, public_name, replace_file
from visitors.management.progress import Progress

DEFAULT_MAX_MIB: Final = 512
DEFAULT_TIMEOUT_SECONDS: Final = 30
# What a database must tell to answer for a kind.
NEEDED: Final = {"country": "country", "city": "city", "asn": "network"}
FAULTS: Final = (OSError, EOFError, zlib.error, tarfile.TarError, HTTPException, ValueError, BadPlaceFile)

EPILOG: Final = """\
The file may be plain, in gzip, or in a tar archive. It is verified beside the old one and replaces it in a single
step; whatever fails, the old one stays. Running processes take up the new one by themselves.
The default of --to is the setting VISITORS["GEOIP_COUNTRY"], ["GEOIP_CITY"] or ["GEOIP_ASN"].

examples:
  manage.py update_places --kind country --from https://download.example/dbip-country-lite-2026-11.mmdb.gz
  manage.py update_places --kind asn --from /srv/geo/GeoLite2-ASN.tar.gz --to var/places/asn.mmdb

exit status: 0 replaced; 1 nothing changed; 2 usage
"""


class Command(BaseCommand):
    help = "Fetch and verify an address database (MMDB) and put it in place of the old one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--kind", required=True, choices=sorted(NEEDED))
        parser.add_argument("--from", required=True, dest="source", metavar="URL|FILE")
        parser.add_argument("--to", type=Path, metavar="PATH", help="default: the setting of this kind")
        parser.add_argument("--max-mib", type=int, default=DEFAULT_MAX_MIB, help=f"bound of size ({DEFAULT_MAX_MIB})")
        parser.add_argument(
            "--timeout", type=float, default=DEFAULT_TIMEOUT_SECONDS, help=f"seconds a wait ({DEFAULT_TIMEOUT_SECONDS})"
        )
        parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        kind, source = options["kind"], options["source"]
        target = options["to"] or _configured(kind)
        limits = FetchLimits(max_bytes=options["max_mib"] * MiB, timeout_seconds=options["timeout"])
        found: list[MmdbMetadata] = []
        try:
            with Progress(sys.stderr, is_quiet=options["quiet"]) as progress:
                replace_file(
                    target,
                    source=source,
                    limits=limits,
                    accept=lambda draft: found.append(_verified(draft, kind=kind)),
                    show=progress.show,
                )
        except FAULTS as error:
            raise CommandError(f"{public_name(source)}: {error} {target} is as it was.") from error
        self.stdout.write(f"{target} is now {found[0].database_type} of {found[0].built_at:%Y-%m-%d}.")


def _configured(kind: str) -> Path:
    path = {"country": conf.GEOIP_COUNTRY, "city": conf.GEOIP_CITY, "asn": conf.GEOIP_ASN}[kind]
    if path is None:
        raise CommandError(f'Say --to PATH, or set VISITORS["GEOIP_{kind.upper()}"] (VISITORS_GEOIP_{kind.upper()}).')
    return path


def _verified(draft: Path, *, kind: str) -> MmdbMetadata:
    metadata = verify_mmdb(draft)
    if NEEDED[kind] not in metadata.tells:
        told = ", ".join(metadata.tells)
        raise BadPlaceFile(f"{metadata.database_type} tells {told}, and --kind {kind} needs {NEEDED[kind]}.")
    return metadata
