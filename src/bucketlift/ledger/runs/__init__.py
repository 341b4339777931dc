"""Runs: asked for, leased, counted, logged."""
