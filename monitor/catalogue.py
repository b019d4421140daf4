"""The indicators that the service knows, as data (domain.md §3); how they combine is in `patterns`.

A feed names indicators from here or states its own; the contract carries them to the worker.
"""

from __future__ import annotations

from monitor.model import Indicator, Kind, Reading, SmallNumbers

PEOPLE, RESPONDENTS, FTE_DAYS = SmallNumbers.PEOPLE, SmallNumbers.RESPONDENTS, SmallNumbers.FTE_DAYS
WORSENING, IMPROVING, SILENCE, UNREAD = Reading.WORSENING, Reading.IMPROVING, Reading.SILENCE, Reading.UNREAD


def _share(
    key: str, name: str, of: str, all_of: str, *, rise: Reading = WORSENING, fall: Reading = UNREAD,
    small: SmallNumbers = PEOPLE, weight: float = 1.0, ask: str = "",
) -> Indicator:  # fmt: skip
    return Indicator(key, name, "%", Kind.PROPORTION, of, all_of, rise, fall, small, 100, 0, 100, weight, ask)


def _score(key: str, name: str, ask: str) -> Indicator:
    return Indicator(
        key, name, "of 10", Kind.SCORE, "sum of scores", "respondents", IMPROVING, WORSENING, RESPONDENTS, 1, 0, 10,
        ask=ask,
    )  # fmt: skip


def _staff(key: str, name: str, *, good: bool = False, ask: str = "") -> Indicator:
    rise, fall = (IMPROVING, WORSENING) if good else (WORSENING, IMPROVING)
    return _share(key, name, "staff who said so", "respondents", rise=rise, fall=fall, small=RESPONDENTS, ask=ask)


INCIDENTS = (
    Indicator(
        "low_harm_reports", "no- and low-harm incident reports", "reports per 1,000 bed days", Kind.COUNT,
        "reports of no or low harm, by the day first reported", "bed days", UNREAD, SILENCE, PEOPLE, 1000,
        ask="Has anything changed in how, or how safely, staff report incidents?",
        most=1e6,  # England has 2.5 million events a year (domain.md §1.3): 3,000 a trust and quarter
    ),
    _share(
        "harm_share", "share of incidents with moderate or worse harm", "incidents of moderate or worse harm",
        "incidents, by the day they happened", ask="What do recent incidents with harm have in common?",
    ),
    _share(
        "anonymous_share", "share of incidents reported anonymously", "anonymous reports", "reports",
        ask="What would make it easier for staff to put their name to a report?",
    ),
    _share(
        "staffing_risk_share", "share of reports about staffing", "reports with a staffing theme", "reports",
        ask="Which services report short staffing, and since when?",
    ),
    Indicator(
        "report_delay", "days from incident to report", "days", Kind.RATE, "days from incident to report", "reports",
        WORSENING, UNREAD, PEOPLE, 1, 0, 400, ask="What delays reports between the event and the system?",
    ),
    _share(
        "active_units_share", "share of units that reported anything", "units that reported", "units", rise=UNREAD,
        fall=SILENCE, ask="Which units have stopped reporting, and do they know why it matters?",
    ),
    _share(
        "candour_share", "share of harm with duty of candour recorded", "incidents with duty of candour recorded",
        "incidents of moderate or worse harm", rise=IMPROVING, fall=WORSENING,
        ask="Who tells patients what went wrong, and when?",
    ),
)  # fmt: skip

SICKNESS = (
    Indicator(
        "sickness_rate", "sickness absence", "%", Kind.RATE, "FTE days lost", "FTE days available", WORSENING, UNREAD,
        FTE_DAYS, 100, 0, 35, .7, "Which staff groups are off sick more than a year ago, and what do they say?",
    ),
    Indicator(
        "stress_sickness_rate", "sickness absence for anxiety, stress or depression (S10)", "%", Kind.RATE,
        "FTE days lost to S10", "FTE days available", WORSENING, UNREAD, FTE_DAYS, 100, 0, 20,
        ask="What support do teams with more stress-related absence have?",
    ),
)  # fmt: skip

