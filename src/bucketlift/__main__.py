"""`python -m bucketlift` is the command line."""

from bucketlift.cli.entry import main

main()
