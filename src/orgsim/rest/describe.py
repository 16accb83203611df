"""The resource map, the global describe and the describe of one object, key by key."""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from orgsim.rest.call import Call
from orgsim.schema import Field, ObjectType
from orgsim.soql.dates import DAY_MS
from orgsim.wire import ApiError, Reply, answer

RESOURCES = (
    "analytics", "appMenu", "chatter", "composite", "connect", "dedupe", "jobs", "jsonxform",
    "licensing", "limits", "metadata", "nouns", "parameterizedSearch", "query", "queryAll",
    "quickActions", "recent", "search", "sobjects", "support", "tabs", "theme", "tooling", "ui-api",
    "wave",
)  # fmt: skip
SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "datetime": "xsd:dateTime",
    "date": "xsd:date",
    "base64": "xsd:base64Binary",
}


def resources(call: Call) -> Reply:
    made = {name: f"/services/data/v{call.version}/{name}" for name in RESOURCES}
    server = call.server
    made["identity"] = f"{server.base_url}/id/{server.org.id}/{call.session.user_id}"
    return answer(made)


def visible(call: Call) -> list[ObjectType]:
    """The object types this caller may see through this API."""
    asker = call.asker
    return [t for t in call.server.org.store.types.values() if asker.sees(t)]


def find(call: Call, name: str) -> ObjectType:
    """The object type at a path; 404 when the caller may not see it."""
    try:
        return call.asker.type_of(name)
    except ApiError:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist") from None


def outline(call: Call, type: ObjectType) -> dict[str, Any]:
    """What global describe says of an object."""
    label = type.label or type.name
    urls = {
        "sobject": f"{call.root}/sobjects/{type.name}",
        "describe": f"{call.root}/sobjects/{type.name}/describe",
        "rowTemplate": f"{call.root}/sobjects/{type.name}/{{ID}}",
    }
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": "create" in type.calls,
        "custom": type.name.endswith("__c"),
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "delete" in type.calls,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": type.prefix or None,
        "label": label,
        "labelPlural": label if label.endswith("s") else label + "s",
        "layoutable": False,
        "mergeable": False,
        "mruEnabled": False,
        "name": type.name,
        "queryable": "query" in type.calls,
        "replicateable": "create" in type.calls or "update" in type.calls,
        "retrieveable": "retrieve" in type.calls,
        "searchable": False,
        "triggerable": False,
        "undeletable": False,
        "updateable": "update" in type.calls,
        "urls": urls,
    }


def everything(call: Call) -> Reply:
    sobjects = [outline(call, t) for t in sorted(visible(call), key=lambda t: t.name)]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects})


def describe(call: Call, type: ObjectType) -> Reply:
    """The full describe. Unchanged since `If-Modified-Since`: 304."""
    server = call.server
    # Nothing but a hidden column changes a describe after the night before the org began.
    modified = max(server.org.options.now_ms // DAY_MS * DAY_MS, server.hidden_ms) // 1000
    headers = [("Last-Modified", formatdate(modified, usegmt=True))]
    since = _seconds(call.request.headers.get("if-modified-since", ""))
    if since is not None and since >= modified:
        return Reply(status=304, headers=headers)
    made = outline(call, type) | {
        "actionOverrides": [],
        "childRelationships": _children(call, type),
        "compactLayoutable": False,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field(f, type) for f in type.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": False,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All", "name": "everything"}],
    }
    return answer(made, headers=headers)


def _seconds(date: str) -> float | None:
    """Epoch seconds of a header's date."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def basic(call: Call, type: ObjectType) -> Reply:
    return answer({"objectDescribe": outline(call, type), "recentItems": []})


def _children(call: Call, type: ObjectType) -> list[dict[str, Any]]:
    held = {t.name for t in visible(call)}
    return [
        {
            "cascadeDelete": False,
            "childSObject": c.object,
            "deprecatedAndHidden": False,
            "field": c.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": c.relationship,
            "restrictedDelete": False,
        }
        for c in type.children
        if c.object in held
    ]


def field(f: Field, type: ObjectType) -> dict[str, Any]:
    """One field, with every key real describes have."""
    text = f.type not in SOAP
    length = f.length or (18 if f.type in ("id", "reference") else 255 if text else 0)
    picklist = f.type in ("picklist", "multipicklist")
    precision = 18 if f.type in ("double", "currency", "percent") else 0
    return {
        "aggregatable": f.filterable and f.groupable,
        "aiPredictionField": False,
        "autoNumber": False,
        "byteLength": length * 3 if text else length,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": None,
        "controllerName": None,
        "createable": f.createable,
        "custom": f.name.endswith("__c"),
        "defaultValue": False if f.type == "boolean" else None,
        "defaultValueFormula": None,
        "defaultedOnCreate": f.type == "boolean" or f.name == "Id",
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 9 if f.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": f.type == "encryptedstring",
        "externalId": False,
        "extraTypeInfo": None,
        "filterable": f.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": f.groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": f.name in ("Id", "Username"),
        "inlineHelpText": None,
        "label": f.label or f.name,
        "length": length,
        "mask": None,
        "maskType": None,
        "name": f.name,
        "nameField": f.name == "Name",
        "namePointing": len(f.reference_to) > 1,
        "nillable": f.nillable,
        "permissionable": False,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": v, "validFor": None, "value": v}
            for v in f.values
        ],
        "polymorphicForeignKey": len(f.reference_to) > 1,
        "precision": precision,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(f.reference_to),
        "relationshipName": f.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": picklist,
        "scale": 0,
        "searchPrefilterable": False,
        "soapType": SOAP.get(f.type, "xsd:string"),
        "sortable": f.sortable,
        "type": f.type,
        "unique": f.name == "Username" and type.name == "User",
        "updateable": f.updateable,
        "writeRequiresMasterRead": False,
    }
