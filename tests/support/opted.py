"""What is on in the tenants that tests connect: every feature, and of the tiers the sign-ins."""

from __future__ import annotations

from orgwarden.catalog.features import FEATURE_IDS, sources_for

ON = sources_for(FEATURE_IDS, ("sign_ins",))
