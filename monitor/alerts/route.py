"""Who hears of a change, as a message or in the digest, each with its reason (pure).

A receiver takes what its matchers match. Its own budget decides only whether a case comes as a message or
waits for the digest; the number of cases is the nation's one threshold (detection.md §7).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.assessment import ALONE
from monitor.casefile import Case, CaseChange, CaseKind, How, What
from monitor.cases import families_agreeing
from monitor.model import Family, Organisation, PeerGroup

_AT_START = "standing at start"
_NOT_CARE = {
    CaseKind.DATA: "a fault of data, not of care",
    CaseKind.NATION: "the nation as a whole, not one organisation's care",
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told, and of what; an empty matcher matches all.

    `messages_per_month`: cases that may come as messages in a month, the rest in the digest; more means
    more interruptions, None means all of them.
    """

    name: str
    peer_groups: frozenset[PeerGroup] = frozenset()
    regions: frozenset[str] = frozenset()
    families: frozenset[Family] = frozenset()
    messages_per_month: float | None = None


class Routing(NamedTuple):
    """One receiver's share of a change."""

    receiver: str
    how: How
    reason: str


def route(
    change: CaseChange,
    organisation: Organisation,
    receivers: Sequence[Receiver],
    *,
    sent_this_month: Mapping[str, int],
    told: Collection[str] = (),
) -> tuple[Routing, ...]:
    """Say who hears of this change, and how.

    Parameters
    ----------
    sent_this_month
        Cases that each receiver has had as a message this month; absent means none.
    told
        Receivers that have had this case as a message: its later changes follow there, outside the budget.
    """
    return tuple(
        Routing(receiver.name, *_how(change, receiver, sent_this_month.get(receiver.name, 0), receiver.name in told))
        for receiver in receivers
        if matches(receiver, change.case, organisation)
    )


def said(change: CaseChange) -> str:
    """Give the reason of a change in words; of what stood when its feed went live, that it did."""
    return f"{_AT_START}: {change.reason}" if change.at_start else change.reason


def matches(receiver: Receiver, case: Case, organisation: Organisation) -> bool:
    """Say whether a receiver has asked for cases like this one; a fault of data and the nation are of no family."""
    families = frozenset(families_agreeing(case))
    return (
        (not receiver.peer_groups or organisation.peer_group in receiver.peer_groups)
        and (not receiver.regions or organisation.region in receiver.regions)
        and (not receiver.families or not is_concern(case) or bool(receiver.families & families))
    )


def is_concern(case: Case) -> bool:
    """Say whether a case is about one organisation's care: neither a fault of data nor the nation's."""
    return case.kind is CaseKind.CONCERN


def _how(change: CaseChange, receiver: Receiver, sent: int, is_told: bool) -> tuple[How, str]:
    if is_told:
        return How.MESSAGE, "this receiver has had the case as a message"
    if not is_concern(change.case):
        return How.DIGEST, _NOT_CARE[change.case.kind]
    if change.at_start:
        return How.DIGEST, f"{_AT_START}: one digest when a feed goes live"
    if change.what not in {What.OPENED, What.WORSENED}:
        return How.DIGEST, "a later change of a case that came in the digest"
    if change.case.p <= ALONE:
        return How.MESSAGE, "too unlikely by chance to hold back"
    if receiver.messages_per_month is None or sent < receiver.messages_per_month:
        return How.MESSAGE, f"{change.what}: within the receiver's budget"
    return How.DIGEST, f"the receiver's budget of {receiver.messages_per_month:g} messages this month is used"
