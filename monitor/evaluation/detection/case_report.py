"""Cases at the budget as a document for scripts, tables and a plot for people, and goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from monitor.evaluation.detection.budgeted import PER_MONTH, REACHES, THEORY, TRAINED, CaseRow
from monitor.evaluation.detection.curves import Curves
from monitor.evaluation.detection.outcomes import Estimate
from monitor.evaluation.detection.report import Table
from monitor.evaluation.measured import Measured

WANTED = {("local", "26"): 0.39, ("local", "52"): 0.70, ("official", "26"): 0.17, ("official", "52"): 0.48}
"""G13, by source and weeks; measured by detection.md on innovations, where any family may open a case alone."""
ANSWERING = {"case rule": ("innovations", "figures"), "any family alone": ("innovations",)}
"""The rules that G13 is read of, and by which ways."""
WITHIN = {"innovations": {"at_least": 0.9, "at_most": 1.1}, "dependent": {"at_most": 2.0}}
"""G10: realised over expected chance cases; with correlated families and heavy tails the ratio is at most 2."""
ENOUGH_YEARS = 200
"""Nation-years from which G10 is decided; fewer are reported only."""
WEEKS_SHOWN = (4, 8, 13, 17, 22, 26, 30, 35, 39, 43, 48, 52)


def case_document(
    rows: Sequence[CaseRow], goals: Sequence[Measured], *, seeds: Sequence[int], train_seeds: Sequence[int],
    organisations: int, conditions: str,
) -> dict[str, Any]:  # fmt: skip
    """Give all figures (schemas/detection_cases.json)."""
    return {
        "family": "cases",
        "seeds": list(seeds),
        "train_seeds": list(train_seeds),
        "organisations": organisations,
        "chance_cases_per_month_accepted": PER_MONTH,
        "conditions": conditions,
        "figures": [_figure(row) for row in rows],
        "goals": [asdict(goal) for goal in goals],
    }


def _figure(row: CaseRow) -> dict[str, Any]:
    return {
        "way": row.way,
        "source": row.source,
        "rule": row.rule,
        "threshold_from": row.threshold_from,
        "threshold": row.threshold,
        "chance_cases_per_month": _both(row.chance),
        "nation_years": round(row.nation_years, 2),
        "worsening": row.events,
        "found_within_weeks": {name: _both(each) for name, each in row.found.items()},
        "found_by_week": [round(share, 4) for share in row.by_week],
    }


def _both(estimate: Estimate) -> dict[str, float]:
    return {"value": round(estimate.value, 6), "standard_error": round(estimate.error, 6)}


def case_goals(rows: Sequence[CaseRow]) -> tuple[Measured, ...]:
    """Give G13 both ways, and G10 by the ideal one."""
    return tuple(goal for row in rows for goal in _goals(row))


def _goals(row: CaseRow) -> Iterator[Measured]:
    if row.rule not in ANSWERING:
        return
    how = f"{row.events} worsening organisations, {row.chance.value:.2f} chance cases a month"
    if row.threshold_from == TRAINED and row.way in ANSWERING[row.rule]:
        for weeks, found in row.found.items():
            least = {"at_least": WANTED[row.source, weeks]}
            ruled = "" if row.rule == "case rule" else f"{row.rule.replace(' ', '_')}."
            name = f"G13.{ruled}{row.way}.{row.source}.{int(weeks) * 12 // 52}_months"
            yield Measured(name, found.value, "share", least, f"± {found.error:.3f}; {how}")
    if row.threshold_from == THEORY:
        goal = WITHIN.get(row.way) if row.nation_years >= ENOUGH_YEARS else None
        said = f"± {row.chance.error / PER_MONTH:.3f}; {row.nation_years:.0f} nation-years of 220 organisations"
        yield Measured(f"G10.{row.way}.{row.source}", row.chance.value / PER_MONTH, "realised / expected", goal, said)


def case_tables(rows: Sequence[CaseRow], plot: Curves) -> list[Table]:
    """Lay the figures and the plot's numbers out."""
    columns = ("by", "feeds", "rule", "threshold from", "threshold", "chance cases a month")
    found = tuple(f"found in {weeks} weeks" for weeks in REACHES)
    title = f"Cases at {PER_MONTH:g} chance case a month over 220 organisations"
    weeks = ("by, feeds", *(str(week) for week in WEEKS_SHOWN))
    shown = tuple(
        (name, *(f"{dict(points)[float(week)]:.2f}" for week in WEEKS_SHOWN)) for name, points in plot.lines.items()
    )
    return [
        Table(title, (*columns, *found), tuple(_line(row) for row in rows)),
        Table(f"{plot.title}: {plot.up} by {plot.across}", weeks, shown),
    ]


def _line(row: CaseRow) -> tuple[str, ...]:
    found = (f"{each.value:.3f} ± {each.error:.3f}" for each in row.found.values())
    chance = f"{row.chance.value:.2f} ± {row.chance.error:.2f}"
    return (row.way, row.source, row.rule, row.threshold_from, f"{row.threshold:.5f}", chance, *found)


def case_plot(rows: Sequence[CaseRow]) -> Curves:
    """Draw the share with a case by week from the onset, for the case rule at the trained threshold."""
    lines = {
        f"{row.way}, {row.source}": [(week + 1.0, share) for week, share in enumerate(row.by_week)]
        for row in rows
        if row.rule == "case rule" and row.threshold_from == TRAINED
    }
    title = f"A case at {PER_MONTH:g} chance case a month"
    return Curves("cases_by_week", title, "weeks from the onset", "share with a case", lines)
