"""Runs: started, ended, watched, and loads done again or taken out."""
