import json
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema
import pytest

from monitor.alerts.digest import Around, WatchItem, digest
from monitor.alerts.message import FOOTER, compose
from monitor.alerts.plain import plain, seen, unassessed
from monitor.casefile import CaseKind, Exhibit, Outcome, WatchKind, What
from monitor.catalogue import INDICATORS
from monitor.model import Family
from monitor.patterns import PATTERNS
from monitor.twin import twin
from tests.conftest import ROOT
from tests.exhibits import AT, RIVERSIDE, change_of, disclosed_of, exhibit_of, message_of, signal_of, suppressed_voice

SCHEMA = json.loads((ROOT / "monitor" / "schemas" / "message.json").read_text(encoding="utf-8"))
NEVER = ["worsening culture", "failing", "high risk", "rank", "band", "inadequate", "poor culture", "z =", "sigma"]
CHANGES = [what for what in What if what not in (What.DIGEST, What.HEARTBEAT)]


EACH = "each month by itself is within the usual"


def told(message: dict[str, object]) -> str:
    return f"{plain(message)}\n{json.dumps(message)}".lower()


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_has_a_message_of_the_schema(what: What) -> None:
    message = message_of(what, outcome=Outcome.NO_CONCERN if what is What.CLOSED else None)
    jsonschema.validate(message, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert FOOTER in plain(message)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
@pytest.mark.parametrize("what", CHANGES)
def test_no_text_accuses(what: What, pattern: object) -> None:
    text = told(message_of(what, patterns=(pattern.key,)))  # type: ignore[attr-defined]
    assert [word for word in [*NEVER, *(found.name for found in PATTERNS)] if word in text] == []


def test_no_text_of_a_chart_accuses() -> None:
    text = " ".join(str(twin(exhibit, "Riverside")) for exhibit in suppressed_voice().exhibits).lower()
    assert [word for word in [*NEVER, *(found.name for found in PATTERNS)] if word in text] == []


def test_one_sentence_leads_with_who_what_and_since_when() -> None:
    first = plain(message_of()).replace("\n    ", " ").splitlines()[0]
    assert first == (
        "Riverside: fewer incident reports while complaints, poor feedback or stress-related absence rise, "
        "since June 2026."
    )


def test_a_message_is_read_in_twenty_seconds_up_to_the_figures() -> None:
    lead, _ = plain(message_of()).split("What the data did:")
    assert len(lead.split()) <= 110  # about 250 words a minute for reading, Brysbaert (2019): 84 in 20 s, labels apart


def test_without_a_pattern_the_signals_speak() -> None:
    message = message_of(patterns=())
    assert message["said"] == "fewer no- and low-harm incident reports and more new written complaints"


def test_a_reading_never_stands_without_an_innocent_one() -> None:
    for patterns in [(), ("C1",), ("C4",), ("C6",), ("C10",)]:
        message = message_of(patterns=patterns)
        assert message["reading"]
        assert message["innocent"]
        assert message["reading"] != message["innocent"]


def test_each_family_says_how_much_of_the_evidence_it_brings() -> None:
    message = message_of(shares={Family.PATIENTS: 0.7, Family.STAFF_VOICE: 0.3})

    assert message["evidence"] == ["patients (most of it)", "incident reports (agrees only)"]


def test_what_cannot_be_assessed_is_said_in_words_of_what_the_data_would_do() -> None:
    message = message_of(unassessed=("C9",))

    assert message["unassessed"] == [
        "one part of the organisation moves away from the rest while its average stands still"
    ]
    assert "which is no absence: one part of the organisation" in plain(message).replace("\n    ", " ")


def test_many_combinations_that_cannot_be_assessed_are_counted_in_a_message_and_named_on_the_page() -> None:
    message = message_of(unassessed=("C3", "C8", "C9"))

    assert "3 combinations cannot be assessed here" in plain(message)
    assert str(unassessed(message)).count(";") == 2


def test_what_is_still_worse_is_told_apart_from_news() -> None:
    exhibit = exhibit_of("new_complaints", [(30, 10_000.0)] * 29, usual=3.0)
    held = replace(exhibit, signal=replace(exhibit.signal, latched=True, latched_since=exhibit.signal.since))
    told = [compose(change_of(), disclosed_of(one), RIVERSIDE) for one in (exhibit, held)]

    assert [message["signals"][0]["standing"] for message in told] == ["new", "still worse"]  # type: ignore[index]
    assert ["still more new written complaints" in plain(message) for message in told] == [False, True]


def test_only_families_that_agree_are_named() -> None:
    assert message_of()["families"] == ["incident reports", "patients"]


def test_a_correction_tells_then_now_and_whether_the_case_would_still_open() -> None:
    figures = [(20, 10_000.0)] * 29
    before = disclosed_of(exhibit_of("new_complaints", figures, usual=1.0))
    now = disclosed_of(exhibit_of("new_complaints", [*figures[:-1], (41, 10_000.0)], usual=1.0))
    message = compose(change_of(What.CORRECTED), now, RIVERSIDE, before=before, still_opens=False)
    assert message["correction"] == {
        "figures": [{"name": "new written complaints", "period": "Oct 2026", "then": "2.00", "now": "4.00"}],
        "still_opens": False,
    }
    assert "this case would no longer open" in plain(message)


def test_a_figure_that_changes_unseen_is_no_correction() -> None:
    before = disclosed_of(exhibit_of("new_complaints", [(20, 10_000.0)] * 29, usual=1.0))
    now = disclosed_of(exhibit_of("new_complaints", [(20, 10_000.0)] * 28 + [(22, 10_000.0)], usual=1.0))
    message = compose(change_of(What.CORRECTED), now, RIVERSIDE, before=before, still_opens=True)
    assert message["correction"] == {"figures": [], "still_opens": True}


def test_a_fault_of_data_never_speaks_of_care() -> None:
    change = change_of(
        reason="no figures since March", kind=CaseKind.DATA, families={}, patterns=(), against=(), because=""
    )
    message = compose(change, None, RIVERSIDE)
    jsonschema.validate(message, SCHEMA)
    assert message["headline"] == "Riverside: its data need checking: no figures since March."
    assert message["how_sure"] is None


@pytest.mark.parametrize("kind", CaseKind)
def test_a_message_says_of_which_kind_its_case_is(kind: CaseKind) -> None:
    message = message_of(kind=kind)
    jsonschema.validate(message, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert message["kind"] == kind.value


def test_figures_that_have_arrived_need_no_checking() -> None:
    change = change_of(
        What.CLOSED, "its figures have arrived", kind=CaseKind.DATA, families={}, outcome=Outcome.DATA_FAULT
    )
    assert compose(change, None, RIVERSIDE)["headline"] == "Riverside: its figures have arrived."


def test_an_asking_says_first_what_has_held_since_when_and_which_answers_there_are() -> None:
    held = replace(signal_of("new_complaints"), latched=True, latched_since=date(2026, 3, 1))
    complaints = replace(exhibit_of("new_complaints", [(47.0, 152_000.0)] * 12, usual=0.21), signal=held)
    reports = exhibit_of("low_harm_reports", [(210.0, 5600.0)] * 30, name="weekly", usual=49.5, rises=False)
    change = change_of(What.ASKED, "new complaints: they hold", signals=(held, signal_of("low_harm_reports")))

    message = compose(change, disclosed_of(reports, complaints), RIVERSIDE)

    jsonschema.validate(message, SCHEMA)
    assert message["headline"] == (
        "Riverside: more new written complaints, plain since March 2026 and holding. Asked: "
        "renew it (`monitor cases watch`), accept it as the new normal (`monitor cases accept`), "
        "or close the case (`monitor cases close`)."
    )
    assert [signal["indicator"] for signal in message["signals"] if signal["leads"]] == ["new_complaints"]  # type: ignore[attr-defined]
    corrected = compose(change, disclosed_of(reports, complaints), RIVERSIDE, still_opens=False)
    assert str(corrected["headline"]).startswith("Riverside: figures behind this case were corrected, and more new")


def test_an_opening_asks_about_what_has_held_for_half_a_year_already() -> None:
    plain_opening, asking = change_of(), change_of(asked=AT)
    assert "new normal" not in plain(compose(plain_opening, suppressed_voice(), RIVERSIDE))
    message = compose(asking, suppressed_voice(), RIVERSIDE)
    jsonschema.validate(message, SCHEMA)
    first, *others = message["ask"]  # type: ignore[misc]
    assert "accept it as the new normal (`monitor cases accept`)" in first
    assert others == compose(plain_opening, suppressed_voice(), RIVERSIDE)["ask"]


def test_a_digest_says_what_it_cannot_assure() -> None:
    message = digest(
        at=AT,
        cases=[message_of()],
        around=Around(
            [WatchItem("RYY", "Hillside", "close to a case")], {Family.STAFF_VOICE: 12, Family.PATIENTS: 0}, 210
        ),
    )
    jsonschema.validate(message, SCHEMA)
    text = plain(message)
    assert "No alert is not assurance." in text
    assert "staff voice: 12 of 210 organisations" in text
    assert "patients: 0" not in text


def test_a_long_section_says_how_many_are_left_out() -> None:
    watch = [WatchItem(f"R{number}", "Hillside", "close to a case") for number in range(40)]
    assert "and 10 more in the report" in plain(digest(at=AT, around=Around(watch)))


def test_data_age_is_counted_from_the_last_day_of_the_data() -> None:
    exhibit = replace(suppressed_voice().exhibits[0])
    message = compose(change_of(), replace(suppressed_voice(), exhibits=(exhibit,)), RIVERSIDE)
    assert "data to 31 October 2026, 2 weeks old" in plain(message).replace("\n    ", " ")


@pytest.mark.parametrize(("periods", "calendar", "ending"), [(1, "months", "(1 month)"), (2, "months", "(2 months)")])
def test_one_period_is_singular(periods: int, calendar: str, ending: str) -> None:
    signal = {"seen": "5.0", "usual": "1.0 to 2.0", "unit": "reports", "periods": periods, "calendar": calendar}
    assert seen(signal | {"within": None}).endswith(ending)


def test_bright_spots_long_lows_and_what_holds_stand_in_sections_of_their_own() -> None:
    around = Around(
        [
            WatchItem("RYY", "Hillside", "more incident reports while engagement rises", WatchKind.BRIGHT_SPOT),
            WatchItem("RZZ", "Lakeside", "low beside its peers", WatchKind.LONG_LOW),
        ],
        organisations=3, unassessed={"an average may conceal one part": 3, "all can be seen": 0},
        to_renew=[WatchItem("RXX", "Riverside", "more new written complaints, plain since May 2026 and holding")],
    )  # fmt: skip
    made = digest(at=AT, around=around)

    jsonschema.validate(made, SCHEMA)
    assert made["headline"] == "Digest: 0 cases, 1 watch item, 0 faults of data, 1 bright spot."
    assert [section["title"] for section in made["sections"]] == [  # type: ignore[attr-defined]
        "Low for long, not a case",
        "Bright spots",
        "Held for half a year: renew it (watch its case), accept it as the new normal, or close the case",
        "Cannot be assessed for want of figures",
    ]
    assert "an average may conceal one part: 3 of 3 organisations" in plain(made)
    assert "all can be seen" not in plain(made)


@pytest.mark.parametrize(("peers", "says"), [(0, True), (7, True), (8, False)])
def test_below_eight_peers_nothing_was_compared_or_taken_out(peers: int, says: bool) -> None:
    shown = suppressed_voice()
    few = replace(shown, exhibits=tuple(replace(exhibit, peers=peers) for exhibit in shown.exhibits))
    text = str(compose(change_of(What.OPENED), few, RIVERSIDE)["compared_with"])
    assert ("too few peers" in text, "taken out" in text) == (says, not says)


def told_of(*exhibits: Exhibit, **changes: object) -> dict[str, Any]:
    return compose(change_of(patterns=(), **changes), disclosed_of(*exhibits), RIVERSIDE)


def weak(exhibit: Exhibit, p: float = 0.04) -> Exhibit:
    return replace(exhibit, signal=replace(exhibit.signal, p=p))


def rising(indicator: str, since: date) -> Exhibit:
    return exhibit_of(indicator, [(40, 1000.0)] * 29, usual=20.0, since=since)


def test_a_case_is_named_dated_and_asked_about_by_the_families_it_rests_on() -> None:
    """Sickness agrees with nobody and is older; harm agrees, but brings less of the evidence than complaints."""
    sickness = rising("stress_sickness_rate", date(2024, 4, 1))
    harm, complaints = rising("harm_share", date(2026, 5, 1)), rising("new_complaints", date(2026, 7, 1))
    message = told_of(
        sickness, harm, complaints,
        families={Family.WORKFORCE: 0.2, Family.INCIDENTS: 0.01, Family.PATIENTS: 0.001},
        shares={Family.WORKFORCE: 0.1, Family.INCIDENTS: 0.2, Family.PATIENTS: 0.7},
    )  # fmt: skip

    assert [signal["indicator"] for signal in message["signals"]] == [
        "new_complaints", "harm_share", "stress_sickness_rate",
    ]  # fmt: skip
    assert [signal["leads"] for signal in message["signals"]] == [True, True, False]
    assert message["since"] == "May 2026"
    assert message["said"].startswith("more new written complaints and a rise in ")
    assert "sickness" not in message["headline"]
    asked = [INDICATORS[signal["indicator"]].ask for signal in message["signals"]]
    assert message["ask"] == list(dict.fromkeys(asked))
    assert plain(message).index("What the data did:") < plain(message).index("Also:") < plain(message).index("absence")


def test_beside_a_plain_change_of_its_family_a_lean_neither_names_nor_dates_the_case() -> None:
    delay, harm = weak(rising("report_delay", date(2025, 1, 1))), rising("harm_share", date(2026, 5, 1))
    message = told_of(harm, delay, families={Family.INCIDENTS: 0.001})
    alone = told_of(delay, families={Family.INCIDENTS: 0.04})

    assert message["since"] == "May 2026"
    assert [signal["leads"] for signal in message["signals"]] == [True, False]
    assert alone["said"].startswith("a lean towards ")


def test_what_still_holds_does_not_date_the_news() -> None:
    held = rising("conduct_complaints_share", date(2025, 1, 1))
    held = replace(held, signal=replace(held.signal, latched=True, latched_since=date(2025, 1, 1)))
    news = rising("new_complaints", date(2026, 7, 1))

    assert told_of(held, news, families={Family.PATIENTS: 0.001})["since"] == "July 2026"
    assert told_of(held, families={Family.PATIENTS: 0.05})["since"] == "January 2025"


@pytest.mark.parametrize(
    ("counts", "since", "within"),
    [
        ([400] * 5, date(2026, 6, 1), None),
        ([210] * 5, date(2026, 6, 1), f"{EACH}; together they lean the same way"),
        ([190] * 5, date(2026, 6, 1), EACH),
        ([210], date(2026, 10, 1), "that month by itself is within the usual"),
        ([300, 110] * 2, date(2026, 7, 1), "on average within the usual, single months beyond it"),
    ],
)  # fmt: skip
def test_what_is_usual_on_average_is_not_told_as_beyond_it(counts: list[int], since: date, within: str | None) -> None:
    figures = [(float(count), 10_000.0) for count in [200] * 24 + counts]
    message = told_of(exhibit_of("new_complaints", figures, usual=20.0, since=since))
    (signal,) = message["signals"]

    jsonschema.validate(message, SCHEMA)
    assert signal["within"] == within
    assert within is None or within in plain(message).replace("\n    ", " ")


def test_a_message_says_once_what_peers_did() -> None:
    shocked = replace(exhibit_of("new_complaints", [(40, 1000.0)] * 29, usual=20.0), shock=1.15)
    text = plain(told_of(shocked)).replace("\n    ", " ")

    assert text.count("what all peers share stood 15% above") == text.count("stayed about where") == 1
    assert "that share was taken out, and beyond it peers stayed about where they were expected" in text
