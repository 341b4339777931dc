"""The web page: each route parses the request, calls one service and renders the answer."""
