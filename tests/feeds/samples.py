"""Files that look like the published ones, and the parts that a publishing needs."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.feeds.delivery import Delivery, Stated
from monitor.feeds.folder import feed
from monitor.feeds.publications import read
from monitor.feeds.publish import Published, publish
from monitor.feeds.statement import Statement
from monitor.landing import Landing
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Organisation, Receipt
from monitor.ports import Batch
from monitor.wire import decode
from tests.conftest import ROOT

DAGS = ROOT / "dags"
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TODAY = date(2026, 11, 16)

SICKNESS = (
    "DATE,NHSE_REGION_CODE,NHSE_REGION_NAME,ICS_CODE,ICS_NAME,ORG_CODE,ORG_NAME,ORG_TYPE,"
    "FTE_DAYS_LOST,FTE_DAYS_AVAILABLE,SICKNESS_ABSENCE_RATE_PERCENT"
)
EXTRACT = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
INCIDENTS = "Reference,Revision,Deleted,EntityId,T005,SubmissionDate,OccurredOrganisationCode,CL001,OT001,OT002,RI003"
PULSE = "period,org_code,responses,eligible,motivation,involvement,advocacy,engagement"
SURVEY = (
    "ODS code,Year,Organisation name,Benchmarking group,Region,Burned_out_base,Burned_out_rate,Stress_base,Stress_rate"
)
FEEDBACK = (
    "Comment ID,Trust,Date,Service type 1,FFT categorical answer,Comment sentiment,Staff manner & personal attributes"
)


def sickness_row(
    code: str = "R0A", *, day: str = "31/03/2025", kind: str = "Acute", triple: str = "520,10000,5.2"
) -> str:
    return f"{day},Y62,North West,QOP,Greater Manchester,{code},Trust {code},{kind},{triple}"


def file_of(header: str, *rows: str) -> bytes:
    return ("\r\n".join([header, *rows]) + "\r\n").encode()


def contract(name: str) -> Feed:
    return feed(name, DAGS)


def state(name: str, content: bytes, *, source: str | None = None, today: date = TODAY) -> Statement:
    """Read a file as this feed's."""
    return read(contract(name), content, source=source, today=today)[1]


def reasons(statement: Statement) -> list[str]:
    return [aside.reason.value for aside in statement.asides]


class ListBus:
    """A bus that keeps everything in memory, in order."""

    def __init__(self) -> None:
        self.topics: dict[str, list[bytes]] = {}

    def publish(self, feed: str, messages: Iterable[bytes]) -> int:
        new = list(messages)
        self.topics.setdefault(feed, []).extend(new)
        return len(new)

    def topic(self, feed: str) -> str | None:
        return feed if feed in self.topics else None

    def read(self, feed: str, position: int, limit: int) -> Batch:
        found = tuple(self.topics.get(feed, ())[position : position + limit])
        return Batch(found, position + len(found))

    def end(self, feed: str) -> int:
        return len(self.topics.get(feed, ()))

    def feeds(self) -> tuple[str, ...]:
        return tuple(self.topics)

    def messages(self, feed: str) -> list[Message]:
        return [decode(message) for message in self.topics.get(feed, ())]

    def observations(self, feed: str) -> list[Observation]:
        return [message for message in self.messages(feed) if isinstance(message, Observation)]

    def advances(self, feed: str) -> list[Advance]:
        return [message for message in self.messages(feed) if isinstance(message, Advance)]

    def dead_letters(self, feed: str) -> list[DeadLetter]:
        return [message for message in self.messages(feed) if isinstance(message, DeadLetter)]

    def organisations(self, feed: str) -> list[Organisation]:
        return [message for message in self.messages(feed) if isinstance(message, Organisation)]

    def receipts(self, feed: str) -> list[Receipt]:
        return [message for message in self.messages(feed) if isinstance(message, Receipt)]


class Desk:
    """A home and a bus to publish on, with a clock that the test sets."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.landing = Landing(home)
        self.bus = ListBus()

    def landing_files(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]

    def publish(
        self,
        name: str,
        content: bytes,
        *,
        now: datetime = NOW,
        file: str = "file.csv",
        covers: str | bytes | None = None,
        source: str | None = None,
        published: date | None = None,
        through: date | None = None,
        since: date | None = None,
        registered: Collection[str] = (),
    ) -> Published:
        return publish(
            contract(name),
            Delivery(file, content, covers),
            Stated(source, published, through, since),
            bus=self.bus,
            landing=self.landing,
            now=now,
            registered=registered,
        )
