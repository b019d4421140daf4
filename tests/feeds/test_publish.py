"""From a file to the bus: order, ranks, landing, and that nothing personal travels."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadFile, BadRequest
from monitor.feeds.publish import subject
from monitor.model import Advance, DeadLetter, Feed, Observation, Organisation, PeerGroup, Receipt
from monitor.ranks import midnight
from tests.feeds.readers.test_extract import row
from tests.feeds.samples import EXTRACT, FEEDBACK, INCIDENTS, NOW, PULSE, SICKNESS, Desk, file_of, sickness_row

FEED = "staff_sickness"
GOOD = file_of(SICKNESS, sickness_row())
OTHER = file_of(SICKNESS, sickness_row(triple="530,10000,5.3"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def test_messages_go_in_the_order_that_their_reader_needs(desk: Desk) -> None:
    told = desk.publish(FEED, file_of(SICKNESS, sickness_row(), sickness_row(triple="x,1,1")))
    kinds = [type(message) for message in desk.bus.messages(FEED)]
    assert kinds == [Feed, Organisation, Observation, DeadLetter, Receipt]
    assert told.withheld == ("R0A",)  # half of its rows were put aside
    assert told.messages == len(kinds)


def test_a_figure_advances_its_organisation_over_its_month(desk: Desk) -> None:
    desk.publish(FEED, GOOD)
    month = (date(2025, 3, 1), date(2025, 4, 1))
    assert desk.bus.advances(FEED) == [Advance(FEED, "official", *month, frozenset({"R0A"}), None)]
    assert desk.bus.organisations(FEED) == [
        Organisation("R0A", "Trust R0A", PeerGroup.ACUTE, "North West", stated_by=FEED)
    ]


def test_the_receipt_accounts_for_every_row(desk: Desk) -> None:
    rows = (sickness_row(), sickness_row(), sickness_row("R0B", triple=",,"), sickness_row("QOP", kind="Others"))
    told = desk.publish(FEED, file_of(SICKNESS, *rows, "cut"))
    assert desk.bus.receipts(FEED) == [told.receipt]
    assert told.receipt.difference == 0
    assert (told.receipt.rows, told.receipt.observations, told.receipt.merged) == (5, 1, 1)
    assert told.receipt.dead_lettered == {"malformed row": 1}


def test_a_file_of_another_publication_sends_and_lands_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        desk.publish("complaints", GOOD)
    assert desk.bus.feeds() == ()
    assert not (tmp_path / "home" / "landed").exists()


def test_the_same_bytes_again_say_the_same_word_whatever_the_file_is_called(desk: Desk) -> None:
    assert not desk.publish(FEED, GOOD).already_known
    assert desk.publish(FEED, GOOD, now=NOW + timedelta(days=1), file="renamed.csv").already_known
    first, again = desk.bus.observations(FEED)
    assert (first.subject, first.rank, first.contributions) == (again.subject, again.rank, again.contributions)


def test_a_file_whose_last_line_has_no_end_says_that_it_may_be_cut(desk: Desk) -> None:
    (remark,) = desk.publish(FEED, GOOD.removesuffix(b"\r\n")).remarks
    assert "if it was cut off there, its last figure is too short" in remark


def test_an_official_layout_read_as_local_says_so_and_is_not_known_before(desk: Desk) -> None:
    assert desk.publish(FEED, GOOD).remarks == ()
    told = desk.publish(FEED, GOOD, source="local")
    assert not told.already_known
    (remark,) = told.remarks
    assert remark.endswith("read as local: its figures are other series than the official ones")
    assert desk.publish(FEED, GOOD, source="local").already_known


def test_of_two_files_the_later_landing_holds_and_an_old_file_again_does_not(desk: Desk) -> None:
    for days, content in enumerate((GOOD, OTHER, GOOD)):
        desk.publish(FEED, content, now=NOW + timedelta(days=days))
    first, second, again = desk.bus.observations(FEED)
    assert first.subject == second.subject == again.subject
    assert first.rank == again.rank < second.rank
    assert first.known is None


def test_a_stated_date_ranks_a_file_and_stays_stated(desk: Desk) -> None:
    desk.publish(FEED, OTHER)
    desk.publish(FEED, GOOD, published=date(2025, 7, 24))
    desk.publish(FEED, GOOD)
    _, stated, again = desk.bus.observations(FEED)
    assert stated.known == again.known == date(2025, 7, 24)
    assert stated.rank == again.rank == (0, datetime(2025, 7, 23, 23, tzinfo=UTC))  # midnight in London, in summer


def test_a_stated_date_to_come_is_refused(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="in the future"):
        desk.publish(FEED, GOOD, published=date(2026, 11, 17))


@pytest.mark.parametrize(
    ("name", "content", "day"),
    [
        (FEED, GOOD, date(2025, 3, 30)),
        (FEED, file_of(EXTRACT, row()), date(2025, 4, 29)),
        ("incident_reports", file_of(INCIDENTS, "A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,"), date(2026, 10, 6)),
        ("survey_pulses", file_of(PULSE, "2026-04,R0A,100,1000,6,6,6,6"), date(2026, 3, 31)),
    ],
)
def test_nothing_is_published_before_it_has_happened(desk: Desk, name: str, content: bytes, day: date) -> None:
    with pytest.raises(
        BadRequest, match=f"^the stated day of publication, {day}, is before .*, which row 2 tells of; state the day"
    ):
        desk.publish(name, content, published=day)
    assert desk.bus.feeds() == ()
    desk.publish(name, content, published=day + timedelta(days=1))
    assert desk.bus.dead_letters(name) == []


def test_a_stated_date_holds_over_a_later_one_of_a_row(desk: Desk) -> None:
    desk.publish(FEED, file_of(EXTRACT, row(published="2025-06-20")), published=date(2025, 6, 1))
    (word,) = desk.bus.observations(FEED)
    assert word.known == date(2025, 6, 1)


def test_a_row_may_state_its_own_date_and_revision(desk: Desk) -> None:
    desk.publish(FEED, file_of(EXTRACT, row(revision="3", published="2025-05-20")))
    (word,) = desk.bus.observations(FEED)
    assert (word.rank, word.known) == ((3, midnight(date(2025, 5, 20))), date(2025, 5, 20))


def test_sources_are_two_series_and_never_one_subject(desk: Desk) -> None:
    desk.publish(FEED, GOOD)
    desk.publish(FEED, GOOD, source="local")
    one, other = desk.bus.observations(FEED)
    assert (one.source, other.source) == ("official", "local")
    assert one.subject != other.subject


def test_an_unknown_source_is_refused_with_those_there_are(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="sources are local, official"):
        desk.publish(FEED, b"", source="elsewhere")


def test_only_part_of_a_source_advances_only_its_indicators(desk: Desk) -> None:
    desk.publish(FEED, file_of(EXTRACT, row()))
    (advance,) = desk.bus.advances(FEED)
    assert advance.indicators == {"sickness_rate"}


def test_nothing_that_could_name_a_person_travels(desk: Desk) -> None:
    secrets = ("Jo Smith", "P-4711", "RLS-0042", "Maternity Ward 3", "9434765919")
    header = "Reference,Revision,Deleted,EntityId,T005,SubmissionDate,OccurredOrganisationCode,CL001,F001"
    good = "RLS-0042,1,,P-4711,2026-09-28,2026-10-07,R0A,1,Jo Smith fell in Maternity Ward 3"
    bad = "RLS-0042b,1,,P-4711,9434765919,2026-10-07,Jo Smith,Maternity Ward 3,9434765919"
    told = desk.publish("incident_reports", file_of(header, good, bad, bad[:20]), file="Jo Smith.csv")
    comment = "Jo Smith - Q1,Maternity Ward 3,9434765919,P-4711,RLS-0042,x,y"
    desk.publish("patient_feedback", file_of(FEEDBACK, comment))
    sent = b"".join(message for topic in desk.bus.topics.values() for message in topic).decode()
    assert not [secret for secret in secrets if secret in sent]
    assert told.receipt.dead_lettered == {"unknown organisation": 1, "malformed row": 1}
    kept = [path.name for path in desk.landing_files()]
    assert not [name for name in kept if "Smith" in name]


def event_file(*rows: str) -> bytes:
    return file_of(INCIDENTS, *(rows or ("A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,",)))


def test_three_letters_are_repeated_only_where_somebody_registered_them(desk: Desk) -> None:
    rows = [f"A-{place},1,,P1,2026-09-28,2026-10-07,{code},9,5,4," for place, code in enumerate(("RAJ", "LEE", "R0B"))]
    covers = b"organisation,from,through\nR0B,2026-10-05,2026-10-11\n"
    told = desk.publish("incident_reports", event_file(*rows), covers=covers, registered={"RAJ"})
    assert [letter.organisation for letter in desk.bus.dead_letters("incident_reports")] == ["RAJ", None, "R0B"]
    assert told.withheld == ("R0B", "RAJ", "a code that is not registered")


def test_who_a_file_states_with_a_type_is_named(desk: Desk) -> None:
    told = desk.publish(FEED, file_of(SICKNESS, sickness_row("RAJ"), sickness_row("RAJ", triple="x,1,1")))
    assert told.withheld == ("RAJ",)
    assert desk.bus.dead_letters(FEED)[0].organisation == "RAJ"


names = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.tuples(names, names, names), st.tuples(names, names, names))
def test_subjects_are_equal_only_where_feed_source_and_key_are(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    hashed = [subject(b"k" * 32, feed=feed, source=source, natural_key=key) for feed, source, key in (one, other)]
    assert (hashed[0] == hashed[1]) is (one == other)


def test_subjects_of_two_homes_have_nothing_in_common() -> None:
    one, other = (subject(key * 32, feed="f", source="s", natural_key="k") for key in (b"a", b"b"))
    assert one != other
    assert len(one) == 32
