"""Alembic's way in: migrates over the connection that it is handed."""

from alembic import context

from bucketlift.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
