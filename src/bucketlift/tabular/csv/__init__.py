"""Records, cells and quotes by the rules of RFC 4180: the exact reader, and recovery after a broken quote."""
