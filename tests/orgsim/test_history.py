"""LoginHistory tells of every sign-in by OAuth and on the page, failed ones too."""

from __future__ import annotations

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.test_oauth import Browser, ask, redeem


def told(server: OrgServer) -> list[tuple[str, str, str | None, str, str]]:
    """The rows that came after those the org was made with."""
    table = server.org.store["LoginHistory"]
    names = ("UserId", "LoginType", "LoginSubType", "Application", "Status")
    return [
        (str(server.people.value(user, "FirstName")), *rest)
        for user, *rest in (
            [table.value(at, name) for name in names]
            for at in range(standin.LOGINS, len(table.rows))
        )
    ]


def test_every_way_in_is_told() -> None:
    org = standin.make_org(speed=1)
    oauth, page = "Remote Access 2.0", ("Application", "UI Username-Password", "Browser")
    with standin.serving(org) as server:
        token = redeem(server)["refresh_token"]
        assert told(server) == [
            ("Anna", *page, "Success"),
            ("Anna", oauth, "OAuth Web Server", "Everyday", "Success"),
        ]
        ask(server, grant_type="refresh_token", refresh_token=token)
        ask(server, "Robot", grant_type="client_credentials")
        ask(server, "Robot", grant_type="client_credentials", client_secret="wrong")
        browser = Browser(server)
        browser.submit(browser.open("Everyday"), username="bert@example.org", password="wrong")
        browser.submit(browser.open("Everyday"), username="nobody@example.org", password="wrong")
        anna = server.people.by_username("anna@example.org") or ""
        server.people.freeze(anna)
        browser.sign_in(browser.open("Everyday"))
        ask(server, grant_type="refresh_token", refresh_token=token)
        assert told(server)[2:] == [
            ("Anna", oauth, "OAuth Refresh Token", "Everyday", "Success"),
            ("Robot", oauth, "OAuth Client Credentials", "Robot", "Success"),
            ("Robot", oauth, "OAuth Client Credentials", "Robot",
             "Failed: Invalid client credentials"),
            ("Bert", *page, "Invalid Password"),
            ("Anna", *page, "Failed: User is frozen"),
            ("Anna", oauth, "OAuth Refresh Token", "Everyday", "Failed: User is frozen"),
        ]  # fmt: skip


def test_a_row_is_seen_within_a_second_and_is_in_the_ledger() -> None:
    org = standin.make_org(speed=1)
    with standin.serving(org) as server:
        asked = org.clock.now()
        ask(server, "Robot", grant_type="client_credentials")
        table = org.store["LoginHistory"]
        made = org.clock.now()
        assert asked - 1000 <= table.value(len(table.rows) - 1, "LoginTime") <= made
        assert 0 < table.visible_from[-1] - table.value(len(table.rows) - 1, "LoginTime") <= 1000
        robot = server.people.by_username("robot@example.org") or ""
        assert server.people.value(robot, "LastLoginDate") is not None


def test_a_frozen_org_tells_nothing_new(server: OrgServer) -> None:
    redeem(server)
    assert told(server) == []
