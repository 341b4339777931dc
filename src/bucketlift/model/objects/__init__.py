"""Files that loads write: their formats, names and targets."""
