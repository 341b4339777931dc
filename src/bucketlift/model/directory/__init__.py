"""Contacts and employees: what is loaded into a directory, and how people are shown."""
