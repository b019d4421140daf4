"""What is measured in the nation and how it varies: one line per indicator, and the draws that come of it.

Levels and dispersions are those of detection.md §3 (families B and K) and domain.md §2 and §3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INCIDENTS, WORKFORCE, PATIENTS, STAFF_VOICE = range(4)
WITHIN_FAMILY = 0.5
"""Share of an indicator's innovation variance that its family shares (survey scores move together: domain.md §2)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How one indicator varies on the log scale (scores: in points).

    `level` is the median organisation's; `spread` the sd between organisations; `noise` the sd of the
    innovation beyond counting; `memory` its lag-1 autocorrelation; `winter` and `shock` what the full
    bump and the full national shock add; `worse` the direction in which the family's bad luck moves it.
    """

    key: str
    family: int
    level: float
    spread: float
    noise: float
    memory: float = 0.0
    winter: float = 0.0
    shock: float = 0.0
    worse: int = 1


WEEKLY_REPORTS = 14.0
"""With a dispersion of 1.87 the sd of a week is .365 on the log scale (detection.md §3, family K)."""
MONTHLY_COMPLAINTS = 20.0
"""With a dispersion of 2 the sd of a month is .316 on the log scale (family K)."""
DISPERSION = {"low_harm_reports": 1.87, "new_complaints": 2.0}
"""Variance over mean of a count."""

REPORTS = Measure("low_harm_reports", INCIDENTS, WEEKLY_REPORTS, 0.25, 0.0, winter=-0.04, shock=-0.2, worse=-1)
COMPLAINTS = Measure("new_complaints", PATIENTS, MONTHLY_COMPLAINTS, 0.3, 0.0, winter=-0.04, shock=-0.25)
SICKNESS = Measure("sickness_rate", WORKFORCE, 0.045, 0.177, 0.053, 0.69, winter=0.14, shock=0.35)
STRESS = Measure("stress_sickness_rate", WORKFORCE, 0.014, 0.2, 0.053, 0.69, winter=0.03, shock=0.1)
DELAY = Measure("report_delay", INCIDENTS, 8.0, 0.2, 0.12, winter=0.05)
INCIDENT_SHARES = (
    Measure("harm_share", INCIDENTS, 0.07, 0.25, 0.1),
    Measure("staffing_risk_share", INCIDENTS, 0.12, 0.25, 0.1, winter=0.15, shock=0.2),
    Measure("anonymous_share", INCIDENTS, 0.09, 0.3, 0.1),
)
CONDUCT = Measure("conduct_complaints_share", PATIENTS, 0.24, 0.2, 0.08)
FEEDBACK_SHARES = (
    Measure("negative_feedback_share", PATIENTS, 0.04, 0.3, 0.12, winter=0.04, shock=0.1),
    Measure("staff_manner_negative_share", PATIENTS, 0.02, 0.3, 0.12, shock=0.05),
)
SCORES = tuple(
    Measure(key, STAFF_VOICE, level, 0.25, 0.14, shock=-0.1, worse=-1)
    for key, level in (
        ("engagement_score", 6.7), ("motivation_score", 6.9), ("involvement_score", 6.5), ("advocacy_score", 6.6),
    )
)  # fmt: skip
"""Noise and the sampling of about 300 respondents make .17 points together (family K)."""
RESPONSE = Measure("pulse_response_rate", STAFF_VOICE, 0.18, 0.25, 0.08, shock=-0.1, worse=-1)
SURVEY_SHARES = (
    Measure("burnout_share", STAFF_VOICE, 0.30, 0.12, 0.035, shock=0.08),
    Measure("stress_share", STAFF_VOICE, 0.41, 0.10, 0.03, shock=0.08),
    Measure("manager_bullying_share", STAFF_VOICE, 0.093, 0.2, 0.05),
    Measure("colleague_discrimination_share", STAFF_VOICE, 0.089, 0.25, 0.05),
    Measure("enough_staff_share", STAFF_VOICE, 0.32, 0.15, 0.04, shock=-0.08, worse=-1),
)
SCORE_SD = 1.6
"""Between the respondents of one organisation (detection.md §3)."""

WEEKLY_BED_DAYS = 280.0  # 50 reports per 1,000 bed days at the median organisation (domain.md §3)
MONTHLY_FTE_DAYS = 60_000.0  # about 2,000 full-time staff
ELIGIBLE = 2_000.0
MONTHLY_RESPONSES = 400.0
SURVEY_TAKE_UP = 0.45  # domain.md §2: response rate 44 %
SUBJECTS_PER_COMPLAINT = 468 / 403  # one organisation's KO41a of 2024-25 (domain.md §1.2)


def mixed(rng: np.random.Generator, means: np.ndarray, luck: np.ndarray, dispersion: float) -> np.ndarray:
    """Draw counts of variance `dispersion` times their mean: Poisson around a log-normal rate.

    `luck` holds the standard normal deviates of the rate, so that counts can be correlated with other things.
    """
    return np.asarray(rng.poisson(unsettled(means, luck, dispersion)), dtype=float)


def unsettled(means: np.ndarray, luck: np.ndarray, dispersion: float) -> np.ndarray:
    """Give the log-normal rates whose Poisson counts have variance `dispersion` times their mean."""
    variance = np.log1p((dispersion - 1) / means)
    return np.asarray(means * np.exp(np.sqrt(variance) * luck - variance / 2))


def chosen(rng: np.random.Generator, trials: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Draw how many of all were such."""
    return np.asarray(rng.binomial(trials.astype(np.int64), np.clip(shares, 0.0, 0.95)), dtype=float)


def answered(rng: np.random.Generator, respondents: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Draw the mean score of so many respondents, to two decimals as published."""
    sampled = means + SCORE_SD / np.sqrt(np.maximum(respondents, 1)) * rng.standard_normal(means.shape)
    return np.asarray(np.round(np.clip(sampled, 0.0, 10.0), 2))
