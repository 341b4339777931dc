"""From a listing to the manifest of a run: the objects it takes, and why it leaves the others."""
