"""What the org does by itself or is made to do: Apex, jobs, packages, metadata, exceptions."""

from __future__ import annotations

import random

from orgsim.eventlog.scene import Scene, request_id
from orgsim.eventlog.text import escaped
from orgsim.eventlog.writers.line import cost, line, of_session
from orgsim.eventlog.writers.pages import acts
from orgsim.world.living import how_many

ENTRY_POINTS = (
    "QuoteBuilder.getQuote",
    "CaseRouter.route",
    "AccountBefore on Account trigger event BeforeUpdate",
    "TaxCallout.rate",
)
TRACE = """Class.{c}.run: line {n}, column 1
Class.{c}.execute: line {m}, column 1
AnonymousBlock: line 1, column 1"""


def size(scene: Scene) -> float:
    """How much goes on in an org of this size, 1 being two hundred people."""
    return min(10.0, len(scene.world.people) / 200)


def apex_execution(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, 0.8):
        values = {
            **of_session(session),
            **cost(rng, 60),
            "EXEC_TIME": str(rng.randrange(4, 400)),
            "DB_TOTAL_TIME": str(rng.randrange(1, 300)),  # milliseconds in this type
            "CALLOUT_TIME": "0",
            "NUMBER_SOQL_QUERIES": str(rng.randrange(0, 12)),
            "ENTRY_POINT": rng.choice(ENTRY_POINTS),
            "QUIDDITY": rng.choice("LRVX"),
            "IS_LONG_RUNNING_REQUEST": "0",
        }
        lines.append(line(scene, rng, "ApexExecution", at, session.user, values))
    return lines


def queued_execution(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for number in range(how_many(rng, 1.5 * size(scene))):
        values = {
            **cost(rng, 200),
            "URI": "FutureHandler",
            "REQUEST_STATUS": "S",
            "JOB_ID": f"7075g{rng.getrandbits(36):09x}0" if number % 2 else "",
            "ENTRY_POINT": rng.choice(("RenewalBatch", "PriceBookSync.sync", "")),
        }
        at = scene.start + rng.randrange(3_600_000)
        lines.append(line(scene, rng, "QueuedExecution", at, scene.world.automated, values))
    return lines


def unexpected_exception(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for _ in range(how_many(rng, 0.25 * size(scene))):
        kind = rng.choice(("System.NullPointerException", "System.DmlException"))
        name = rng.choice(("QuoteBuilder", "TaxCallout", "InvoiceService"))
        trace = TRACE.format(c=name, n=rng.randrange(5, 300), m=rng.randrange(5, 300))
        values = {
            "EXCEPTION_TYPE": kind,
            "EXCEPTION_MESSAGE": escaped(
                "Attempt to de-reference a null object"
                if "Null" in kind
                else 'Insert failed. First error: "Region" is required,\nplease fill it in'
            ),
            "STACK_TRACE": escaped(trace),
            "EXCEPTION_CATEGORY": "Apex",
        }
        at = scene.start + rng.randrange(3_600_000)
        user = rng.choice(scene.world.people).id
        lines.append(line(scene, rng, "ApexUnexpectedException", at, user, values))
    return lines


def cors_violation(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for _ in range(how_many(rng, 0.04)):
        values = {"HOST": scene.world.host, "ORIGIN": "https://intranet-test.example.com"}
        at = scene.start + rng.randrange(3_600_000)
        lines.append(line(scene, rng, "CorsViolation", at, None, values))
    return lines


def hostname_redirects(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, 0.01):
        source = f"{scene.world.slug}.na139.example.com"
        values = {
            **of_session(session),
            **cost(rng, 8),
            "URI": "/home/home.jsp",
            "MESSAGE": escaped("Redirected to the My Domain hostname"),
            "DOMAIN": source,
            "SOURCE_HOSTNAME": source,
            "TARGET_HOSTNAME": scene.world.host,
            "PATH": "/home/home.jsp",
            "REDIRECT_REASON": "LEGACY_HOSTNAME",
            "IS_BLOCKED_REDIRECTION": "0",
        }
        lines.append(line(scene, rng, "HostnameRedirects", at, session.user, values))
    return lines


def insecure_assets(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for session, at, _ in acts(scene, rng, 0.008):
        values = {
            **of_session(session),
            **cost(rng, 5),
            "ASSET_TYPE": "image",
            "DISPOSITION": "report",
            "DOCUMENT_URI": f"https://{scene.world.host}/apex/QuotePrint",
            "INSECURE_URI": "http://cdn.example.net/logo.png",
            "URI": "/_ui/common/request/servlet/CspReportServlet",
        }
        lines.append(line(scene, rng, "InsecureExternalAssets", at, session.user, values))
    return lines


def metadata_operation(scene: Scene, rng: random.Random) -> list[str]:
    developers = {p.id for p in scene.world.people if p.department == "IT"}
    lines = []
    for session, at, _ in acts(scene, rng, 0.5):
        if session.user in developers:
            values = {
                **of_session(session),
                **cost(rng, 300),
                "URI": "/services/Soap/m/65.0",
                "CLIENT_ID": "sfdx toolbelt",
                "OPERATION": rng.choice(("deploy", "retrieve", "listMetadata", "describeMetadata")),
                "API_VERSION": "65.0",
            }
            lines.append(line(scene, rng, "MetadataApiOperation", at, session.user, values))
    return lines


def package_install(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    if rng.random() < 0.004:
        values = {
            **cost(rng, 40_000),
            "URI": "/packaging/installPackage.apexp",
            "OPERATION_TYPE": "UPGRADE",
            "PACKAGE_NAME": rng.choice(("Chart Pack", "Signing Desk", "Deskhand Bridge")),
            "IS_MANAGED": "1",
            "IS_PUSH": "1",
            "IS_RELEASED": "1",
            "IS_SUCCESSFUL": "1",
        }
        at = scene.start + rng.randrange(3_600_000)
        lines.append(line(scene, rng, "PackageInstall", at, scene.world.automated, values))
    return lines


def group_membership(scene: Scene, rng: random.Random) -> list[str]:
    """From the audit trail, so that both tell the same."""
    trail = scene.org.store["SetupAuditTrail"]
    at = trail.type.position
    groups = scene.org.store["Group"].rows
    lines = []
    for row in trail.rows[-400:]:
        time = row[at["CreatedDate"]]
        if row[at["Action"]] == "groupMembership" and scene.start <= time < scene.start + 3_600_000:
            values = {
                **cost(rng, 120),
                "REQUEST_ID": request_id(rng),
                "URI": "/setup/own/groupdetail.jsp",
                "GROUP_ID": str(rng.choice(groups)[0])[:15],
                "GROUP_TYPE": "Regular",
                "MEMBER_ID": rng.choice(scene.world.people).id[:15],
                "OPERATION": "AddMember",
            }
            lines.append(line(scene, rng, "GroupMembership", time, row[at["CreatedById"]], values))
    return lines
