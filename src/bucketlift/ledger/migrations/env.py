"""The entry point for Alembic, which migrates with the connection that the caller passes."""

from alembic import context

from bucketlift.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
