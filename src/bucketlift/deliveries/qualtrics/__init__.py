"""Delivers contacts, employees, responses and records to the hosted platform."""

from bucketlift.deliveries.qualtrics.access import Access, Client, Token
from bucketlift.deliveries.qualtrics.delivery import QualtricsDelivery

__all__ = ["Access", "Client", "QualtricsDelivery", "Token"]
