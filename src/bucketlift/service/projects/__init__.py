"""Services for workflow files, and for reading local files in the same way as a workflow."""
