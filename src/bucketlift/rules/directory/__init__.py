"""The merge rules of a directory of people, the undo of its loads, and checks of its targets."""
