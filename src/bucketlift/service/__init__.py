"""The services: one function for each action of a user. The command line, the API and the page call only
these.
"""
