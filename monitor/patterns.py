"""How changes combine into patterns, as data (domain.md §4): reasoned hypotheses, none of known predictive validity."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What a part of a pattern asks of a series: it rose, it fell, or it was assessed and did neither."""

    RISES = "rises"
    FALLS = "falls"
    FLAT = "flat"


Changed = tuple[str, Change]
"""An indicator and how it changed."""
Part = tuple[Changed, ...]
"""One voice of a pattern: any of these indicators changed this way."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named combination of signals across families: what the data did, one reading, one innocent one.

    Every part must hold, and nothing of `unless`. A part may name an indicator that no feed sends yet: the pattern
    cannot be assessed until one does. Without parts it is the nation's, never one organisation's.
    `name` stays inside the service (an allegation); people read `said`.
    """

    key: str
    name: str
    parts: tuple[Part, ...]
    said: str
    reading: str
    innocent: str
    theme: str
    unless: Part = ()
    bright: bool = False


def _any(change: Change, *indicators: str) -> Part:
    return tuple((indicator, change) for indicator in indicators)


RISES, FALLS, FLAT = Change.RISES, Change.FALLS, Change.FLAT
_CONDUCT = ("conduct_complaints_share", "staff_manner_negative_share")
_PATIENTS = ("new_complaints", *_CONDUCT, "negative_feedback_share")
_PULSE = ("motivation_score", "engagement_score", "advocacy_score")
_CARE = ("advocacy_score", "recommend_care_share", "care_priority_share")
_LOAD = ("stress_sickness_rate", "sickness_rate")

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "C0", "everything moves together", (),
        "many organisations changed together",
        "something that all of them share has changed",
        "a strike, a heatwave, a new system or a change of what is recorded", "none: it is not one organisation's",
    ),
    Pattern(
        "C1", "suppressed voice",
        (_any(FALLS, "low_harm_reports"), _any(RISES, *_PATIENTS, "stress_sickness_rate")),
        "fewer incident reports while complaints, poor feedback or stress-related absence rise",
        "problems may go on while fewer of them are reported",
        "a change of the reporting system or of what is counted", "valid insight; staff support",
    ),
    Pattern(
        "C2", "harm inversion",
        (_any(FALLS, "low_harm_reports"), _any(RISES, "harm_share")),
        "fewer incident reports while more of them tell of harm",
        "what did no harm may go unreported",
        "a change in how harm is graded", "valid insight",
    ),
    Pattern(
        "C3", "fear",
        (
            _any(RISES, "anonymous_share", "anonymous_concerns_share"),
            _any(RISES, "report_delay"),
            _any(FALLS, "raising_concerns_score"),
        ),
        "more anonymous reports, longer delays before them and less confidence to raise concerns",
        "staff may expect to be blamed for what they report",
        "a new reporting form that offers anonymity", "staff support and management",
    ),
    Pattern(
        "C4", "exhaustion",
        (
            _any(RISES, "stress_sickness_rate"),
            _any(RISES, "staffing_risk_share", "burnout_share") + _any(FALLS, *_PULSE),
        ),
        "more stress-related absence while staffing concerns rise or motivation falls",
        "support for staff may be falling behind the load",
        "a change in how reasons for absence are recorded", "staff support; organisational systems",
    ),
    Pattern(
        "C5", "quiet quitting of feedback",
        (
            _any(FALLS, "pulse_response_rate"),
            _any(FALLS, "active_units_share"),
            _any(FALLS, "speaking_up_cases"),
        ),
        "fewer staff answer the pulse, fewer units report incidents and fewer concerns reach the guardian",
        "staff may have stopped expecting that speaking up helps",
        "survey fatigue, or a change of the channels that staff use", "valid insight; staff support",
        unless=_any(RISES, *_PATIENTS, *_LOAD, "harm_share", "low_harm_reports"),
    ),
    Pattern(
        "C6", "patient as last detector",
        (_any(RISES, *_CONDUCT), _any(FLAT, "low_harm_reports")),
        "more patients complain of how they were treated while incident reports stay as they were",
        "patients may see what reports do not show",
        "a campaign that invites feedback", "patient-centredness",
    ),
    Pattern(
        "C7", "defensive handling",
        (
            _any(RISES, "complaints_backlog"),
            _any(RISES, "complaints_response_days"),
            _any(FALLS, "upheld_share"),
            _any(FALLS, "candour_share"),
        ),
        "complaints wait longer, fewer of them are upheld and less harm is told to patients",
        "complaints may be answered with less openness than before",
        "a shortage in the team that answers complaints", "valid insight; bureaucracy",
    ),
    Pattern(
        "C8", "target pressure",
        (
            _any(RISES, "emergency_waits_share", "planned_waits_share"),
            _any(FALLS, *_CARE),
            _any(RISES, "staffing_risk_share"),
        ),
        "longer waits and more reports about staffing while fewer staff say that care comes first",
        "other demands may be crowding out care",
        "a rise in demand that all services around it share", "goals clarity; overlapping priorities",
    ),
    Pattern(
        "C9", "local dark spot",
        (_any(RISES, "directorate_spread"), _any(FLAT, "low_harm_reports")),
        "one part of the organisation moves away from the rest while its average stands still",
        "an average may conceal one part",
        "a service that moved between parts of the organisation", "organisational systems",
    ),
    Pattern(
        "C10", "bright spot",
        (_any(RISES, "low_harm_reports"), _any(RISES, *_PULSE, "enough_staff_share", "raising_concerns_score")),
        "more incident reports while engagement rises",
        "staff may feel safer to speak up",
        "a reporting campaign", "bright spots",
        unless=_any(RISES, *_PATIENTS, *_LOAD, "harm_share"), bright=True,
    ),
)  # fmt: skip
"""C0 is found by `assessment.guard`; C8 and C9 wait for feeds of waits and of directorates."""

BY_KEY = {pattern.key: pattern for pattern in PATTERNS}


def present(changes: Set[Changed], agreeing: Set[Changed], assessed: Set[str]) -> tuple[str, ...]:
    """Name the patterns of one organisation that its changes show.

    A concern takes changes of families that agree, a bright spot and `unless` any; flat is whatever was assessed
    and has not changed at all.
    """
    flat = {(indicator, FLAT) for indicator in assessed - {indicator for indicator, _ in changes}}
    return tuple(
        pattern.key
        for pattern in PATTERNS
        if pattern.parts
        and all(_holds(part, flat | (changes if pattern.bright else agreeing)) for part in pattern.parts)
        and not _holds(pattern.unless, changes)
    )


def unassessed(assessed: Set[str]) -> tuple[str, ...]:
    """Name the patterns that an organisation with these indicators cannot show: never "not present"."""
    return tuple(
        pattern.key
        for pattern in PATTERNS
        if not all(any(indicator in assessed for indicator, _ in part) for part in pattern.parts)
    )


def _holds(part: Part, changes: Set[Changed]) -> bool:
    return any(asked in changes for asked in part)
