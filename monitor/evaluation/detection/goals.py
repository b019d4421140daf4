"""The goals of detection.md §8 that families A and B decide, with what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.evaluation.detection.matching import alarms
from monitor.evaluation.detection.outcomes import Estimate, difference
from monitor.evaluation.detection.run import MATCHED, STARTS, TRAINED, USUAL, Found, Row
from monitor.evaluation.detection.trials import FALLS, FUSED, SERIES, STEPS
from monitor.evaluation.measured import Measured

OVERALL, EVERYWHERE = {"at_least": 0.7, "at_most": 1.3}, {"at_least": 0.5, "at_most": 1.7}
"""G7: realised over nominal false alarms, overall and in every scenario of family A."""
NOMINAL = 0.01
ENOUGH_WEEKS = 4_000
"""Quiet weeks a scenario from which its rate is known to ± .16 of nominal; with fewer the extremes of 42 are noise."""
ENOUGH_SHOCKS = 8
"""Shocks, one a seed, from which their rate is known to ± .1 of nominal: that of one alone varies by .3 (README.md of
`monitor.detectors`, section 7: .0061 to .0158)."""


@dataclass(frozen=True, slots=True)
class _Rows:
    found: Found

    def at(self, level: str, source: str, rate: float | None, method: str = "monitor") -> Row | None:
        """Find a method's row; None where it did not run."""
        asked = (method, level, source, rate)
        return next((row for row in self.found.rows if (row.method, row.level, row.source, row.rate) == asked), None)

    def measured(self, name: str, estimate: Estimate, goal: Mapping[str, float] | None, how: str) -> Measured:
        seeds = f"seeds {_listed(self.found.seeds)}, trained on {_listed(self.found.train_seeds)}"
        return Measured(name, estimate.value, "share", goal, f"± {estimate.error:.3f}; {how}; {seeds}")


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))


def goals(found: Found) -> tuple[Measured, ...]:
    """Give the goals that a run of family A or B decides."""
    rows = _Rows(found)
    return tuple(_of_a(rows) if found.family == "A" else _of_b(rows))


def _of_a(rows: _Rows) -> Iterator[Measured]:
    for name, rate, least in (("G1", 0.01, 0.58), ("G2", 0.005, 0.51)):
        if row := rows.at(SERIES, TRAINED, rate, "monitor_sudden"):
            how = f"sudden evidence alone, threshold trained at {rate:.1%}, realised {row.outcome.fpr.value:.2%}"
            yield rows.measured(name, row.outcome.pod["outbreak"], {"at_least": least}, how)
            if name == "G1":
                yield rows.measured("G3", row.outcome.f1, {"at_least": 0.49}, how)
    if row := rows.at(SERIES, TRAINED, NOMINAL):
        how = f"the one default, threshold trained at 1 %, realised {row.outcome.fpr.value:.2%}"
        yield rows.measured("G4.A.pod", row.outcome.pod["outbreak"], {"at_least": 0.56}, how)
    yield from _calibration(rows, "G7.A", SERIES)
    for source, row in _calibrated(rows, SERIES):
        some = {name: rate / NOMINAL for name, rate in row.outcome.parts.items() if "harmonics" in name}
        weeks = int(rows.found.truths[SERIES].quiet.sum() / len(some))
        goal = EVERYWHERE if weeks >= ENOUGH_WEEKS else None
        for which, place in (("least", min(some, key=some.__getitem__)), ("most", max(some, key=some.__getitem__))):
            how = f"{place}; about {weeks:,} quiet weeks a scenario, {ENOUGH_WEEKS:,} decide"
            yield Measured(f"G7.A.{source}.{which}_scenario", some[place], "× nominal", goal, how)


def _of_b(rows: _Rows) -> Iterator[Measured]:
    if row := rows.at(SERIES, TRAINED, NOMINAL):
        how = f"the one default, threshold trained at 1 %, realised {row.outcome.fpr.value:.2%}"
        for reach, least in (("6", 0.41), ("12", 0.60)):
            yield rows.measured(f"G4.B.pod{reach}", row.outcome.pod[reach], {"at_least": least}, how)
    for name, level, bounds in (("G5", SERIES, (0.41, 0.61)), ("G6", FUSED, (0.50, 0.72))):
        if row := rows.at(level, MATCHED, NOMINAL):
            for reach, bound in zip(("6", "12"), bounds, strict=True):
                how = f"exactly 1 % of {level}-months without a worsening"
                yield rows.measured(f"{name}.pod{reach}", row.outcome.pod[reach], {"at_least": bound}, how)
    yield from _latched(rows)
    for name, level in (("falls", FALLS), ("falls.steps", STEPS)):
        if row := rows.at(level, MATCHED, NOMINAL, "monitor_slow"):
            for reach in row.outcome.pod:
                how = f"{level} of 20-40 %, lower tail of slow evidence, exactly 1 %"
                yield rows.measured(f"{name}.pod{reach}", row.outcome.pod[reach], None, how)
    yield from _calibration(rows, "G7.B", SERIES)
    for source, row in _calibrated(rows, SERIES):
        ratio, shocks = row.outcome.parts["shock"] / NOMINAL, len(rows.found.seeds)
        how = f"months of a national shock, {shocks} of them; {ENOUGH_SHOCKS} decide"
        yield Measured(f"G7.B.{source}.shock", ratio, "× nominal", OVERALL if shocks >= ENOUGH_SHOCKS else None, how)


def _latched(rows: _Rows) -> Iterator[Measured]:
    """Give G9: what latching adds to F1, and what it costs in months to the first alarm."""
    held, plain = (rows.at(SERIES, MATCHED, NOMINAL, method) for method in ("monitor_latched", "monitor"))
    if held and plain:
        yield rows.measured("G9.f1", held.outcome.f1, {"at_least": 0.36}, "latched, exactly 1 % of series-months")
        loss = _loss(rows.found, plain, held)
        yield rows.measured("G9.loss_pod6", loss, {"at_most": 0.02}, "what latching costs within 6 months, at 1 %")
    if started := rows.at(SERIES, STARTS, NOMINAL, "monitor_latched"):
        how = f"latched, starts at 1 % of series-months, {started.outcome.fpr.value:.2%} of months"
        yield rows.measured("G9.f1_starts", started.outcome.f1, {"at_least": 0.45}, how)


def _loss(found: Found, plain: Row, held: Row) -> Estimate:
    """Give the share found within 6 months that latching loses, on the same series."""
    truth = found.truths[SERIES]
    alarm, other = (alarms(found.evidence[row.method, SERIES], row.threshold) for row in (plain, held))
    return difference(alarm, other, truth)["6"]


def _calibrated(rows: _Rows, level: str) -> Iterator[tuple[str, Row]]:
    """Give the rows at 1 % by theory and by training."""
    for source, rate in ((USUAL, None), (TRAINED, NOMINAL)):
        if row := rows.at(level, source, rate):
            yield "theory" if source == USUAL else source, row


def _calibration(rows: _Rows, name: str, level: str) -> Iterator[Measured]:
    for source, row in _calibrated(rows, level):
        rate = row.outcome.fpr
        ratio = Estimate(rate.value / NOMINAL, rate.error / NOMINAL)
        yield rows.measured(f"{name}.{source}", ratio, OVERALL, f"realised over nominal 1 %, threshold by {source}")
