"""Secrets at rest, and how they come back."""

from bucketlift.vault.shelf import Changes, Shelf
from bucketlift.vault.vault import Vault

__all__ = ["Changes", "Shelf", "Vault"]
