"""Reads from AWS's message why a call was denied: the kind of policy, and whether another permission of the
role can help.

Reference: the IAM user guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

import re

_POLICY = r"(?P<policy>[a-z][a-z -]*? polic(?:y|ies)|permissions boundary)"
_EXPLICIT = re.compile(rf"(?i)explicit deny in an? {_POLICY}")
_MISSING = re.compile(rf"(?i)because no {_POLICY} allows")
_LOCKED = re.compile(
    r"(?i)object[ -]?lock|\bWORM\b|legal hold|retention (?:period|date|policy|mode)|under retention"
)

_WHO = {
    "service control policy": "the administrators of the AWS organization",
    "resource control policy": "the administrators of the AWS organization",
    "vpc endpoint policy": "the owner of the VPC endpoint that this machine uses for S3",
    "resource-based policy": "the owner of the bucket (its bucket policy) or of the KMS key (its key policy)",
    "permissions boundary": "the administrator who set the role's permissions boundary",
    "identity-based policy": "the owner of the role (its own policies)",
    "session policy": "the owner of the session policy",
}

LOCK_HINT = (
    "The object cannot be deleted or overwritten before its retention ends or its legal hold is removed. Retry the "
    "file's action then, or use `after_import: keep`."
)


def denial_hint(message: str, action: str | None) -> str | None:
    """What to do about a denied call if the message names a policy. None if the role only lacks a permission."""
    what = action or "the call"
    if found := _EXPLICIT.search(message):
        policy = found["policy"].lower()
        return (
            f"An explicit deny in a {policy} forbids {what}: no other policy can allow it. "
            f"Ask {_WHO.get(policy, 'the owner of that policy')} to exempt Bucketlift's role from it."
        )
    if (found := _MISSING.search(message)) and found["policy"].lower() != "identity-based policy":
        policy = found["policy"].lower()
        if policy == "session policy":
            return (
                f"Bucketlift limits the session to the workflow's bucket and prefix. It does not allow {what}. "
                "Check the bucket and the prefix of the task."
            )
        return f"The {policy} does not allow {what}. Ask {_WHO.get(policy, 'its owner')} to allow it there."
    return None


def is_locked(message: str) -> bool:
    """Whether the object cannot be deleted because of an object lock, a legal hold or a write-once store."""
    return _LOCKED.search(message) is not None
