"""Services for published workflows: list them, switch them on and off, and start their runs."""
