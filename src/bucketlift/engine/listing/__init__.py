"""From a listing to the manifest of a run: the objects that the run takes, and why it leaves the others."""