COMPLAINTS = (
    Indicator(
        "new_complaints", "new written complaints", "complaints per 1,000 FTE days", Kind.COUNT,
        "new written complaints", "FTE days", WORSENING, UNREAD, PEOPLE, 1000,
        ask="What are the new complaints about, and where?",
        most=3e5,  # hundreds in a trust's financial year: 403 in the published sample
    ),
    _share(
        "conduct_complaints_share", "share of complaints about values, communication or dignity",
        "complaint subjects on values and behaviours, communications, privacy and dignity", "complaint subjects",
        ask="What do patients say about how they were spoken to?",
    ),
    Indicator(
        "complaints_backlog", "open complaints for each resolved", "open per resolved", Kind.RATE,
        "complaints carried forward", "complaints resolved", WORSENING, IMPROVING, PEOPLE, 1, 0, 200,
        ask="What keeps complaints open longer?",
    ),
    Indicator(
        "complaints_response_days", "days until a complaint is answered", "days", Kind.RATE,
        "days until complaints were answered", "complaints answered", WORSENING, IMPROVING, PEOPLE, 1, 0, 1000,
        ask="What do complainants hear while they wait?",
    ),
    _share(  # a local policy as a level (domain.md §2), so a change is read only together with others
        "upheld_share", "share of complaints upheld", "complaints upheld", "complaints resolved", rise=UNREAD,
        ask="Who decides whether a complaint is upheld, and has that changed?",
    ),
)  # fmt: skip

PULSE = (
    _score("engagement_score", "engagement in the quarterly pulse", "What has changed in how staff feel about work?"),
    _score("motivation_score", "motivation in the quarterly pulse", "What makes work harder than before?"),
    _score("involvement_score", "involvement in the quarterly pulse", "Can staff make improvements happen?"),
    _score("advocacy_score", "advocacy in the quarterly pulse", "Would staff recommend the place, and why not?"),
    _share(
        "pulse_response_rate", "response rate of the pulse", "staff who answered", "staff invited", rise=UNREAD,
        fall=SILENCE, small=RESPONDENTS, ask="Do staff believe that answering changes anything?",
    ),
)  # fmt: skip

SURVEY = (
    _staff("burnout_share", "staff who feel burnt out", ask="Which teams feel burnt out?"),
    _staff("stress_share", "staff unwell from work-related stress", ask="What causes stress at work?"),
    _staff("manager_bullying_share", "staff bullied by managers", ask="Do staff feel safe to report bullying?"),
    _staff("colleague_discrimination_share", "staff discriminated against by colleagues", ask="Who is affected?"),
    _staff("enough_staff_share", "staff who say there are enough of them", good=True, ask="Where is staffing short?"),
    _staff("care_priority_share", "staff who say care comes first", good=True, ask="What comes before care, and why?"),
    _staff("recommend_care_share", "staff who would recommend the care", good=True, ask="What would staff change?"),
    _score("raising_concerns_score", "confidence to raise concerns", "What happens to staff who raise a concern?"),
)

SPEAKING_UP = (
    Indicator(
        "speaking_up_cases", "concerns brought to the guardian", "cases per 1,000 FTE", Kind.COUNT,
        "cases brought to the Freedom to Speak Up guardian", "FTE staff", UNREAD, SILENCE, PEOPLE, 1000,
        ask="Do staff know the guardian, and trust what follows?",
        most=1e5,  # tens a quarter
    ),
    _share(
        "anonymous_concerns_share", "share of concerns raised anonymously", "cases raised anonymously", "cases",
        ask="What would make it safe to raise a concern by name?",
    ),
)  # fmt: skip

FEEDBACK = (
    _share(
        "negative_feedback_share", "share of poor patient feedback", "responses poor or very poor", "responses",
        fall=IMPROVING, ask="What do patients say went wrong?",
    ),
    _share(
        "staff_manner_negative_share", "share of negative comments on staff manner",
        "responses with a negative comment on staff manner", "responses", fall=IMPROVING,
        ask="Where do patients feel badly treated?",
    ),
)  # fmt: skip

INDICATORS: dict[str, Indicator] = {
    indicator.key: indicator
    for indicator in (*INCIDENTS, *SICKNESS, *COMPLAINTS, *PULSE, *SURVEY, *SPEAKING_UP, *FEEDBACK)
}
