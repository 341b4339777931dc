"""Pages of accounts: personal, shared, and how to connect one."""
