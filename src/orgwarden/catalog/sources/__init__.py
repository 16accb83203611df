"""What is collected. One module per source, each with one `SOURCE`; this tuple is the list.
`whole`, `bulk_jobs`, `stored_event` and `powers` are what some of them share.

Event log files are a family: `event_log_file.FAMILY` lists them, each event type the org has
becomes a source by `event_log_file.of_type`.
"""

from orgwarden.catalog.sources import (
    api_anomaly_events,
    api_events,
    app_menu_items,
    async_apex_jobs,
    auth_providers,
    auth_sessions,
    blocked_apps,
    bulk_api_result_events,
    bulk_ingest_jobs,
    bulk_query_jobs,
    certificates,
    connected_applications,
    content_distribution_views,
    content_distributions,
    content_document_links,
    cors_whitelist_entries,
    credential_stuffing_events,
    csp_trusted_sites,
    entity_changes,
    event_log_file,
    external_client_app_policies,
    external_client_app_scopes,
    external_client_apps,
    file_events,
    guest_user_anomaly_events,
    health_check,
    health_check_risks,
    installed_packages,
    limits,
    list_view_events,
    login_anomaly_events,
    login_as_events,
    login_events,
    login_history,
    login_ips,
    logout_events,
    muting_permission_sets,
    named_credentials,
    networks,
    oauth_tokens,
    object_permissions,
    organization,
    package_licenses,
    permission_set_assignments,
    permission_set_events,
    permission_set_group_components,
    permission_set_groups,
    permission_set_license_assignments,
    permission_set_licenses,
    permission_sets,
    profiles,
    remote_sites,
    report_anomaly_events,
    report_events,
    saml_sso_configs,
    second_factors,
    session_hijacking_events,
    settings,
    setup_audit_trail,
    setup_entity_access,
    sites,
    transaction_security_policies,
    uri_events,
    user_licenses,
    user_logins,
    users,
    verification_history,
)
from orgwarden.catalog.sources.event_log_types import SPELLED
from orgwarden.core.source import Source

# Real-time events that the org stores, what tells of harm soonest first.
EVENT_STORES: tuple[Source, ...] = (
    login_events.SOURCE,
    logout_events.SOURCE,
    login_as_events.SOURCE,
    api_events.SOURCE,
    report_events.SOURCE,
    list_view_events.SOURCE,
    uri_events.SOURCE,
    bulk_api_result_events.SOURCE,
    permission_set_events.SOURCE,
    file_events.SOURCE,
    session_hijacking_events.SOURCE,
    credential_stuffing_events.SOURCE,
    report_anomaly_events.SOURCE,
    api_anomaly_events.SOURCE,
    guest_user_anomaly_events.SOURCE,
    login_anomaly_events.SOURCE,
)
# In the order they are read: who people are before what they did, what Salesforce forgets before
# what it keeps, and what may take hours last.
SOURCES: tuple[Source, ...] = (
    organization.SOURCE,
    limits.SOURCE,
    users.SOURCE,
    login_history.SOURCE,
    bulk_query_jobs.SOURCE,
    bulk_ingest_jobs.SOURCE,
    verification_history.SOURCE,
    setup_audit_trail.SOURCE,
    async_apex_jobs.SOURCE,
    auth_sessions.SOURCE,
    login_ips.SOURCE,
    oauth_tokens.SOURCE,
    profiles.SOURCE,
    permission_sets.SOURCE,
    permission_set_groups.SOURCE,
    permission_set_group_components.SOURCE,
    permission_set_assignments.SOURCE,
    muting_permission_sets.SOURCE,
    object_permissions.SOURCE,
    user_licenses.SOURCE,
    permission_set_licenses.SOURCE,
    permission_set_license_assignments.SOURCE,
    second_factors.SOURCE,
    user_logins.SOURCE,
    setup_entity_access.SOURCE,
    connected_applications.SOURCE,
    blocked_apps.SOURCE,
    app_menu_items.SOURCE,
    external_client_apps.SOURCE,
    external_client_app_scopes.SOURCE,
    external_client_app_policies.SOURCE,
    installed_packages.SOURCE,
    package_licenses.SOURCE,
    named_credentials.SOURCE,
    auth_providers.SOURCE,
    saml_sso_configs.SOURCE,
    csp_trusted_sites.SOURCE,
    cors_whitelist_entries.SOURCE,
    remote_sites.SOURCE,
    certificates.SOURCE,
    networks.SOURCE,
    sites.SOURCE,
    transaction_security_policies.SOURCE,
    content_distributions.SOURCE,
    content_distribution_views.SOURCE,
    content_document_links.SOURCE,
    settings.SOURCE,
    health_check.SOURCE,
    health_check_risks.SOURCE,
    *EVENT_STORES,
    event_log_file.FAMILY,
)
# Not called: made out of what the others read.
MADE: tuple[Source, ...] = (entity_changes.SOURCE,)
BY_ID = {s.id: s for s in (*SOURCES, *MADE)}


def source_of(source_id: str, event_type: str = "") -> Source:
    """The declaration behind a source id, `event_log_<type>` included.

    `event_type` gives the type's spelling where it is known; a type not in the catalog is taken
    as its lower-case form. Raises KeyError for any other id.
    """
    if source_id in BY_ID:
        return BY_ID[source_id]
    if not source_id.startswith(event_log_file.PREFIX):
        raise KeyError(source_id)
    lower = source_id.removeprefix(event_log_file.PREFIX)
    return event_log_file.of_type(event_type or SPELLED.get(lower, lower))
