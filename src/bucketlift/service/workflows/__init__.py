"""Published workflows: list them, switch them on and off, and trigger them."""
