"""The rules of deliveries: what a repeat of a delivery does, and which fields can be sent."""
