"""Rules of deliveries: what they promise, and what they can send."""
