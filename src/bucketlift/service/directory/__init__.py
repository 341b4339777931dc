"""Services that list, show, export and delete the people of a directory."""
