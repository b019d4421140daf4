"""What is settled stays: late words refold their own series, repeats change nothing, holes wait and are filled."""

from collections.abc import Iterable, Mapping

from hypothesis import given

from monitor.calendars import calendar
from monitor.kept import Block
from monitor.model import Advance, Contribution, Observation
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, Turn, What, nations, turns
from tests.laws.world import check_accounts, examples, marks, scores, settlements, world

pytestmark = marks


@given(nations())
@examples(5)
def test_what_is_settled_of_others_never_changes(nation: Nation) -> None:
    moving = {code for event in nation.events if event.what in (What.MERGED, What.LATE) for code in pair(nation, event)}
    with world() as one:
        for turn in turns(nation):
            scored, settled = scores(one.service), settlements(one.service)
            involved = moving | spoken_for(turn, scored)
            one.run([turn])
            now, settled_now = scores(one.service), settlements(one.service)
            for place, row in settled.items():
                assert repr(settled_now[place]) == repr(row), place
            for place, row in scored.items():
                for code in row.keys() - involved:
                    assert repr(now[place][code]) == repr(row[code]), (place, code)


def pair(nation: Nation, event: Event) -> tuple[str, str]:
    places = (event.who % nation.size, (event.who + 1) % nation.size)
    return nation.organisations[places[0]].code, nation.organisations[places[1]].code


def spoken_for(turn: Turn, scored: Iterable[tuple[Block, int]]) -> set[str]:
    """Name the organisations of which something is said that reaches into settled periods."""
    ends: dict[str, int] = {}
    for block, number in scored:
        ends[block.indicator] = max(ends.get(block.indicator, number), number)
    said = [message for messages in turn.said.values() for message in messages]
    found = {code for message in said if isinstance(message, Advance) for code in message.organisations or ()}
    for word in (message for message in said if isinstance(message, Observation)):
        found |= {part.organisation for part in word.contributions if reaches(part, ends)}
        found |= {code for code in word.subject.split("-") if word.rank[0] and code.startswith("R")}
    return found if scored else set()


def reaches(part: Contribution, ends: Mapping[str, int]) -> bool:
    contract = COMPLAINTS if COMPLAINTS.indicator(part.indicator) else INCIDENTS
    number = calendar(contract.sources["local"].calendars[part.indicator]).number(part.period[0])
    return number <= ends.get(part.indicator, number - 1)


@given(nations())
@examples(3)
def test_publishing_everything_again_changes_nothing(nation: Nation) -> None:
    written = turns(nation)
    with world() as one:
        before = one.run(written).digest()
        for turn in written:
            one.publish(turn.said)
        one.work(written[-1].now)
        assert one.digest() == before
        for feed in one.feeds:
            check_accounts(one.service, feed)
