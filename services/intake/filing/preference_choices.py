"""How an applicant wants to be told, as pages ask and show it."""

from __future__ import annotations

from services.intake.filing.domain.preferences import (
    ASKED_CHANNELS,
    LANGUAGES,
    MESSAGE_CHANNELS,
    Preferences,
    listed_channels,
)
from shared.web.language import text


def channel_choices(present: str = "") -> list[tuple[str, str]]:
    """What a form offers, and what is known already.

    Args:
        present: channels with commas between them, as an earlier filing or a program has given them.
    """
    known = [] if present in ASKED_CHANNELS or not _known(present) else [(present, channel_names(present))]
    return [*((key, text(*names)) for key, names in ASKED_CHANNELS.items()), *known]


def language_choices(usual: str = "vi") -> list[tuple[str, str]]:
    """The languages of messages.

    Args:
        usual: what stands for Vietnamese.
    """
    return [(usual if key == "vi" else key, text(*names)) for key, names in LANGUAGES.items()]


def shown_preferences(preferences: Preferences) -> str:
    """Channels and language in words; empty for what is usual."""
    parts = [channel_names(",".join(preferences.channels))] if preferences.channels else []
    if preferences.language != "vi":
        parts.append(text(*LANGUAGES[preferences.language]))
    return "; ".join(parts)


def _known(channels: str) -> bool:
    return all(name in MESSAGE_CHANNELS for name in listed_channels(channels))


def channel_names(channels: str) -> str:
    """Channels in words.

    Args:
        channels: with commas between them; empty for the usual order.
    """
    if channels in ASKED_CHANNELS:
        return text(*ASKED_CHANNELS[channels])
    return ", ".join(text(*MESSAGE_CHANNELS[name]) for name in listed_channels(channels))
