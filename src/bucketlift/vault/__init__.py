"""Stores secrets encrypted, and decrypts them when needed."""

from bucketlift.vault.shelf import Changes, Shelf
from bucketlift.vault.vault import Vault

__all__ = ["Changes", "Shelf", "Vault"]
