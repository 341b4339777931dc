"""Runs the command line for `python -m bucketlift`."""

from bucketlift.cli.entry import main

main()
