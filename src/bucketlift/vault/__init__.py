"""Stores secrets encrypted, and decrypts them when they are needed."""

from bucketlift.vault.secret_store import Changes, SecretStore
from bucketlift.vault.vault import Vault

__all__ = ["Changes", "SecretStore", "Vault"]
