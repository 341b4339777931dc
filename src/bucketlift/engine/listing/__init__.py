"""From a listing to the manifest of a run: which objects it takes, and why it leaves the others."""
