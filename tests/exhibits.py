"""Factories of evidence for the tests of what people see."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from monitor.alerts.message import compose
from monitor.calendars import calendar
from monitor.casefile import Case, CaseChange, Exhibit, Pack, Point, Signal, What
from monitor.catalogue import INDICATORS
from monitor.disclosure import Disclosed, disclose
from monitor.model import Family, Organisation, PeerGroup, Reading

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
RIVERSIDE = Organisation("RXX", "Riverside", PeerGroup.ACUTE, "North West")
FAMILY = {
    "low_harm_reports": Family.INCIDENTS,
    "harm_share": Family.INCIDENTS,
    "report_delay": Family.INCIDENTS,
    "stress_sickness_rate": Family.WORKFORCE,
    "new_complaints": Family.PATIENTS,
    "conduct_complaints_share": Family.PATIENTS,
    "engagement_score": Family.STAFF_VOICE,
}


def signal_of(indicator: str, *, source: str = "local", since: date = date(2026, 6, 1), rises: bool = True) -> Signal:
    found = INDICATORS[indicator]
    reading = found.rise if rises else found.fall
    if reading is Reading.UNREAD:
        reading = Reading.WORSENING
    last = date(2026, 10, 1), date(2026, 11, 1)
    return Signal("RXX", indicator, source, FAMILY[indicator], reading, 0.001, since, last, date(2026, 11, 12), rises)


def point_of(
    start: date, end: date, numerator: float | None, denominator: float | None, *, per: float = 1.0, usual: float = 0.0
) -> Point:
    """Make a point whose usual range is a fifth around `usual`, in people's unit."""
    seen = None if numerator is None else per * numerator / denominator if denominator else numerator
    return Point((start, end), numerator, denominator, seen, usual, usual * 0.8, usual * 1.2, None)


def exhibit_of(
    indicator: str,
    figures: Sequence[tuple[float | None, float | None]],
    *,
    name: str = "monthly",
    usual: float = 0.0,
    source: str = "local",
    since: date = date(2026, 6, 1),
    rises: bool = True,
    shock: float | None = None,
) -> Exhibit:
    """Make a series that ends with the last period before November 2026."""
    periods = calendar(name)
    last = periods.last_before(date(2026, 11, 1))
    per = INDICATORS[indicator].per
    points = [
        point_of(*periods.period(last - len(figures) + 1 + place), *figure, per=per, usual=usual)
        for place, figure in enumerate(figures)
    ]
    signal = signal_of(indicator, source=source, since=since, rises=rises)
    return Exhibit(signal, tuple(points), 41, 0.2, shock)


def pack_of(*exhibits: Exhibit) -> Pack:
    return Pack("C-7", "RXX", "Riverside", AT, "incident_reports/12", ("counts 1",), "ab12", exhibits)


def disclosed_of(*exhibits: Exhibit) -> Disclosed:
    return disclose(pack_of(*exhibits), INDICATORS)


def suppressed_voice() -> Disclosed:
    """Make the evidence of fewer reports, more complaints and more stress-related absence."""
    reports = [(260 + 9 * (week % 5), 5600.0) for week in range(60)] + [
        (190 + 7 * (week % 5), 5600.0) for week in range(22)
    ]
    complaints = [(31 + month % 4, 152_000.0) for month in range(24)] + [
        (45 + month % 3, 152_000.0) for month in range(5)
    ]
    stress = [(2100.0 + 40 * (month % 5), 152_000.0) for month in range(29)]
    return disclosed_of(
        exhibit_of("low_harm_reports", reports, name="weekly", usual=49.5, rises=False, shock=0.93),
        exhibit_of("new_complaints", complaints, usual=0.21),
        exhibit_of("stress_sickness_rate", stress, usual=1.41),
    )


def case_of(**changes: object) -> Case:
    values: dict[str, object] = {
        "id": "C-7",
        "organisation": "RXX",
        "opened": AT,
        "p": 0.00034,
        "families": {Family.INCIDENTS: 0.002, Family.PATIENTS: 0.01, Family.STAFF_VOICE: 0.4},
        "signals": (signal_of("low_harm_reports", rises=False), signal_of("new_complaints")),
        "patterns": ("C1",),
        "against": ("engagement in the pulse has not fallen",),
        "because": "two families shifted together, one of them patients",
    }
    return Case(**(values | changes))  # type: ignore[arg-type]


def change_of(what: What = What.OPENED, reason: str = "the case rule is met", **changes: object) -> CaseChange:
    return CaseChange(case_of(**changes), what, reason, AT + timedelta(minutes=5))


def message_of(what: What = What.OPENED, **changes: object) -> dict[str, object]:
    return compose(change_of(what, **changes), suppressed_voice(), RIVERSIDE)
