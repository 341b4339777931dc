"""The settings of a workflow as pydantic models: the workflow file, its JSON Schema, the page's forms and the export."""
