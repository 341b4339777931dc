"""The workflow file in git: from YAML to model values and back."""
