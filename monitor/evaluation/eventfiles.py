"""Weekly exports of single incidents: new records, late ones, revisions and deletions, and what each export covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from monitor.evaluation.arrivals import LAGS, Slot, slot
from monitor.evaluation.incidents import Incidents
from monitor.evaluation.nation import Nation
from monitor.model import Period

LATE_EXPORTS = 4
"""Exports of one organisation and week that come in a file of their own."""
LATE_BY = timedelta(days=9)
WEEK = timedelta(weeks=1)


def late_exports(nation: Nation) -> dict[tuple[str, Period], timedelta]:
    """Choose whose export of which week is late; its bed days are late with it."""
    rng = np.random.default_rng([nation.seed, 3])
    weeks = list(_weeks(nation))[1:-2]
    codes = nation.incidents.organisations
    if not weeks or not codes:
        return {}
    return {
        (codes[int(rng.integers(len(codes)))], weeks[int(rng.integers(len(weeks)))]): LATE_BY
        for _ in range(LATE_EXPORTS)
    }


def _weeks(nation: Nation) -> Iterator[Period]:
    """Give the weeks that are exported whole before the end; the first may begin within its week."""
    if not len(nation.incidents.submitted):
        return
    monday = nation.incidents.begin - timedelta(days=nation.incidents.begin.weekday())
    while monday + WEEK + timedelta(days=LAGS["incident_reports", "events"]) <= nation.live_until:
        yield monday, monday + WEEK
        monday += WEEK


def event_rows(nation: Nation, late: dict[tuple[str, Period], timedelta]) -> Iterator[tuple[Slot, Period, str]]:
    """Give every exported row of every incident, in the layout of the incident extract."""
    records = nation.incidents
    weeks = list(_weeks(nation))
    for place in range(len(records.submitted)):
        week = int(records.submitted[place] - weeks[0][0].toordinal()) // 7 + int(records.exported[place])
        code = records.organisations[records.organisation[place]]
        changed = int(records.changed[place])
        for step, revision in ((0, 1), (changed, 2)):
            if (revision == 1 or changed) and week + step < len(weeks):
                period = weeks[week + step]
                into = _slot(nation, code, period, late)
                for text in _rows(records, place, code, revision):
                    yield into, period, text


def _slot(nation: Nation, code: str, period: Period, late: dict[tuple[str, Period], timedelta]) -> Slot:
    day = period[1] + timedelta(days=LAGS["incident_reports", "events"])
    delay = late.get((code, period))
    into = slot("incident_reports", "local", "events", day, live_from=nation.live_from)
    if delay is None:
        return into
    return slot("incident_reports", "local", "events", day + delay, live_from=nation.live_from, late=code)


def _rows(records: Incidents, place: int, code: str, revision: int) -> Iterator[str]:
    """Give a record's rows, one a patient; the second patient's harm is the lesser."""
    happened, submitted = (date.fromordinal(int(days[place])) for days in (records.happened, records.submitted))
    harm = int(records.harm[place] if revision == 1 else records.new_harm[place])
    is_incident = records.kind[place] == 1
    for patient in range(1, int(records.patients[place]) + 1):
        physical = max(harm, 4) if patient > 1 else harm or int(records.harm[place])
        degrees = f"{physical},{3 if physical == 4 else 4}" if is_incident else ","
        yield (
            f"{code}-{place:06d},{revision},{'true' if not harm else 'false'},{patient},{happened},{submitted},{code},"
            f"{records.kind[place]},{degrees},n,{str(bool(records.anonymous[place])).lower()},{records.theme[place]}"
        )


def covers(nation: Nation, late: dict[tuple[str, Period], timedelta]) -> dict[Slot, list[str]]:
    """Give the coverage sidecar of every export: who, from which day, through which day."""
    lines: dict[Slot, list[str]] = {}
    for week in _weeks(nation):
        since, last = max(week[0], nation.incidents.begin), week[1] - timedelta(days=1)
        for code in nation.incidents.organisations:
            lines.setdefault(_slot(nation, code, week, late), []).append(f"{code},{since},{last}")
    return lines
