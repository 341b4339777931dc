"""Sends notices to people by e-mail and webhook."""
