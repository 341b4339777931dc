"""Names of the files that loads write."""
