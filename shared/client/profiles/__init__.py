"""Profiles: what the seeds of this platform tell of real desks, as data that a simulation plays."""

from __future__ import annotations

from shared.client.profiles.model import Profile, load_profile, profile_names

__all__ = ["Profile", "load_profile", "profile_names"]
