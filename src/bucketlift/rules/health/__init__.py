"""Rules that say how a workflow does: the outcome of its runs, lateness, and unusual numbers of rows."""
