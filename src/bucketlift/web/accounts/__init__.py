"""The pages of personal and shared accounts, and the pages that connect an account."""
