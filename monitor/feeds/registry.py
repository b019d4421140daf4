"""What a registry file may say: codes that are codes, days that were, records that agree, mergers that lead somewhere.

Errors tell the place of a record, never its text: who takes a list of people for a registry must not read it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.errors import BadFile
from monitor.feeds.cells import LAST_YEAR, capitals, looks_like_a_code, shown
from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import circle, distinct, with_facts

FIRST_YEAR = 1948  # the NHS began: a day before it is a slip or a system's default
ORD = "ORD"


@dataclass(frozen=True, slots=True)
class Load:
    """What one registry file says: organisations, successions, and how many records were no trusts.

    `left_out` counts the successions that are none here: of a part of a body that is still there, or from or to bodies
    that nobody knows.
    """

    layout: str
    organisations: tuple[Organisation, ...]
    successions: tuple[Succession, ...] = ()
    out_of_scope: int = 0
    left_out: int = 0


def organisation(
    where: str,
    *,
    code: object,
    name: object,
    peer_group: PeerGroup | None = None,
    region: object = None,
    start: date | None = None,
    end: date | None = None,
) -> Organisation:
    """Make an organisation of what the record at this place says, or refuse the file."""
    if start and end and end <= start:
        raise BadFile(f"{where}: it would end before it begins; correct its days")
    return Organisation(
        code_at(where, code), text_at(where, name) or "", peer_group, text_at(where, region), start, end
    )


def code_at(where: str, value: object) -> str:
    """Read an organisation's code as the readers of figures do, since rows are matched by it."""
    code = capitals(value.strip()) if isinstance(value, str) else ""
    if not looks_like_a_code(code):
        raise BadFile(f"{where}: its code is no ODS code (3 letters or digits, or up to 6 of both); correct it")
    return code


def text_at(where: str, value: object) -> str | None:
    """Read a name for people, on one line and without what nobody can see; None: nothing is said."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadFile(f"{where}: its name, type or region is no text; correct it")
    return "".join(letter for letter in " ".join(value.split()) if letter.isprintable()) or None


def day_at(where: str, value: object) -> date | None:
    """Read a day, YYYY-MM-DD; None: nothing is said."""
    if value is None or value == "":
        return None
    try:
        found = date.fromisoformat(str(value))
    except ValueError as error:
        raise BadFile(f"{where}: a date is not a day of the calendar; write it as YYYY-MM-DD") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadFile(
            f"{where}: a date is not a day of {FIRST_YEAR} to {LAST_YEAR}; correct it, or leave out what never was"
        )
    return found


def succession(where: str, predecessor: object, successor: object, day: object) -> Succession:
    """Make a succession of what stands at this place, or refuse the file."""
    legal_date = day_at(where, day)
    if legal_date is None:
        raise BadFile(f"{where}: a succession without its legal date; add it")
    return Succession(code_at(where, predecessor), code_at(where, successor), legal_date)


def after(last: date | None) -> date | None:
    """Give the first day on which a body is gone, from its last day."""
    return last + timedelta(days=1) if last else None


def agreeing(stated: Iterable[tuple[str, Organisation]]) -> tuple[Organisation, ...]:
    """Give the organisations of a file; `BadFile` where two records say different things of one code."""
    first: dict[str, tuple[str, Organisation]] = {}
    for where, each in stated:
        before, known = first.setdefault(each.code, (where, each))
        if _disagree(known, each):
            raise BadFile(f"{where} and {before} say different things of one code; keep the one that holds")
        first[each.code] = before, with_facts(known, each)
    return tuple(each for _, each in first.values())


def _disagree(one: Organisation, other: Organisation) -> bool:
    """Say whether a fact that both state differs."""
    pairs = (
        *((one.name, other.name), (one.peer_group, other.peer_group), (one.region, other.region)),
        *((one.start, other.start), (one.end, other.end)),
    )
    return any(left and right and left != right for left, right in pairs)


def laid_over(
    known: Mapping[str, Organisation], successions: Sequence[Succession], loads: Sequence[tuple[str, Load]]
) -> Iterator[Load]:
    """Give what each file (by its name, in order) adds to the registry; `BadFile` where the two cannot both be.

    A record of the organisation data service names bodies of long ago that nobody watches: their successions are
    left out and counted. Our own form says all at once, so there an unknown body is a slip.
    """
    facts, steps = dict(known), list(successions)
    codes = {*known, *(each.code for _, load in loads for each in load.organisations)}
    for name, load in loads:
        for each in load.organisations:
            facts[each.code] = with_facts(facts.get(each.code), each)
            _check_days(name, facts[each.code], known)
        lost = [place for place, step in enumerate(load.successions, 1) if not _is_between(step, codes)]
        if lost and load.layout != ORD:
            raise BadFile(f"{name}: succession {lost[0]} names a code that nobody has registered; correct or add it")
        kept = tuple(step for step in load.successions if _is_between(step, codes))
        steps.extend(kept)
        if kept and (found := circle(steps)):
            raise BadFile(f"{name}: successions lead in a circle, {' → '.join(found)}; remove the wrong one")
        yield replace(load, successions=kept, left_out=load.left_out + len(lost))


def news(
    known: Mapping[str, Organisation], successions: Sequence[Succession], load: Load
) -> tuple[tuple[Organisation, ...], tuple[Succession, ...]]:
    """Give what a load says that the registry does not hold yet."""
    before = set(distinct(successions))
    said = tuple(each for each in load.organisations if _is_new(known.get(each.code), each))
    return said, tuple(step for step in distinct([*successions, *load.successions]) if step not in before)


def _is_new(known: Organisation | None, stated: Organisation) -> bool:
    return known is None or known.stated_by is not None or with_facts(known, stated) != known


def _is_between(step: Succession, codes: set[str]) -> bool:
    return {step.predecessor, step.successor} <= codes


def _check_days(name: str, each: Organisation, known: Mapping[str, Organisation]) -> None:
    if each.start and each.end and each.end <= each.start:
        who = shown(each.code, known) or "an organisation"
        raise BadFile(f"{name}: with what is registered, {who} would end before it begins; correct its days")
