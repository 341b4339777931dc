"""The HTTP API: each endpoint parses the request, calls one service, and returns its result."""
