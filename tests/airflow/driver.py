"""A process in which Airflow is imported once, and which runs DAGs there when it is asked over a pipe.

`dag.test()` takes eleven seconds the first time in a process and half a second from then on (platform.md).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from monitor.settings import PREFIX


@dataclass(frozen=True)
class Run:
    """What became of a run: its state, its tasks' states by (id, map index), their tries, and what they handed on.

    `handed`: all of it, by (task, key).
    """

    state: str
    run_id: str
    tasks: Mapping[tuple[str, int], str]
    tries: Mapping[tuple[str, int], int]
    handed: tuple[tuple[str, str, Any], ...]
    events: int

    def states(self, task: str) -> list[str]:
        """Give the states of a task's instances, by map index."""
        return [state for (name, _), state in sorted(self.tasks.items()) if name == task]


def serve(pipe: Connection, environment: Mapping[str, str]) -> None:
    """Answer for ever: (DAG id, environment of the run, conf, logical date)."""
    os.environ.clear()
    os.environ.update(environment)
    from airflow.dag_processing.dagbag import DagBag

    dags = DagBag(environment["AIRFLOW__CORE__DAGS_FOLDER"]).dags
    stated = {name: dag.params.dump() for name, dag in dags.items()}
    for dag in dags.values():
        for each in () if dag.dag_id.endswith("_quick") else dag.tasks:
            each.retries = 0  # nobody waits half a minute to see that a test fails
    pipe.send(sorted(dags))
    while True:
        dag, more, conf, at = pipe.recv()
        for name in [name for name in os.environ if name.startswith((PREFIX, "AIRFLOW_CONN_"))]:
            del os.environ[name]
        os.environ.update(more)
        for each in (dags[dag], *dags[dag].tasks):  # Airflow leaves there what the conf of the run before said
            each.params.update(stated[dag])
        try:
            pipe.send(_run(dags[dag], conf, at))
        except Exception as error:
            pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _run(dag: Any, conf: Mapping[str, Any] | None, at: datetime | None) -> Run:
    from airflow.models.asset import AssetEvent
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    done = dag.test(run_conf=conf, logical_date=at) if at else dag.test(run_conf=conf)
    with create_session() as session:
        of_run = (XComModel.dag_id == done.dag_id, XComModel.run_id == done.run_id)
        said = select(XComModel.task_id, XComModel.key, XComModel.value).where(*of_run)
        handed = tuple((task, key, _read(value)) for task, key, value in session.execute(said))
        events = session.scalar(
            select(func.count()).select_from(AssetEvent).where(
                AssetEvent.source_dag_id == done.dag_id, AssetEvent.source_run_id == done.run_id
            )
        )  # fmt: skip
    instances = done.get_task_instances()
    return Run(
        str(done.state),
        done.run_id,
        {(one.task_id, one.map_index): str(one.state) for one in instances},
        {(one.task_id, one.map_index): one.try_number for one in instances},
        handed,
        events or 0,
    )


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def until(true: Callable[[], bool], what: str, *, every: float = 0.1, seconds: float = 240) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain: {what}"
        time.sleep(every)
