"""What chance was allowed to open, what did open, and how it ended: counted and shown, never learnt from (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.casefile import Case, CaseKind, Outcome

MONTH = timedelta(days=365.25 / 12)
WINDOW = 12 * MONTH
WITHOUT_CONCERN = frozenset({Outcome.FADED, Outcome.NO_CONCERN})
"""A case that ended so may have been chance, or a worsening that nobody looked into: an upper bound, no more."""


@dataclass(frozen=True, slots=True)
class Share:
    """A receiver's own number: cases a month as messages (None: all), and how many it has had in the last month."""

    receiver: str
    allowed: float | None
    sent: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The budget over the last year, or since the first feed went live.

    `expected`: chance cases allowed over these `months`; `opened`: cases that opened, apart from those that stood when
    their feed went live; `realised`: those of them that ended without a concern; `outcomes`: how all of them stand.
    `threshold`: the fused probability at which a case can open now, over `organisations`; `looked_back`: by how many
    organisation-months of the past it is calibrated (0: by theory alone).
    """

    per_month: float
    months: float
    expected: float
    opened: int
    realised: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    threshold: float = 0.0
    organisations: int = 0
    receivers: Sequence[Share] = ()
    looked_back: int = 0

    @property
    def ratio(self) -> float | None:
        """Give the cases that ended without a concern over those that chance was allowed; None: none was yet."""
        return self.realised / self.expected if self.expected > 0.0 else None

    def row(self) -> dict[str, Any]:
        """Give it as scripts read it; shares of `outcomes` add up to `opened`."""
        return {
            "chance_cases_per_month": self.per_month,
            "months": round(self.months, 2),
            "expected": round(self.expected, 2),
            "opened": self.opened,
            "ended_without_concern": self.realised,
            "realised_over_expected": None if self.ratio is None else round(self.ratio, 2),
            "outcomes": dict(self.outcomes),
            "threshold": self.threshold,
            "organisation_months_looked_back": self.looked_back,
            "organisations": self.organisations,
            "receivers": [
                {"name": share.receiver, "messages_per_month": share.allowed, "sent_this_month": share.sent}
                for share in self.receivers
            ],
        }


def opened_since(
    live: datetime, cases: Sequence[Case], stood: Collection[str], now: datetime
) -> tuple[list[Case], float]:
    """Give the concerns that opened in the last year, or since a feed went live, and the months of it.

    `stood`: ids of the cases that stood when their feed went live: history opened them, no month of ours did.
    """
    begin = max(live, now - WINDOW)
    ours = [
        case for case in cases if case.kind is CaseKind.CONCERN and case.id not in stood and begin <= case.opened <= now
    ]
    return ours, (now - begin) / MONTH


def tally(
    cases: Sequence[Case],
    stood: Collection[str],
    *,
    now: datetime,
    live: datetime,
    per_month: float,
    threshold: float,
    organisations: int,
    receivers: Sequence[Share] = (),
    looked_back: int = 0,
) -> Tally:
    """Count the concerns of the last year.

    Parameters
    ----------
    stood
        As `opened_since` takes them.
    live
        When the first feed went live.
    """
    ours, months = opened_since(live, cases, stood, now)
    outcomes = Counter(str(case.outcome or "open") for case in ours)
    return Tally(
        per_month, months, per_month * months, len(ours), sum(case.outcome in WITHOUT_CONCERN for case in ours),
        dict(sorted(outcomes.items())), threshold, organisations, receivers, looked_back,
    )  # fmt: skip
