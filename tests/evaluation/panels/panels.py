"""Panels for tests: drawn under chance, written as files, and scored by the command's own function."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.evaluation.panels.asked import Asked, Worse
from monitor.evaluation.panels.score import Told, score
from monitor.model import Kind

Row = dict[str, Any]
ROW = ("series", "period", "expected", "low", "high", "score", "sudden", "slow", "evidence", "signal", "latched")
DEFAULTS = Asked(Path("panel.csv"), Path("scores.csv"), "monthly", Kind.COUNT, Worse.HIGHER, 0.01, "panel")


def day(number: int, cadence: str = "monthly") -> date:
    """Give the first day of the period `number` periods into 2010."""
    if cadence == "weekly":
        return date(2010, 1, 4) + timedelta(weeks=number)
    months = number * {"monthly": 1, "quarterly": 3, "yearly": 12}[cadence]
    return date(2010 + months // 12, months % 12 + 1, 1)


def drawn(series: int, periods: int, *, cadence: str = "monthly", kind: Kind = Kind.COUNT, seed: int = 1) -> list[Row]:
    """Draw series under chance, rows by series and then period: own levels, a shared season and the noise of a kind."""
    rng = np.random.default_rng(seed)
    per_year = {"weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}[cadence]
    season = 0.1 * np.cos(2 * np.pi * np.arange(periods) / per_year)
    rows, size = [], 20 if kind is Kind.RATE else 1
    for place in range(series):
        log_rate, below = rng.normal(0.0, 0.2) + season, size * rng.uniform(900, 1100, periods).round()
        figures = _figures(kind, rng, log_rate, below)
        rows += [
            {
                "series": f"s{place}",
                "peer_group": f"g{place % 2}",
                "period": day(number, cadence).isoformat(),
                "numerator": figures[number],
                "denominator": below[number],
            }
            for number in range(periods)
        ]
    return rows


def _figures(kind: Kind, rng: np.random.Generator, log_rate: np.ndarray, below: np.ndarray) -> np.ndarray:
    if kind is Kind.SCORE:
        return 7 + 0.3 * log_rate + rng.normal(0.0, 1.6, log_rate.shape) / np.sqrt(below)
    mean = below * {Kind.COUNT: 0.03, Kind.RATE: 0.05, Kind.PROPORTION: 0.3}[kind] * np.exp(log_rate)
    return np.minimum(rng.poisson(rng.gamma(mean, 1.0)), below)  # variance twice the mean


def write(path: Path, rows: Sequence[Row], columns: Iterable[str] | None = None) -> Path:
    """Write rows as CSV; what is None is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns or rows[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """Read what was written."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(path: Path, organisations: Path | None = None, **asked: Any) -> list[dict[str, str]]:
    """Score a panel beside itself and give the rows."""
    output = path.with_name("scores.csv")
    run(path, output, organisations, **asked)
    return read(output)


def run(path: Path, output: Path, organisations: Path | None = None, **asked: Any) -> tuple[Told, ...]:
    """Score a panel."""
    return score(replace(DEFAULTS, path=path, output=output, **asked), organisations, lambda *_: lambda done: None)


def column(rows: Sequence[dict[str, str]], name: str) -> np.ndarray:
    """Give a column as numbers; NaN where a cell is empty."""
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])
