"""The pages of accounts, personal and shared, and the pages that connect one."""
