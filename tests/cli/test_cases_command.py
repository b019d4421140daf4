"""Cases on the command line: shown through disclosure, acted on by name, closed with an outcome."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from monitor.acceptance import Accepted
from monitor.casefile import Act, ActKind, Case, CaseChange, Outcome, Signal, What
from monitor.commands.acting import perform
from monitor.commands.organisations import _record
from monitor.model import Family, Organisation, PeerGroup, Reading
from monitor.overview import known, message, rows
from monitor.renewal import AWAITS_ANSWER
from monitor.store import acts, cases
from monitor.store.cases import read_case, write_changes
from monitor.store.engine import open_engine, writing
from monitor.wiring import opened
from tests.exhibits import exhibit_of, pack_of
from tests.feeds.samples import EXTRACT

from .conftest import Ask, Run
from .test_schemas import assert_keeps

OPENED = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
ID = "R01-20260504"
COMPLAINTS = pack_of(exhibit_of("new_complaints", [(31.0, 152_000.0)] * 24, usual=0.21))


def signal(indicator: str, family: Family) -> Signal:
    month = (date(2026, 3, 1), date(2026, 4, 1))
    return Signal(
        "R01", indicator, "local", family, Reading.WORSENING, 0.001, date(2025, 11, 1), month, date(2026, 4, 21), True
    )


@pytest.fixture
def case(run: Run) -> str:
    """One open case of one organisation."""
    record(OPENED, ID)
    return ID


def record(at: datetime, named: str) -> None:
    """Let a case of this name open at this instant."""
    signals = (signal("stress_sickness_rate", Family.WORKFORCE), signal("new_complaints", Family.PATIENTS))
    families = {"workforce": 0.001, "patients": 0.002}
    opened_case = Case(
        id=named, organisation="R01", opened=at, p=2e-5, families=families, signals=signals, patterns=(), against=(),
        because="workforce and patients agree",
    )  # fmt: skip
    with opened() as service:
        _record(service, [Organisation("R01", "First Trust", PeerGroup.ACUTE, "London")], [], "test")
        with writing(service.engine) as connection:
            write_changes(connection, [CaseChange(opened_case, What.OPENED, "two families agree", at)])


def test_a_case_is_listed_and_shown(ask: Ask, run: Run, case: str) -> None:
    listed = ask("cases", "list")
    assert_keeps("cases_list", listed)
    assert_keeps("cases", listed)
    assert [(one["case"], one["name"], one["state"]) for one in listed] == [(case, "First Trust", "open")]
    shown = ask("cases", "show", case)
    assert_keeps("cases_show", shown)
    assert_keeps("message", shown["message"])
    text = run("cases", "show", case).stdout
    assert "First Trust" in text
    assert "new written complaints (local), Mar 2026: no row: nothing was reported" in text
    assert "A prompt to ask, not a finding." in text


def test_a_case_of_a_summer_night_is_of_its_day_in_london(run: Run) -> None:
    record(datetime(2026, 6, 6, 23, 30, tzinfo=UTC), "R01-20260607")
    assert run("cases", "list").stdout.splitlines()[1].split()[:4] == ["R01-20260607", "First", "Trust", "2026-06-07"]
    shown = run("cases", "show", "R01-20260607").stdout
    assert "2026-06-07 00:30  opened: two families agree" in shown
    assert "2026-06-06" not in shown


def test_a_case_says_from_which_file_row_and_run_its_newest_figures_came(
    ask: Ask, run: Run, case: str, tmp_path: Path
) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text(f"{EXTRACT}\nlocal,R01,new_complaints,2026-03-01,2026-04-01,,,,31,1000,,\n")
    run("publish", "complaints", str(file))
    run("worker", "--until-idle")
    shown = ask("cases", "show", case)
    assert_keeps("cases_show", shown)
    (place,) = next(each["places"] for each in shown["evidence"] if each["indicator"] == "new_complaints")
    digits = sha256(file.read_bytes()).hexdigest()[:12]
    assert (place["file"], place["row"]) == (digits, 2)
    said = f"file {digits}, row 2, published by run {place['run']}"
    assert said in run("cases", "show", case).stdout
    run("report", "--output", str(tmp_path / "report"))
    pages = "".join(page.read_text() for page in (tmp_path / "report").glob("case-*.html"))
    assert said.removeprefix("f") in pages


def test_acts_are_kept_with_their_name_and_the_furthest_shows(ask: Ask, run: Run, case: str) -> None:
    run("cases", "ack", case, "--by", "Ana")
    run("cases", "watch", case, "--by", "Ben", "--text", "will ring them")
    run("cases", "note", case, "rang, they expected it", "--by", "Ben")
    shown = ask("cases", "show", case)
    assert [(act["kind"], act["by"]) for act in shown["acts"]] == [("ack", "Ana"), ("watch", "Ben"), ("note", "Ben")]
    assert shown["state"] == "watch"


def test_a_case_that_was_asked_about_says_that_it_waits_until_somebody_answers(
    ask: Ask, run: Run, case: str
) -> None:  # fmt: skip
    at = datetime(2020, 5, 4, 6, 0, tzinfo=UTC)
    with opened() as service, writing(service.engine) as connection:
        asking = replace(read_case(connection, case), asked=at)
        write_changes(connection, [CaseChange(asking, What.ASKED, "it has held for half a year", at)])

    def listed() -> str:
        return " ".join(run("cases", "list").stdout.split())

    run("cases", "note", case, "rang", "--by", "Ben")
    assert AWAITS_ANSWER in run("cases", "show", case).stdout
    (waiting,) = ask("cases", "list")
    assert_keeps("cases_list", [waiting])
    assert (waiting["state"], waiting["asked"]) == ("note", at.isoformat())
    assert f"note; {AWAITS_ANSWER}" in listed()
    run("cases", "watch", case, "--by", "Ana")
    assert AWAITS_ANSWER not in listed()
    assert ask("cases", "show", case)["asked"] is None


def test_a_note_is_given_as_an_argument_or_an_option_but_once(ask: Ask, run: Run, case: str) -> None:
    run("cases", "note", case, "--by", "Ben", "--text", "rang again")
    assert [act["text"] for act in ask("cases", "show", case)["acts"]] == ["rang again"]
    assert "needs its text once" in run("cases", "note", case, "--by", "Ben", expect=2).stderr
    assert "needs its text once" in run("cases", "note", case, "one", "--text", "two", "--by", "Ben", expect=2).stderr


def test_closing_says_what_was_found_and_ends_the_case(ask: Ask, run: Run, case: str) -> None:
    run("cases", "close", case, "--by", "Ana", "--outcome", "no concern found", "--text", "a new system")
    assert ask("cases", "list") == []
    (closed,) = ask("cases", "list", "--all")
    assert closed["outcome"] == "no concern found"
    history = ask("cases", "show", case)["history"]
    assert [step["what"] for step in history] == ["opened", "closed"]


def test_who_hears_of_cases_hears_of_a_closing(run: Run, ask: Ask, case: str) -> None:
    run("cases", "close", case, "--by", "Ana", "--outcome", "no concern found")
    with opened() as service:
        (queued,) = service.outbox.held()  # nobody has had the case as a message
    assert (queued.case, queued.what) == (case, "closed")


def test_a_closing_is_told_over_the_evidence_that_a_tick_froze_a_moment_before(case: str) -> None:
    with opened() as service:
        before = cases.case(service.engine, case)
        late = CaseChange(before, What.WORSENED, "more", OPENED, replace(COMPLAINTS, case=case, organisation="R01"))
        other = [open_engine(service.settings.database)]

        def freezes(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            if statement == "BEGIN IMMEDIATE" and other:
                with writing(other.pop()) as first:
                    write_changes(first, [late])

        event.listen(service.engine, "before_cursor_execute", freezes)
        perform(service, Act(case, ActKind.CLOSE, "Ana", OPENED + timedelta(days=1), "", Outcome.NO_CONCERN))
        (queued,) = service.outbox.held()
        closed = cases.changes(service.engine, case)[-1]
        assert queued.body == message(known(service), closed, cases.packs(service.engine, case))
        assert queued.body != message(known(service), closed, [])


def test_a_level_that_still_holds_is_accepted_with_its_reason_and_says_so(ask: Ask, run: Run, case: str) -> None:
    assert (
        "no signal of it still holds"
        in run("cases", "accept", case, "--by", "Ana", "--because", "a ward opened", expect=2).stderr
    )
    assert "--because needs words" in run("cases", "accept", case, "--by", "Ana", "--because", " ", expect=2).stderr
    levels = (Accepted("R01", "new_complaints", "local", date(2026, 3, 1)),)
    with opened() as service:
        perform(service, Act(case, ActKind.ACCEPT, "Ana", OPENED + timedelta(days=1), "a ward opened", accepted=levels))
        (queued,) = service.outbox.held()
        assert acts.acts(service.engine, case)[0].accepted == levels
    assert queued.what == "accepted"
    assert "accepted as the new normal" in str(queued.body["headline"])
    shown = ask("cases", "show", case)
    assert_keeps("cases_show", shown)
    assert [(act["kind"], act["text"]) for act in shown["acts"]] == [("accept", "a ward opened")]
    assert shown["history"][-1]["reason"] == "Ana accepted the level of new complaints as the new normal"


def test_two_acts_at_one_instant_are_both_told(case: str) -> None:
    levels = (Accepted("R01", "new_complaints", "local", date(2026, 3, 1)),)
    with opened() as service:
        for why in ("a ward opened", "and another"):
            perform(service, Act(case, ActKind.ACCEPT, "Ana", OPENED, why, accepted=levels))
        assert [each.what for each in service.outbox.held()] == ["accepted", "accepted"]


def test_a_closed_case_takes_no_act_and_leaves_none(ask: Ask, run: Run, case: str) -> None:
    run("cases", "close", case, "--by", "Ana", "--outcome", "fault of data")
    assert "is closed" in run("cases", "ack", case, "--by", "Ben", expect=2).stderr
    assert [act["kind"] for act in ask("cases", "show", case)["acts"]] == ["close"]


def test_only_people_s_outcomes_can_be_chosen(run: Run, case: str) -> None:
    run("cases", "close", case, "--by", "Ana", "--outcome", "faded", expect=2)
    run("cases", "close", case, "--by", "Ana", expect=2)


def test_lines_about_many_cases_read_no_more_often_than_one(case: str) -> None:
    asked: list[str] = []
    with opened() as service:
        one, (found,) = known(service), cases.list_cases(service.engine)
        event.listen(service.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
        alone = rows(service, one, [found])
        often = len(asked)
        assert rows(service, one, [found] * 5) == alone * 5
    assert len(asked) == 2 * often


def test_an_act_needs_a_name(run: Run, case: str) -> None:
    run("cases", "ack", case, expect=2)
    assert "--by" in run("cases", "ack", case, "--by", " ", expect=2).stderr


@pytest.mark.parametrize(
    "name", ["A\nB", "\x1b]0;x\x07", "caf\udce9", "x" * 3_000], ids=["line", "escape", "byte", "long"]
)
def test_a_name_that_could_forge_a_line_of_the_record_is_refused(run: Run, case: str, name: str) -> None:
    assert "--by" in run("cases", "ack", case, "--by", name, expect=2).stderr
    assert "ack by" not in run("cases", "show", case).stdout


def test_an_unknown_case_is_named(run: Run) -> None:
    assert "monitor cases list" in run("cases", "show", "R99-20260101", expect=2).stderr
