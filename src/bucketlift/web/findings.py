"""The results of a doctor's checks as the page shows them: a summary, failures first, and the name of each
check as a person knows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.model.finding import Finding, Health

_ORDER = {Health.MISSING: 0, Health.IGNORED: 1, Health.WARNING: 2, Health.UNKNOWN: 3, Health.OK: 4}

CHECK_NAMES = {
    "archive get": ("Read moved files", "s3:GetObject"),
    "archive kms": ("Encrypt moved files", "kms:GenerateDataKey"),
    "archive list": ("List moved files", "s3:ListBucket"),
    "archive put": ("Write moved files", "s3:PutObject"),
    "clean-up": ("Remove test files", "s3:DeleteObject"),
    "clock": ("Clock of this computer", ""),
    "copy create": ("Copies overwrite nothing", "s3:PutObject"),
    "copy source": ("Only the loaded version is copied", "s3:PutObject"),
    "delete": ("Delete only the loaded version", "s3:DeleteObject"),
    "delete each": ("Delete several files at once", "s3:DeleteObject"),
    "deputy": ("Use of the role by others", "sts:ExternalId"),
    "entries": ("Entries of the listing", "s3:ListBucket"),
    "folders": ("Folders of the prefix", "s3:ListBucket"),
    "get": ("Read files", "s3:GetObject"),
    "identity": ("Bucketlift's own identity", "sts:GetCallerIdentity"),
    "keys": ("Access keys", ""),
    "kms": ("Decrypt files", "kms:Decrypt"),
    "list": ("List files", "s3:ListBucket"),
    "part abort": ("Abort an upload in parts", "s3:AbortMultipartUpload"),
    "part create": ("Copies in parts overwrite nothing", "s3:PutObject"),
    "part source": ("Only the loaded version is copied in parts", "s3:PutObject"),
    "prefix": ("Prefix of the listing", "s3:ListBucket"),
    "reach": ("Connection to the store", ""),
    "region": ("Region of the bucket", ""),
    "role": ("Assume the role", "sts:AssumeRole"),
    "tags read": ("Read tags", "s3:GetObjectTagging"),
    "tags write": ("Write tags", "s3:PutObjectTagging"),
}
"""The name and the IAM action of each check of an account that has an action or a short name."""


def check_name(check: str, *, of_s3: bool = True) -> str:
    """The name of a check. The checks of folders and SFTP servers, and other checks without an action, have
    names that a person can read already.
    """
    plain = check.replace("-", " ").capitalize()
    return CHECK_NAMES.get(check, (plain, ""))[0] if of_s3 else plain


def check_action(check: str, *, of_s3: bool = True) -> str:
    """The IAM action or condition key that the check needs; empty if there is none."""
    return CHECK_NAMES.get(check, ("", ""))[1] if of_s3 else ""


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with failures first, then warnings, then passed checks; otherwise in their order."""
    return sorted(findings, key=lambda each: _ORDER[each.health])


def summary(findings: Sequence[Finding]) -> str:
    """The number of passed checks as text, such as *16 of 17 checks passed*."""
    passed = sum(each.health is Health.OK for each in findings)
    total = len(findings)
    if passed == total:
        return "The check passed" if total == 1 else f"All {total} checks passed"
    return f"{passed} of {total} checks passed"
