"""The settings of a workflow as pydantic models. The workflow file, its JSON Schema, the page's forms and the
export all use them.
"""
