"""What people do in the browser: pages, clicks, searches, reports, exports, files."""

from __future__ import annotations

import random
from collections.abc import Iterator

from orgsim.eventlog.scene import Scene, Session
from orgsim.eventlog.text import escaped
from orgsim.eventlog.writers.line import cost, line, moment, of_session, share
from orgsim.world.living import how_many

# events in an hour that a session is open
PAGE_VIEWS, CLICKS, URIS, AURA = 2.2, 3.0, 1.6, 2.0
SEARCHES, REPORTS, EXPORTS, FILES, CLASSIC = 0.3, 0.3, 0.02, 0.15, 0.15
WORDS = ("acme", "renewal", "invoice 2209", "garcia", 'the "big" one', "opal holdings")
TARGETS = ("save-record", "edit-record", "new-task", "list-view-picker", "tab-related")


def acts(
    scene: Scene, rng: random.Random, an_hour: float
) -> Iterator[tuple[Session, int, random.Random]]:
    """Moments of open sessions, as many as people make in an hour of each."""
    for session in scene.sessions:
        for _ in range(how_many(rng, an_hour * share(scene, session))):
            yield session, moment(scene, session, rng), rng


def record(scene: Scene, rng: random.Random) -> tuple[str, str]:
    """Some record of the org: its type and id."""
    kind = rng.choice(("Account", "Contact", "Case", "Opportunity"))
    rows = scene.org.store[kind].rows
    return kind, str(rng.choice(rows)[0]) if rows else ""


def host(scene: Scene) -> str:
    return f"{scene.world.slug}-lightning-force-com"


def lightning(session: Session, scene: Scene, rng: random.Random, at: int) -> dict[str, str]:
    """What all Lightning types say about the app and the machine it runs in."""
    name, _, version = session.browser.partition(" ")
    system, _, release = session.platform.partition(" ")
    kind, id18 = record(scene, rng)
    return {
        **of_session(session),
        "APP_NAME": "one:one",
        "DEVICE_PLATFORM": "SFX:BROWSER:DESKTOP",
        "OS_NAME": system.upper(),
        "OS_VERSION": release,
        "USER_AGENT": f"Mozilla/5.0 ({session.platform}) {name}/{version}",
        "BROWSER_NAME": name.upper(),
        "BROWSER_VERSION": version,
        "SDK_VERSION": "258",
        "SDK_APP_TYPE": "web",
        "CONNECTION_TYPE": "4g",
        "CLIENT_ID": session.session_key[:12],
        "DEVICE_ID": session.login_key,
        "DEVICE_SESSION_ID": session.session_key,
        "UI_EVENT_ID": "ltng:pageView",
        "UI_EVENT_SOURCE": "click",
        "UI_EVENT_TIMESTAMP": str(at),
        "UI_EVENT_SEQUENCE_NUM": str(rng.randrange(1, 200)),
        "PAGE_START_TIME": str(at - rng.randrange(400, 9000)),
        "PAGE_ENTITY_ID": id18,
        "PAGE_ENTITY_TYPE": kind,
        "PAGE_CONTEXT": "one:recordHomeFlexipage2",
        "PAGE_URL": f"/lightning/r/{kind}/{id18}/view",
        "PAGE_APP_NAME": "LightningSales",
    }


def page_view(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, PAGE_VIEWS):
        values = lightning(session, scene, rng, at)
        ept = rng.lognormvariate(7, 0.5)
        kind, id18 = record(scene, rng)
        values |= {
            "DURATION": f"{rng.lognormvariate(6.5, 0.6):.1f}",
            "EFFECTIVE_PAGE_TIME": f"{ept:.1f}",
            "PREVPAGE_ENTITY_ID": id18,
            "PREVPAGE_ENTITY_TYPE": kind,
            "PREVPAGE_CONTEXT": "force:objectHomeDesktop",
            "PREVPAGE_URL": f"/lightning/o/{kind}/list?filterName=Recent",
            "PREVPAGE_APP_NAME": "LightningSales",
        }
        lines.append(line(scene, rng, "LightningPageView", at, session.user, values))
    return lines


def interaction(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, CLICKS):
        values = lightning(session, scene, rng, at)
        values |= {
            "UI_EVENT_ID": "ltng:interaction",
            "UI_EVENT_TYPE": "user",
            "DURATION": f"{rng.lognormvariate(4, 0.7):.1f}",
            "TARGET_UI_ELEMENT": rng.choice(TARGETS),
            "PARENT_UI_ELEMENT": "actions-ribbon",
            "GRANDPARENT_UI_ELEMENT": "highlights-panel",
            "COMPONENT_NAME": "force:highlights2",
            "RECORD_TYPE": values["PAGE_ENTITY_TYPE"],
            "RECORD_ID": values["PAGE_ENTITY_ID"],
        }
        lines.append(line(scene, rng, "LightningInteraction", at, session.user, values))
    return lines


