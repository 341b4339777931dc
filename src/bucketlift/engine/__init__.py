"""The durable part: what drives a run from its listing to the last action."""
