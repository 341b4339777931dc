"""Decides from a listing which objects a run takes (its manifest), and why it leaves the others."""
