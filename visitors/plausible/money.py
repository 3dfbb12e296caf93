"""Write amounts as Plausible's clients read them, and say why there are none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from visitors.reports.revenue import Money

SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "PLN": "zł"}
WHOLE: Final = frozenset({"JPY", "KRW", "CLP", "ISK", "VND"})  # currencies without a hundredth
STEPS: Final = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K"))
WARNINGS: Final = {
    "no_single_revenue_currency": "Revenue metrics are null as there are amounts of several currencies.",
    "no_revenue_goals_matching": "Revenue metrics are null as no event that was asked for brought an amount.",
}


def warning_of(found: Iterable[tuple[Money, ...]]) -> dict[str, str] | None:
    """Why amounts are null; `None` when they are not."""
    currencies = {money.currency for sums in found for money in sums}
    if len(currencies) == 1:
        return None
    code = "no_single_revenue_currency" if currencies else "no_revenue_goals_matching"
    return {"code": code, "warning": WARNINGS[code]}


def amount_of(metric: str, sums: tuple[Money, ...]) -> dict[str, Any] | None:
    """`None` where nothing was taken, or in several currencies."""
    if len(sums) != 1:
        return None
    (money,) = sums
    digits = Decimal(1) if money.currency in WHOLE else Decimal("0.01")
    amount = money.amount / money.count if metric == "average_revenue" else money.amount
    amount = amount.quantize(digits, ROUND_HALF_UP)
    return {
        "value": float(amount),
        "currency": money.currency,
        "short": _written(money.currency, amount, _short(abs(amount))),
        "long": _written(money.currency, amount, f"{abs(amount):,}"),
    }


def _short(amount: Decimal) -> str:
    step, letter = next(((step, letter) for step, letter in STEPS if amount >= step), (Decimal(1), ""))
    return f"{(amount / step).quantize(Decimal('0.1'), ROUND_HALF_UP)}{letter}" if letter else f"{amount}"


def _written(currency: str, amount: Decimal, digits: str) -> str:
    return f"{'-' if amount < 0 else ''}{SIGNS.get(currency, f'{currency} ')}{digits}"
