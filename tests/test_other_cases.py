"""The nation's case and those of faults of data, from what is at fault and what stands."""

from datetime import UTC, date, datetime, timedelta

from monitor.casefile import Case, Outcome, Slip, What
from monitor.cases import close
from monitor.other_cases import Fault, data_changes, unopened

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)
SLIP = Slip("new_complaints", "local", date(2024, 5, 1))
FEED = "complaints"
OFF, SILENT = Fault("RA00", "a figure is off", SLIP), Fault("RA00", "was due")


def opened(*faults: Fault, now: datetime = NOW, ended: tuple[Case, ...] = ()) -> list[Case]:
    return [change.case for change in data_changes(FEED, faults, [], now, ended) if change.what is What.OPENED]


def test_a_silence_and_every_series_that_is_off_have_a_case_each() -> None:
    other = OFF._replace(slip=Slip("complaints_backlog", "local", date(2024, 5, 1)))
    cases = opened(OFF, SILENT, other)
    assert [case.id for case in cases] == [
        "RA00-20240615-complaints",
        "RA00-20240615-complaints-complaints_backlog-local",
        "RA00-20240615-complaints-new_complaints-local",
    ]
    assert unopened(FEED, [OFF, SILENT, other], cases[:2]) == {"RA00"}
    assert unopened(FEED, [OFF, SILENT, other], cases) == set()
    (closed,) = data_changes(FEED, [OFF, SILENT], cases, NOW)
    assert (closed.case.slip, closed.case.outcome) == (other.slip, Outcome.DATA_FAULT)


def test_what_ended_by_itself_is_told_again_on_its_day_too_and_what_people_closed_is_not() -> None:
    (first,) = opened(OFF)
    ended = [first]
    for number in (2, 3):
        (gone,) = data_changes(FEED, [], [ended[-1]], NOW)
        ended.append(opened(OFF, ended=(gone.case,))[0])
        assert ended[-1].id == f"{first.id}-{number}"
    by_hand = close(first, Outcome.NO_CONCERN, "A. Person: no concern found", NOW).case
    assert opened(OFF, now=NOW + timedelta(days=1), ended=(by_hand,)) == []
    (new,) = opened(OFF._replace(why="another figure is off"), now=NOW + timedelta(days=1), ended=(by_hand,))
    assert new.id == "RA00-20240616-complaints-new_complaints-local"
