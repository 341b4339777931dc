"""Finds a browser's name in the User-Agent header. The name is only for display, because the header can be
forged.
"""

from __future__ import annotations

# The order matters: most browsers also name the later ones in their header.
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


def browser_name(agent: str) -> str:
    """The name of the browser and its system, such as ``Firefox on Linux``; the start of the header if the
    browser is unknown.
    """
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), None)
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or agent[:60] or "Unknown program"
