"""One function per thing a person can do; command line, API and page call only these."""
