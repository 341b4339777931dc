"""The web page: parse the request, call one service, render the answer."""
