"""The adapter that posts rows to an HTTP receiver."""

from bucketlift.deliveries.http.delivery import Credentials, HttpDelivery

__all__ = ["Credentials", "HttpDelivery"]
