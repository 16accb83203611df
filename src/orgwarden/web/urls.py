"""The pages' addresses."""

from __future__ import annotations

from django.urls import path, re_path

from orgwarden.catalog.platforms import PLATFORMS
from orgwarden.web import (
    activity,
    adding,
    audit_page,
    consent_pages,
    deleting,
    editing,
    exports,
    headers,
    health,
    integrations,
    limits_page,
    managing,
    metrics,
    notifications,
    orgs,
    overview,
    people,
    preferences_page,
    reconnecting,
    settings_page,
    signing_urls,
    support,
    testing,
)
from orgwarden.web.api import urls as api_urls

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("activity/", activity.activity, name="activity"),
    path("activity/event/", activity.event, name="event"),
    path("activity/export.<str:form>", exports.export, name="export"),
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/quick/salesforce/", adding.quick, name="quick-connect"),
    *(
        path(f"integrations/add/{p.id}/", adding.add, {"platform": p.id}, name=f"add-{p.id}")
        for p in PLATFORMS
    ),
    path("connect/callback", consent_pages.callback, name="consent-callback"),
    path("connect/<int:pk>/", consent_pages.connection, name="connection"),
    path("connect/<int:pk>/consent/", consent_pages.consent, name="connection-consent"),
    path("connect/<int:pk>/confirm/", consent_pages.confirm, name="connection-confirm"),
    path("connect/<int:pk>/give-up/", consent_pages.give_up, name="connection-give-up"),
    path("connect/<int:pk>/stop/", consent_pages.stop, name="connection-stop"),
    path("connect/<int:pk>/package/", consent_pages.package, name="connection-package"),
    path("connect/<int:pk>/certificate/", consent_pages.certificate, name="connection-certificate"),
    path("orgs/<slug:key>/", orgs.org, name="org"),
    path("orgs/<slug:key>/collect/", managing.collect, name="collect"),
    path("orgs/<slug:key>/test/", testing.test, name="test"),
    path("orgs/<slug:key>/tests/<int:number>/", testing.result, name="test-result"),
    path(
        "orgs/<slug:key>/tests/<int:number>/result.<str:form>",
        testing.download,
        name="test-download",
    ),
    path("orgs/<slug:key>/pause/", managing.pause, name="pause"),
    path("orgs/<slug:key>/resume/", managing.resume, name="resume"),
    path("orgs/<slug:key>/edit/", editing.edit, name="edit"),
    path("orgs/<slug:key>/budget/", limits_page.limits, name="limits"),
    path("orgs/<slug:key>/reconnect/", reconnecting.reconnect, name="reconnect"),
    path("orgs/<slug:key>/support-bundle/", support.bundle, name="support-bundle"),
    path("orgs/<slug:key>/delete/", deleting.delete, name="delete"),
    path("integrations/deleted/", deleting.receipts, name="receipts"),
    path("csp-report/", headers.csp_report, name="csp-report"),
    path("audit/", audit_page.page, name="audit"),
    path("audit/export.<str:form>", audit_page.export, name="audit-export"),
    path("settings/", settings_page.settings, name="settings"),
    path("settings/collecting/", preferences_page.preferences_page, name="preferences"),
    path("settings/people/", people.listing, name="people"),
    path("settings/people/add/", people.add, name="add-person"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    re_path(
        r"^settings/people/(?P<pk>\d+)/(?P<what>on|off|password|factor|remove)/$",
        people.act,
        name="person-act",
    ),
    *signing_urls.urlpatterns,
    path("settings/notifications/", notifications.listing, name="notifications"),
    path("settings/notifications/add/<slug:kind>/", notifications.add, name="add-notification"),
    path("settings/notifications/<int:pk>/", notifications.edit, name="edit-notification"),
    path("settings/notifications/<int:pk>/test/", notifications.test, name="test-notification"),
    path(
        "settings/notifications/<int:pk>/delete/",
        notifications.delete,
        name="delete-notification",
    ),
    path(
        "settings/notifications/messages/<int:pk>/again/",
        notifications.again,
        name="message-again",
    ),
    path("health/", health.health, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    *api_urls.urlpatterns,
]
