"""Patient safety incidents: what staff report, how soon, and how much harm is in it."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import INCIDENTS
from monitor.feeds.places import DATED, DropFolder, ObjectStore, Query
from monitor.model import Family, Feed, Source

FEED = Feed(
    key="incident_reports",
    name="patient safety incident reports",
    family=Family.INCIDENTS,
    indicators=INCIDENTS,
    sources={
        "local": Source(
            calendars={
                "low_harm_reports": "weekly",
                "harm_share": "monthly",
                "anonymous_share": "monthly",
                "staffing_risk_share": "monthly",
                "report_delay": "monthly",
                "active_units_share": "monthly",
                "candour_share": "monthly",
            },
            # Dated by the event: 95 % are in after six weeks, and figures of equal age are compared.
            waits={"harm_share": timedelta(days=45), "candour_share": timedelta(days=45)},
            # Weekly exports, each five days after its week: what one covers is twelve days old before the next comes.
            lateness=timedelta(weeks=2),
            coverage="manifest",
        ),
        "official": Source(
            calendars={"low_harm_reports": "quarterly", "harm_share": "quarterly"},
            lateness=timedelta(weeks=14),
            coverage="file per organisation",
        ),
    },
    readers=("incidents", "extract"),
    owner="patient safety team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

# A local reporting system shows two views: its reports of the last weeks, in the columns of the plain extract, and for
# which days whose reports are all there. Asked again before anything changed, it gives the same bytes: nothing is new.
REPORTS = """
SELECT 'local' AS source, organisation, indicator, day AS start, reference AS "key", revision, numerator, denominator
FROM monitor_incident_figures
"""
COVERED = """
SELECT organisation, first_day AS "from", last_day AS "through" FROM monitor_incident_coverage
"""

# The past as weekly and monthly figures, and the regulator's, in MONITOR_DROPS/incident_reports with the day of their
# publication before the name: once a day, and any span of days can be backfilled.
dag = feed_dag(FEED, DropFolder(published=DATED))

# What wards report, as it comes: the same contract, every few minutes, from MONITOR_DROPS/incident_events,
# MONITOR_STORE/incident_events and the system itself. Exports have their NAME.coverage.csv beside them.
# No day before a name is read: what is exported before midnight and taken after it would rank below that day's others.
events = feed_dag(
    FEED,
    DropFolder("incident_events"),
    ObjectStore("incident_events"),
    Query("incident_system", sql=REPORTS, covers=COVERED),
    name="events",
    schedule="*/5 * * * *",
)
