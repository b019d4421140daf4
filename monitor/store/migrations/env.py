"""Runs migrations inside the transaction that `monitor.store.upgrade` has begun."""

from alembic import context

from monitor.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
