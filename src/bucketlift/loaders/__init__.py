"""The destinations. Each writes rows and their receipts in one transaction."""
