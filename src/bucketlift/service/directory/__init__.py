"""The people of a directory: list, show, export and delete them."""
