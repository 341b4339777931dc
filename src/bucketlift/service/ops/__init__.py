"""The background work of a service process, and maintenance: notices, trimming, backups."""
