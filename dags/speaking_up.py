"""Concerns that staff bring to the Freedom to Speak Up guardian: how many, and how many without a name."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import SPEAKING_UP
from monitor.feeds.places import DATED, DropFolder, Query
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="speaking_up",
    name="concerns brought to guardians",
    family=Family.STAFF_VOICE,
    indicators=SPEAKING_UP,
    sources={
        "local": Source(
            # Guardians count by financial quarter; a month of most organisations would be a handful.
            calendars={
                "speaking_up_cases": "quarterly",
                "anonymous_concerns_share": "quarterly",
            },
            # A quarter is handed in by the end of the next one.
            lateness=timedelta(weeks=13),
            # A quarter is complete for whom the register has a row of it, which may say 0.
            coverage="file per organisation",
        ),
    },
    readers=("extract",),
    owner="Freedom to Speak Up guardian",
    licence="data sharing agreement",
)

# The guardians' register: one row for each organisation, quarter and indicator, no row for a single concern.
QUARTERS = """
SELECT organisation, indicator, quarter_begins AS start, quarter_ends AS "end", numerator, denominator, value
FROM monitor_guardian_quarters
"""

# Who keeps the register in a sheet drops that: MONITOR_DROPS/speaking_up, in the columns of the plain extract.
dag = feed_dag(FEED, DropFolder(published=DATED), Query("guardian_register", sql=QUARTERS))
