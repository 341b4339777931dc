"""How each destination writes rows and their receipts in one transaction."""
