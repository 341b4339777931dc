"""The page: parses what a browser sends, calls one service, renders."""
