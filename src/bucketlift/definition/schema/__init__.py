"""The schema of the workflow file: converts its mappings to values of the model, and back."""
