"""What Airflow does not answer as asked is an outage, whatever came in its place."""

import pytest

from monitor.errors import Outage
from monitor.evaluation.standalone import Standalone
from tests.publisher import Publisher


@pytest.mark.parametrize("pages", [{}, {"/auth/token": b"<p>starting</p>"}])
def test_an_airflow_that_gives_no_token_is_away(pages: dict[str, bytes]) -> None:
    with Publisher(pages).serving() as address:
        airflow = Standalone(address, session=0)
        with pytest.raises(Outage, match=f"Airflow at {address}"):
            airflow.log_in()
        airflow.close()


def test_an_airflow_that_has_ended_is_away() -> None:
    with Publisher({}).serving() as address:
        airflow = Standalone(address, session=0)
    with pytest.raises(Outage, match="Airflow at"):
        airflow.log_in()
    airflow.close()
