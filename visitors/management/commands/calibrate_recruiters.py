"""Refit prior and slope of the recruiter score to the owner's labels, and say how good the score is."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visitors.detection.recruiter_calibration import FEWEST_LABELS, CalibrationReport, TooFewLabelsError, calibrate
from visitors.models import Label, VisitorSession

# A bot's label and the owner's own say nothing about people who might be recruiters.
JUDGING_LABELS: Final = (Label.RECRUITER, Label.CLIENT, Label.PEER, Label.HUMAN)

EPILOG: Final = f"""\
Label visits in the admin or by the API as recruiter, client, peer or human. From {FEWEST_LABELS} labels on, among them
recruiters and others, this fits score = 100 / (1 + exp(-(prior + slope * sum of weights))) to them and prints
precision, recall, AUC and calibration error, measured on the same labels, and the settings that take the fit over.
Nothing is changed.

exit status: 0 fitted; 1 too few labels; 2 usage
"""


class Command(BaseCommand):
    help = "Fit the recruiter score to the owner's labels and print the settings to use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            report = calibrate(labelled_evidence())
        except TooFewLabelsError as error:
            raise CommandError(f"{error} Label visits in the admin or by the API, then try again.") from error
        self.stdout.write("\n".join(report_lines(report)))


def labelled_evidence() -> list[tuple[float, bool]]:
    """(sum of the weights, whether the owner calls it a recruiter's) of each labelled visit that has a score."""
    rows = VisitorSession.objects.filter(label__in=JUDGING_LABELS, recruiter_logit__isnull=False).order_by("id")
    return [(logit or 0.0, label == Label.RECRUITER) for logit, label in rows.values_list("recruiter_logit", "label")]


def report_lines(report: CalibrationReport) -> Iterator[str]:
    precision = "nothing reaches 50" if report.precision is None else f"{report.precision:.2f}"
    yield f"Labels     {report.labels}"
    yield f"Precision  {precision}   of the visits scored 50 or more, the share that is a recruiter's"
    yield f"Recall     {report.recall:.2f}   of the recruiters' visits, the share scored 50 or more"
    yield f"AUC        {report.auc:.2f}   chance that a recruiter's visit scores above another one"
    yield f"ECE        {report.ece:.2f}   mean distance of the score from the truth, 0-1"
    yield ""
    yield "To use this fit:"
    yield f"VISITORS_RECRUITER_PRIOR={report.prior}"
    yield f"VISITORS_RECRUITER_SLOPE={report.slope}"
