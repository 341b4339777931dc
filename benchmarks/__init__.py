"""How fast, with how much memory, beside whom: `python -m benchmarks`."""
