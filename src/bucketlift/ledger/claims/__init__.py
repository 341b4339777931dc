"""Claims on source objects: from the manifest to the last action."""
