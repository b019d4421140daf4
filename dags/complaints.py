"""Written complaints: how many, about what, and how many wait for an answer."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import COMPLAINTS
from monitor.feeds.places import DATED, DropFolder, ObjectStore, Page
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="complaints",
    name="written complaints",
    family=Family.PATIENTS,
    indicators=COMPLAINTS,
    sources={
        "local": Source(
            calendars={
                "new_complaints": "monthly",
                "conduct_complaints_share": "monthly",
                "complaints_backlog": "monthly",
                "complaints_response_days": "monthly",
                "upheld_share": "monthly",
            },
            lateness=timedelta(weeks=1),
            coverage="file per organisation",  # a month without a row of it is not known to be without complaints
        ),
        "official": Source(  # financial years; quarters were given up in 2022
            calendars={
                "new_complaints": "months:4",
                "conduct_complaints_share": "months:4",
                "complaints_backlog": "months:4",
            },
            lateness=timedelta(weeks=30),
            coverage="file per organisation",
        ),
    },
    readers=("ko41a", "extract"),
    owner="patient experience team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

YEARLY = Page(
    connection="nhs_digital",
    path="/data-and-information/publications/statistical/data-on-written-complaints-in-the-nhs",
    through=r"/data-on-written-complaints-in-the-nhs/\d{4}",
    links=r"(?i)organisation.*\.csv$",
    published=r"Publication date:? ?(\d{1,2} \w+ \d{4})",
    hosts=("files.digital.nhs.uk",),
)

# Complaints systems write to MONITOR_DROPS/complaints or MONITOR_STORE/complaints, the day of export before the name.
dag = feed_dag(FEED, DropFolder(published=DATED), ObjectStore(published=DATED), YEARLY)
