"""Patient safety incidents: what staff report, how soon, and how much harm is in it."""

from datetime import timedelta

from monitor.airflow import feed_dag
from monitor.catalogue import INCIDENTS
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
        ),
    },
    readers=("incidents", "extract"),
    owner="patient safety team",
    licence="local: data sharing agreement; official: Open Government Licence v3",
)

dag = feed_dag(FEED)
