"""The features a tenant can have, and which sources each reads.

Off means off: a source of no enabled feature is never called and its permissions are not asked
for. A feature appears here only when something is behind it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from orgwarden.catalog.sources import EVENT_STORES, SOURCES
from orgwarden.core.source import Source


@dataclass(frozen=True, slots=True)
class Feature:
    """One switch of a tenant. `sources` are ids of `catalog.sources`."""

    id: str
    title: str
    words: str
    sources: tuple[str, ...]


# Who may do what: both features judge apps and people by it.
ACCESS = (
    "profiles",
    "permission_sets",
    "permission_set_groups",
    "permission_set_group_components",
    "permission_set_assignments",
    "muting_permission_sets",
    "user_licenses",
    "permission_set_licenses",
    "permission_set_license_assignments",
    "second_factors",
    "user_logins",
)
# Apps: what is installed and made, and on which terms.
APPS = (
    "connected_applications",
    "external_client_apps",
    "external_client_app_scopes",
    "external_client_app_policies",
    "installed_packages",
    "blocked_apps",
)
# Files that strangers may reach.
FILES = ("content_distributions", "content_distribution_views", "content_document_links")
FEATURES: tuple[Feature, ...] = (
    Feature(
        id="app_governance",
        title="App Governance",
        words="Who and what uses the org: apps, integrations and people, and what they did.",
        sources=(
            "organization",
            "limits",
            "users",
            "login_history",
            "verification_history",
            "setup_audit_trail",
            "bulk_query_jobs",
            "bulk_ingest_jobs",
            "async_apex_jobs",
            "auth_sessions",
            "login_ips",
            *(s.id for s in EVENT_STORES),
            "event_log_file",
            *ACCESS,
            "setup_entity_access",
            *APPS,
            "oauth_tokens",
            "app_menu_items",
            *FILES,
            "package_licenses",
            "named_credentials",
            "remote_sites",
        ),
    ),
    Feature(
        id="sspm_scan",
        title="SSPM Scan",
        words="How the org is set up: settings and who changed them, users and their access.",
        sources=(
            "organization",
            "limits",
            "users",
            "setup_audit_trail",
            *ACCESS,
            "object_permissions",
            *APPS,
            *FILES,
            "settings",
            "named_credentials",
            "auth_providers",
            "saml_sso_configs",
            "csp_trusted_sites",
            "cors_whitelist_entries",
            "remote_sites",
            "certificates",
            "networks",
            "sites",
            "transaction_security_policies",
            "health_check",
            "health_check_risks",
        ),
    ),
)
FEATURE_IDS: tuple[str, ...] = tuple(f.id for f in FEATURES)


def featured(features: Collection[str]) -> tuple[Source, ...]:
    """The sources these features read, in the order they are read, whatever their tier."""
    wanted = {s for f in FEATURES if f.id in features for s in f.sources}
    return tuple(s for s in SOURCES if s.id in wanted)


def sources_for(features: Collection[str], tiers: Collection[str]) -> tuple[Source, ...]:
    """The sources that are called, in the order they are read."""
    return tuple(s for s in featured(features) if not s.tier or s.tier in tiers)


def left_out(features: Collection[str], tiers: Collection[str]) -> tuple[Source, ...]:
    """The sources of these features that are off because their tier was not opted in to."""
    return tuple(s for s in featured(features) if s.tier and s.tier not in tiers)
