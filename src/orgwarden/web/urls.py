"""The pages' addresses."""

from __future__ import annotations

from django.urls import path, re_path

from orgwarden.web import (
    activity,
    adding,
    exports,
    health,
    integrations,
    managing,
    orgs,
    overview,
    signin,
)
from orgwarden.web.api import gate

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("activity/", activity.activity, name="activity"),
    path("activity/event/", activity.event, name="event"),
    path("activity/export.<str:form>", exports.export, name="export"),
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/add/salesforce/", adding.add, name="add-salesforce"),
    path("connect/callback", adding.callback, name="consent-callback"),
    path("orgs/<slug:key>/", orgs.org, name="org"),
    path("orgs/<slug:key>/collect/", managing.collect, name="collect"),
    path("orgs/<slug:key>/test/", managing.test, name="test"),
    path("orgs/<slug:key>/delete/", managing.delete, name="delete"),
    path("sign-in/", signin.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("health/", health.health, name="health"),
    re_path(r"^api/v1/(?P<rest>.*)$", gate.gate, name="api"),
]
