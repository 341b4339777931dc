"""Builds the application from its parts. Only this package knows every concrete class."""

from bucketlift.bootstrap.app import open_app
from bucketlift.bootstrap.codecs import Codecs
from bucketlift.bootstrap.connections import Connections
from bucketlift.bootstrap.ledger import revision

__all__ = ["Codecs", "Connections", "open_app", "revision"]
