"""Concerns that staff bring to the Freedom to Speak Up guardian: how many, and how many without a name."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import SPEAKING_UP
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="speaking_up",
    name="concerns brought to guardians",
    family=Family.STAFF_VOICE,
    indicators=SPEAKING_UP,
    sources={
        "local": Source(
            calendars={indicator.key: "quarterly" for indicator in SPEAKING_UP}, lateness=timedelta(weeks=13)
        ),
    },
    readers=("extract",),
    owner="Freedom to Speak Up guardian",
    licence="data sharing agreement",
)

dag = feed_dag(FEED)
