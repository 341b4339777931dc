"""Records, cells and quotes by the rules of RFC 4180: the exact way, and what recovers after a broken quote."""
