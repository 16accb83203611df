"""scratch: screenshots"""
from __future__ import annotations
from datetime import timedelta
import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from orgwarden.records import envelope
from orgwarden.records.models import *
from tests.journeys.test_pages import sign_in, serious
from tests.journeys.conftest import *
from orgwarden.flows.tell_destinations import Asked, keep

@pytest.mark.browser
def test_shots(pages, browser: Browser, axe, settings):
    envelope.prepare_key_file()
    now = timezone.now()
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEFAULT_FROM_EMAIL = "smtp.acme.example", 587, "orgwarden@acme.example"
    d = [keep(Asked("Security team", "email", "security-operations@acme.example"), actor="admin").destination,
     keep(Asked("Alerts channel", "slack", "https://hooks.slack.com/services/x"), actor="admin").destination,
     keep(Asked("Pager", "webhook", "https://events.pager.example/in"), actor="admin").destination,
     keep(Asked("Healthchecks", "heartbeat", "https://hc.acme.example/ping/x"), actor="admin").destination]
    Destination.objects.filter(pk=d[0].pk).update(last_ok_at=now - timedelta(hours=3))
    Destination.objects.filter(pk=d[2].pk).update(last_ok_at=now - timedelta(days=2), last_problem="events.pager.example answered 503.", last_problem_at=now - timedelta(minutes=4))
    Destination.objects.filter(pk=d[3].pk).update(enabled=False)
    WorkerBeat.objects.create(holder="elsewhere/x/1/1/1", started_at=now, seen_at=now)
    org = Org.objects.get(name="Globex EMEA")
    Incident.objects.create(org=org, kind="grant_expired", words="Grant Expired: Salesforce no longer honours our refresh token", fix="Reconnect the tenant and press Allow", opened_at=now - timedelta(hours=9), told_at=now)
    Incident.objects.create(org=Org.objects.get(name="Acme Production"), kind="source_dark", subject="users", words="Users went dark: View All Users is missing", fix="Give it", opened_at=now - timedelta(minutes=9), told_at=now, quiet_since=now)
    for n, (st, subj, prob) in enumerate([("sent","Acme Production is ready for review",""),("waiting","Globex EMEA: Grant Expired","events.pager.example answered 503."),("unclear","Acme UAT is ready for review","The worker ended after the whole message was given to the mail server and before its answer came, so it may have arrived. It is not sent again by itself."),("sent","Over: Acme Production: Error","")]):
        Message.objects.create(key=f"k{n}", event="ready", body={"subject": subj}, state=st, created_at=now-timedelta(minutes=5*n), due_at=now+timedelta(minutes=9), sent_at=now if st=="sent" else None, destination=d[n%3], problem=prob)
    for scheme in ("light","dark"):
        for w in (1440, 360):
            ctx = browser.new_context(viewport={"width": w, "height": 900}, color_scheme=scheme)
            page = ctx.new_page(); sign_in(page, pages)
            for name, path in [("list","/settings/notifications/"),("hook","/settings/notifications/add/webhook/"),("edit",f"/settings/notifications/{d[3].pk}/"),("integrations","/integrations/"),("del",f"/settings/notifications/{d[2].pk}/delete/")]:
                page.goto(pages+path)
                page.screenshot(path=f"/tmp/shots/{name}-{scheme}-{w}.png", full_page=True)
                print(name, scheme, w, serious(page, axe), page.evaluate("document.documentElement.scrollWidth"))
            ctx.close()
