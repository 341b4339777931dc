"""Workflow files, and local files read as a workflow would."""
