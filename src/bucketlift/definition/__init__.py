"""The workflow file: converts YAML to values of the model, and back."""
