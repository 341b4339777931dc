"""The HTTP edge: parses, calls one service, renders."""
