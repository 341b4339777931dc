"""What a standing process does beside runs: notices, trimming, backups."""
