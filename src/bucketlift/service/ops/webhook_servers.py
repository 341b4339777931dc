"""The servers to which the webhooks of notices that users enter on the page may lead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bucketlift.errors import RequestWrong
from bucketlift.model.account import SecretRef, VaultSecret
from bucketlift.model.sharing import AllowLists

SECRET = "notice-"  # noqa: S105 - the start of a name
"""The prefix of the names of secrets that Bucketlift generates for webhooks."""
SERVERS = {
    "slack": ("hooks.slack.com", "hooks.slack-gov.com"),
    "teams": (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com"),
}
"""The servers of the incoming webhooks: whole names, or endings that start with a dot."""


def is_from_page(reference: SecretRef) -> bool:
    """Whether a user entered the URL of a webhook on the page."""
    return isinstance(reference, VaultSecret) and bool(
        re.fullmatch(rf"{SECRET}[0-9a-f]{{12}}", reference.secret)
    )


def require_webhook_server(kind: str, url: str, allowed: AllowLists) -> None:
    """Check that a URL leads to a server of Slack or Teams, or to one that the operator allows.

    Raises:
        RequestWrong: it does not.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or 443
    except ValueError:
        host, port, parts = "", 0, urlsplit("")
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise RequestWrong(
            "This is not an HTTPS address", to="address", hint="Copy the whole URL of the webhook."
        )
    if kind in SERVERS:
        if not any(host == each or (each.startswith(".") and host.endswith(each)) for each in SERVERS[kind]):
            raise RequestWrong(
                f"This is not the address of a webhook of {kind.capitalize()}",
                to="address",
                hint="Copy the URL from the settings of the incoming webhook.",
            )
    elif f"{host}:{port}" not in allowed.hosts:
        raise RequestWrong(
            "The operator does not allow this server",
            to="address",
            hint=f"Ask the operator to add {host}:{port} to BUCKETLIFT_ALLOWED_HOSTS, or name the webhook in a workflow file.",
        )
