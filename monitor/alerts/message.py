"""What people read about a case: what the data did, how sure, and what to ask, in twenty seconds.

A message says what the figures did, one possible reading and one innocent one. Names of patterns stay
inside the service: they are allegations about people, in a record that others may ask to see (domain.md §4).
The fields are those of `schemas/message.json`; every receiver renders the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.alerts.change import in_words, since, within
from monitor.alerts.correction import Figure, corrected, last_day
from monitor.alerts.leading import CONCERNS, holding, leading, onset, ordered
from monitor.alerts.route import is_concern, said
from monitor.assessment import listed
from monitor.calendars import day_of
from monitor.casefile import Case, CaseChange, CaseKind, What
from monitor.cases import families_agreeing
from monitor.detectors.contract import FEWEST_PEERS
from monitor.disclosure import Disclosed, DisclosedExhibit, chance
from monitor.model import Family, Organisation
from monitor.patterns import BY_KEY, PATTERNS, Pattern
from monitor.renewal import ANSWERS, how_long
from monitor.sparkline import sparkline

FOOTER = "A prompt to ask, not a finding."
MOST_QUESTIONS = 4
"""A message is understood in 20 seconds; the others stand on the page of the case."""
_LEADS = {CaseKind.DATA: "its data need checking: ", CaseKind.NATION: "many organisations changed together: "}
_NOT_OF_CARE: dict[str, object] = {"said": "", "since": None, "reading": "", "innocent": "", "ask": []}
_READING = "something may have changed in how care or work is organised, or in how staff are supported"
_INNOCENT = "a change in what is recorded or counted, or in which services the organisation runs"
_NEWS = {
    What.WORSENED: "the evidence has grown",
    What.CORRECTED: "figures behind this case were corrected",
    What.FADED: "the signals of this case have passed, and nobody had acted on it: it has closed itself",
    What.GONE: "the signals of this case have passed; a person decides whether it closes",
    What.MOVED: "this case goes on with the organisation's successor",
    What.ACCEPTED: "a level of this case was accepted as the new normal; from now on figures are held against it",
}
_FAMILIES = {
    Family.INCIDENTS: "incident reports",
    Family.WORKFORCE: "workforce figures",
    Family.PATIENTS: "patients",
    Family.STAFF_VOICE: "staff voice",
}


def compose(
    change: CaseChange,
    disclosed: Disclosed | None,
    organisation: Organisation,
    *,
    before: Disclosed | None = None,
    still_opens: bool | None = None,
    patterns: Sequence[Pattern] = PATTERNS,
) -> dict[str, object]:
    """Write the message of one change of a case.

    Parameters
    ----------
    disclosed
        The evidence as it may leave; None for a fault of data, which has none.
    before
        The evidence as last shown: figures that differ are told as then and now.
    still_opens
        Whether the case would open on the corrected figures; None where nothing was corrected.
    """
    case = change.case
    exhibits = ordered(disclosed.exhibits, case) if disclosed else []
    told = _told(change, exhibits)
    # what is asked about may be one part of a combination whose others have passed
    named = () if change.what is What.ASKED else case.patterns
    pattern = next((pattern for pattern in patterns if pattern.key in named and not pattern.bright), None)
    figures = corrected(before, disclosed) if before and disclosed else ()
    as_known_at = disclosed.known_at if disclosed else change.at
    return {
        "schema": 1,
        **_about(change, organisation),
        "headline": _headline(change, organisation, told, pattern, is_corrected=still_opens is not None),
        **(_NOT_OF_CARE if case.kind is CaseKind.DATA else _words(told, exhibits, pattern, _asked(change, exhibits))),
        **_grounds(change, organisation, exhibits),
        "signals": [_signal(exhibit, as_known_at, leads=exhibit in told) for exhibit in exhibits],
        "correction": _correction(figures, still_opens),
        "as_known_at": _instant(as_known_at),
        "footer": FOOTER,
    }


def _told(change: CaseChange, exhibits: Sequence[DisclosedExhibit]) -> list[DisclosedExhibit]:
    """Give what the message is about: what the case rests on, or what people are asked about."""
    asked = holding(exhibits, change.case) if change.what is What.ASKED else []
    return asked or leading(exhibits, change.case)


def _about(change: CaseChange, organisation: Organisation) -> dict[str, object]:
    """Say which change of which case this is, and whose."""
    return {
        "case": change.case.id,
        "kind": change.case.kind.value,
        "what": change.what.value,
        "at": _instant(change.at),
        "organisation": {
            "code": organisation.code,
            "name": organisation.name,
            "peer_group": organisation.peer_group,
            "region": organisation.region,
        },
    }


def _words(
    told: Sequence[DisclosedExhibit], exhibits: Sequence[DisclosedExhibit], pattern: Pattern | None,
    asked: Sequence[str],
) -> dict[str, object]:  # fmt: skip
    """Say what the data did, how it can be read, and what to ask."""
    return {
        "said": _said(told, pattern),
        "since": since(onset(told)),
        "reading": pattern.reading if pattern else _READING,
        "innocent": pattern.innocent if pattern else _INNOCENT,
        "ask": [*asked, *_questions([exhibit for exhibit in exhibits if exhibit.reading in CONCERNS] or exhibits)],
    }


def _grounds(change: CaseChange, organisation: Organisation, exhibits: Sequence[DisclosedExhibit]) -> dict[str, object]:
    """Say what the case rests on, and what speaks against it."""
    case = change.case
    return {
        "how_sure": chance(case.p) if is_concern(case) else None,
        "compared_with": _compared(organisation, exhibits),
        "families": _families(case),
        "reason": said(change),
        "because": case.because,
        "against": list(case.against),
        "evidence": _evidence(case),
        "unassessed": [BY_KEY[key].said for key in case.unassessed if key in BY_KEY],
    }


def _headline(
    change: CaseChange, organisation: Organisation, exhibits: Sequence[DisclosedExhibit], pattern: Pattern | None,
    *, is_corrected: bool,
) -> str:  # fmt: skip
    if not is_concern(change.case):
        lead = _LEADS[change.case.kind] if change.what is What.OPENED else ""
        return f"{organisation.name}: {lead}{change.reason}."
    if change.what is What.CLOSED:
        return f"{organisation.name}: this case was closed: {change.case.outcome or change.reason}."
    too = f"{_NEWS[What.CORRECTED]}, and " if is_corrected and change.what is not What.CORRECTED else ""
    if change.what in _NEWS:
        return f"{organisation.name}: {too}{_NEWS[change.what]}."
    if change.what is What.ASKED:
        return f"{organisation.name}: {too}{_said(exhibits, pattern)}, {_held(exhibits)}. Asked: {ANSWERS}."
    start = since(onset(exhibits))
    return f"{organisation.name}: {_said(exhibits, pattern)}{f', since {start}' if start else ''}."


def _asked(change: CaseChange, exhibits: Sequence[DisclosedExhibit]) -> list[str]:
    """Ask about what has held for half a year already as its case opens: it is not asked again until as long after."""
    if change.what is not What.OPENED or change.case.asked is None:
        return []
    return [f"{_held(holding(exhibits, change.case))}: {ANSWERS}"]


def _held(exhibits: Sequence[DisclosedExhibit]) -> str:
    """Say since when what is asked about has held."""
    starts = [exhibit.latched_since for exhibit in exhibits if exhibit.latched_since]
    return how_long(starts) if starts else "holding for half a year"


def _said(exhibits: Sequence[DisclosedExhibit], pattern: Pattern | None) -> str:
    if pattern:
        return pattern.said
    return _joined([in_words(exhibit) for exhibit in exhibits]) or "several signals changed together"


def _joined(parts: Sequence[str]) -> str:
    return listed(list(dict.fromkeys(parts))) if parts else ""


def _compared(organisation: Organisation, exhibits: Sequence[DisclosedExhibit]) -> str:
    if not exhibits:
        return ""
    group = f"other {organisation.peer_group} organisations" if organisation.peer_group else "its peers"
    if max((exhibit.peers for exhibit in exhibits), default=0) < FEWEST_PEERS:
        return "with its own past; there are too few peers to compare with"
    return f"with its own past and with {group} in the same period; what all of them share was taken out"


def _families(case: Case) -> list[str]:
    return [_FAMILIES[family] for family in sorted(families_agreeing(case), key=lambda each: case.families[each])]


def _evidence(case: Case) -> list[str]:
    """Say how much of the evidence each family that agrees brings; one that only fell silent brings none."""
    shares = {family: case.shares.get(family, 0.0) for family in families_agreeing(case)}
    return [f"{_FAMILIES[each]} ({_part(shares[each])})" for each in sorted(shares, key=lambda each: -shares[each])]


def _part(share: float) -> str:
    """Say a share of the evidence as closely as it can be known."""
    named = ((0.85, "nearly all of it"), (0.6, "most of it"), (0.4, "about half"), (0.2, "about a third"))
    return next((words for least, words in named if share >= least), "a little" if share >= 0.05 else "agrees only")


def _signal(exhibit: DisclosedExhibit, as_known_at: datetime, *, leads: bool) -> dict[str, object]:
    window = exhibit.window
    return {
        "indicator": exhibit.indicator.key,
        "name": exhibit.indicator.name,
        "unit": exhibit.unit,
        "source": exhibit.source,
        "family": _FAMILIES[exhibit.family],
        "reading": exhibit.reading.value,
        "said": in_words(exhibit),
        "leads": leads,
        "standing": "still worse" if exhibit.latched_since else "new",
        "since": since(exhibit.since),
        "often": exhibit.often,
        "against": list(exhibit.against),
        "seen": window.seen if window else None,
        "usual": f"{window.low} to {window.high}" if window else None,
        "within": within(exhibit),
        "periods": window.periods if window else 0,
        "hidden_periods": window.hidden if window else 0,
        "calendar": exhibit.calendar,
        "trend": sparkline(exhibit),
        "peers": exhibit.peers,
        "peers_moved": exhibit.peers_moved,
        "last_day": last_day(exhibit.period).isoformat(),
        "known": exhibit.known.isoformat(),
        "data_age_days": max((day_of(as_known_at) - exhibit.period[1]).days, 0),
    }


def _questions(exhibits: Sequence[DisclosedExhibit]) -> list[str]:
    asked = (exhibit.indicator.ask for exhibit in exhibits if exhibit.indicator.ask)
    return list(dict.fromkeys(asked))[:MOST_QUESTIONS]


def _correction(figures: Sequence[Figure], still_opens: bool | None) -> dict[str, object] | None:
    if still_opens is None and not figures:
        return None
    lines = [
        {"name": figure.name, "period": figure.period, "then": figure.then, "now": figure.now} for figure in figures
    ]
    return {"figures": lines, "still_opens": still_opens}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
