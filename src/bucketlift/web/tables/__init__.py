"""The pages that show which tables a destination has, and what was loaded into them."""

from bucketlift.web.tables.routes import router

__all__ = ["router"]
