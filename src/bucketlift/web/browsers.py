"""What a browser calls itself, in words. It may say anything, so nothing is decided by it."""

from __future__ import annotations

# In this order: most say that they are like the later ones, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrom": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser_name(told: str) -> str:
    """``Firefox on Linux``; what it says of itself where that is not known."""
    browser = next((name for sign, name in BROWSERS.items() if sign in told), None)
    system = next((name for sign, name in SYSTEMS.items() if sign in told), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or told[:60] or "A program that does not say its name"