def uri(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, URIS):
        kind, id18 = record(scene, rng)
        classic = rng.random() < 0.2
        values = {
            **of_session(session),
            **cost(rng, 70),
            "URI": f"/{id18[:15]}" if classic else "/aura",
            "URI_ID_DERIVED": id18 if classic else "",
            "DB_BLOCKS": str(rng.randrange(5, 900)),
            "DB_CPU_TIME": str(rng.randrange(0, 40)),
            "REFERRER_URI": f"{host(scene)}/lightning/r/{kind}/{id18}/view",
            "REQUEST_STATUS": "S",
        }
        lines.append(line(scene, rng, "URI", at, session.user, values))
    return lines


def aura(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, AURA):
        message = "aura://RecordUiController/ACTION$getRecordWithFields"
        values = {
            **of_session(session),
            **cost(rng, 80),
            "URI": "/aura",
            "REQUEST_STATUS": "S",
            "USER_AGENT": "14013002",
            "REQUEST_METHOD": "POST",
            "ACTION_MESSAGE": message,
            "ACTION_MESSAGE_LENGTH": str(len(message)),
        }
        lines.append(line(scene, rng, "AuraRequest", at, session.user, values))
    return lines


def search(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, SEARCHES):
        word = rng.choice(WORDS).replace('"', '""""')
        values = {
            "QUERY_ID": f"{rng.getrandbits(60):013x}",
            "NUM_RESULTS": str(int(rng.lognormvariate(1.5, 1))),
            "SEARCH_QUERY": '""""""' + word + '*""""""',  # wrapped twice in real files
            "PREFIXES_SEARCHED": "001,003,006,500",
        }
        lines.append(line(scene, rng, "Search", at, session.user, values))
    return lines


def some_report(scene: Scene, rng: random.Random) -> tuple[str, str]:
    reports = scene.world.ids["Report"]
    name = rng.choice(list(reports))
    return name, reports[name]


def report(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, REPORTS):
        _, id18 = some_report(scene, rng)
        values = {
            **of_session(session),
            **cost(rng, 700),
            "URI": "/aura",
            "REQUEST_STATUS": "S",
            "ENTITY_NAME": rng.choice(("Opportunities", "Contacts & Accounts", "Cases")),
            "DISPLAY_TYPE": "T",
            "REPORT_ID": id18[:15],
            "REPORT_ID_DERIVED": id18,
            "ROW_COUNT": str(int(rng.lognormvariate(5, 1.2))),
            "NUMBER_EXCEPTION_FILTERS": "0",
            "NUMBER_COLUMNS": str(rng.randrange(4, 18)),
            "AVERAGE_ROW_SIZE": str(rng.randrange(120, 700)),
            "SORT": "CREATED_DATE.down",
            "DB_BLOCKS": str(rng.randrange(100, 9000)),
            "DB_CPU_TIME": str(rng.randrange(5, 400)),
            "NUMBER_BUCKETS": "0",
            "ORIGIN": "ReportRunFromLightning",
        }
        lines.append(line(scene, rng, "Report", at, session.user, values))
    return lines


def report_export(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, EXPORTS):
        name, id18 = some_report(scene, rng)
        values = {
            **of_session(session),
            **cost(rng, 1500),
            "URI": f"/{id18[:15]}",
            "URI_ID_DERIVED": id18,
            "CLIENT_INFO": f"{session.browser}/{session.platform}",
            "REPORT_DESCRIPTION": escaped(name),
        }
        lines.append(line(scene, rng, "ReportExport", at, session.user, values))
    return lines


def content_transfer(scene: Scene, rng: random.Random) -> list[str]:
    versions = scene.org.store["ContentVersion"]
    at_document, at_size, at_kind = (
        versions.type.position[n] for n in ("ContentDocumentId", "ContentSize", "FileType")
    )
    lines = []
    for session, at, _ in acts(scene, rng, FILES if versions.rows else 0):
        row = rng.choice(versions.rows)
        document, version = row[at_document], row[0]
        values = {
            "TRANSACTION_TYPE": rng.choice(("VersionDownloadAction", "VersionRenditionDownload")),
            "DOCUMENT_ID": document[:15],
            "DOCUMENT_ID_DERIVED": document,
            "VERSION_ID": version[:15],
            "VERSION_ID_DERIVED": version,
            "FILE_TYPE": row[at_kind],
            "SIZE_BYTES": str(row[at_size]),
        }
        lines.append(line(scene, rng, "ContentTransfer", at, session.user, values))
    return lines


def visualforce(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, CLASSIC):
        page = rng.choice(("/apex/QuotePrint", "/apex/CaseTimeline"))
        values = {
            **of_session(session),
            **cost(rng, 140),
            "URI": page,
            "REQUEST_STATUS": "S",
            "PAGE_NAME": page,
            "REQUEST_TYPE": "page",
            "IS_FIRST_REQUEST": "1",
            "HTTP_METHOD": "GET",
            "USER_AGENT": "14013002",
            "REQUEST_SIZE": str(rng.randrange(500, 6000)),
            "RESPONSE_SIZE": str(rng.randrange(2000, 90_000)),
            "VIEW_STATE_SIZE": "0",
            "CONTROLLER_TYPE": "0",
            "IS_AJAX_REQUEST": "0",
            "DB_BLOCKS": str(rng.randrange(20, 800)),
            "DB_CPU_TIME": str(rng.randrange(0, 60)),
        }
        lines.append(line(scene, rng, "VisualforceRequest", at, session.user, values))
    return lines
