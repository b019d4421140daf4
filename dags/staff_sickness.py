"""Sickness absence of staff: all reasons, and anxiety, stress or depression (S10) where a source tells it."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import SICKNESS
from monitor.feeds.places import DATED, DropFolder, Page
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="staff_sickness",
    name="staff sickness absence",
    family=Family.WORKFORCE,
    indicators=SICKNESS,
    sources={
        # Days lost and days available, from the staff record: payroll closes a month by the middle of the next one.
        "local": Source(
            calendars={
                "sickness_rate": "monthly",
                "stress_sickness_rate": "monthly",
            },
            lateness=timedelta(weeks=3),
            coverage="file per organisation",
        ),
        # All reasons together, published almost four months after the month.
        "official": Source(
            calendars={"sickness_rate": "monthly"},
            lateness=timedelta(weeks=17),
            coverage="file per organisation",
        ),
    },
    readers=("sickness_csv", "sickness_workbook", "extract"),
    owner="workforce team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

# The publisher's series page lists a page for each month, newest first; each has the month's files.
MONTHLY = Page(
    connection="nhs_digital",
    path="/data-and-information/publications/statistical/nhs-sickness-absence-rates",
    through=r"/nhs-sickness-absence-rates/[a-z]+-\d{4}",
    links=r"(?i)sickness.*\.(csv|xlsx)$",
    published=r"Publication date:? ?(\d{1,2} \w+ \d{4})",
    hosts=("files.digital.nhs.uk",),
)

# The workforce team's own files come to MONITOR_DROPS/staff_sickness, with the day of their export before the name.
dag = feed_dag(FEED, DropFolder(published=DATED), MONTHLY)
