"""Background work of a service process, and maintenance: notifications, trimming, backups."""
