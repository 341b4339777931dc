"""The schema of the workflow file: its shapes make the values of the model, and write them again."""
