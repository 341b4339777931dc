"""Published workflows: listed, switched, triggered."""
