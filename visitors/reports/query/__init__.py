"""Answer any question about visits: metrics by dimensions, narrowed, compared, ordered."""

from __future__ import annotations

from .answering import Compared, QuestionAnswer, ResultRow, answer
from .defined import Definitions, definitions_of_all
from .formulas import default_metrics
from .language import Order, Query

__all__ = (
    "Compared",
    "Definitions",
    "Order",
    "Query",
    "QuestionAnswer",
    "ResultRow",
    "answer",
    "default_metrics",
    "definitions_of_all",
)
