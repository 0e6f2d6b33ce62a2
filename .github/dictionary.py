#!/usr/bin/env python3
"""Writes the dictionary that bodies of documents are compressed with to standard output:

    python3 .github/dictionary.py > assets/store/dictionary-1.json

One JSON document a line, in the form in which documents are stored: members sorted, no spaces. zstd refers back to it.
First the server parameters, by the names and defaults of the simulator, each as far as it differs from others: what
follows is the same as in a parameter before it, and the file stays within 64 KiB. Then a document of every kind, the
most common text last. Every id, name and address is made up here.

A version that was released is never changed: scans on disk need it byte by byte. A better one is a new version.
"""

import json
from pathlib import Path

PARAMETERS = Path(__file__).parent.parent / "src/simulator/parameters.txt"
TYPES = {"B": "Enumeration", "E": "Enumeration", "I": "Integer", "T": "Set"}
ZERO = "00000000-0000-0000-0000-000000000000"
SUBSCRIPTION = f"/subscriptions/{ZERO}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/group"
PROVIDER = "Microsoft.DBforMySQL/flexibleServers"
SERVER = f"{GROUP}/providers/{PROVIDER}/server"
TIME = "2000-01-01T00:00:00"


def parameters():
    """The parameters of the supported versions, shortened."""
    for line in PARAMETERS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, letter, default, _, _, versions, platform = line.split("|")[:7]
        if versions == "5":
            continue
        properties = {}
        if value := platform or default:
            properties["currentValue"] = value.replace("{server}", "server").replace("{number}", "0")
        if (kind := TYPES.get(letter, "String")) != "Enumeration":
            properties |= {"dataType": kind, "defaultValue": default}
        yield {"id": f"/{name}", "name": name, "properties": properties}


def child(kind, name, properties):
    return {"id": f"{SERVER}/{kind}/{name}", "name": name, "properties": properties, "type": f"{PROVIDER}/{kind}"}


def configuration(name, value, default, kind, dynamic, read_only, source):
    properties = {
        "currentValue": value, "dataType": kind, "defaultValue": default, "isConfigPendingRestart": "False",
        "isDynamicConfig": dynamic, "isReadOnly": read_only, "source": source, "value": value,
    }
    return child("configurations", name, properties)


def rule(name, start, end):
    return child("firewallRules", name, {"endIpAddress": end, "startIpAddress": start})


def backup(day):
    return child("backups", f"daily_2000010{day}T000000", {
        "backupType": "FULL", "completedTime": f"2000-01-0{day}T00:00:00.0000000+00:00", "source": "Automatic",
    })


def endpoint(status):
    return child("privateEndpointConnections", f"endpoint.{ZERO}", {
        "groupIds": ["mysqlServer"],
        "privateEndpoint": {"id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/endpoint"},
        "privateLinkServiceConnectionState": {"actionsRequired": "None", "description": "", "status": status},
        "provisioningState": "Succeeded",
    })


def server(network, **more):
    """The full form of a server. The row in the inventory has the same members and fewer."""
    properties = {
        "administratorLogin": "mysqladmin", "availabilityZone": "1",
        "backup": {
            "backupIntervalHours": 24, "backupRetentionDays": 7,
            "earliestRestoreDate": f"{TIME}.0000000+00:00", "geoRedundantBackup": "Disabled",
        },
        "databasePort": 3306, "fullVersion": "8.0.42",
        "fullyQualifiedDomainName": "server.mysql.database.azure.com",
        "highAvailability": {"mode": "Disabled", "standbyAvailabilityZone": "", "state": "NotEnabled"},
        "maintenancePolicy": {"patchStrategy": "Regular"},
        "maintenanceWindow": {
            "batchOfMaintenance": "Default", "customWindow": "Disabled",
            "dayOfWeek": 0, "startHour": 0, "startMinute": 0,
        },
        "network": network, "privateEndpointConnections": [], "replicaCapacity": 10, "replicationRole": "None",
        "state": "Ready",
        "storage": {
            "autoGrow": "Enabled", "autoIoScaling": "Enabled", "iops": 1000, "logOnDisk": "Disabled",
            "storageRedundancy": "LocalRedundancy", "storageSizeGB": 128, "storageSku": "Premium_LRS",
        },
        "version": "8.0.21",
    }
    return {
        "id": SERVER, "location": "West Europe", "name": "server", "properties": properties | more,
        "sku": {"name": "Standard_D4ads_v5", "tier": "GeneralPurpose"},
        "systemData": {"createdAt": f"{TIME}.0000000Z"},
        "tags": {"app": "", "env": "prod", "owner": "", "team": ""}, "type": PROVIDER,
    }


def inventory(network):
    row = server(network)
    properties = row["properties"]
    for member in (
        "databasePort", "fullVersion", "maintenancePolicy", "maintenanceWindow", "privateEndpointConnections",
    ):
        del properties[member]
    del properties["backup"]["backupIntervalHours"]
    for member in ("autoIoScaling", "logOnDisk", "storageRedundancy"):
        del properties["storage"][member]
    del row["systemData"]
    return row | {
        "identity": None, "location": "westeurope", "resourceGroup": "group", "subscriptionId": ZERO,
        "tenantId": ZERO, "type": PROVIDER.lower(),
    }


def documents():
    yield from parameters()
    identity = f"{SUBSCRIPTION}/resourcegroups/group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity"
    integrated = {
        "delegatedSubnetResourceId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/network/subnets/subnet",
        "privateDnsZoneResourceId":
            f"{GROUP}/providers/Microsoft.Network/privateDnsZones/server.private.mysql.database.azure.com",
        "publicNetworkAccess": "Disabled",
    }
    key = "https://vault.vault.azure.net/keys/key"
    yield server(
        integrated,
        dataEncryption={
            "geoBackupKeyURI": key, "geoBackupUserAssignedIdentityId": identity,
            "primaryKeyURI": key, "primaryUserAssignedIdentityId": identity, "type": "AzureKeyVault",
        },
        highAvailability={"mode": "ZoneRedundant", "standbyAvailabilityZone": "2", "state": "Healthy"},
        privateEndpointConnections=[endpoint("Pending"), endpoint("Approved")],
        replicationRole="Replica", sourceServerResourceId=SERVER, state="Stopped",
    ) | {"identity": {
        "type": "UserAssigned", "userAssignedIdentities": {identity: {"clientId": ZERO, "principalId": ZERO}},
    }}
    yield {"value": [backup(2), backup(1)]}
    yield {"value": [child("administrators", "ActiveDirectory", {
        "administratorType": "ActiveDirectory", "identityResourceId": identity, "login": "login", "sid": ZERO,
        "tenantId": ZERO,
    })]}
    yield {"value": [
        rule("AllowAllAzureServicesAndResourcesWithinAzureIps_2000-1-1_0-0-0", "0.0.0.0", "0.0.0.0"),
        rule("ClientIPAddress_2000-1-1_0-0-0", "192.0.2.1", "192.0.2.1"),
        rule("AllowAll_2000-1-1_0-0-0", "0.0.0.0", "255.255.255.255"),
    ]}
    public = {"publicNetworkAccess": "Enabled"}
    yield inventory(public)
    yield server(public)
    yield {"value": [
        configuration("audit_log_enabled", "ON", "OFF", "Enumeration", "True", "False", "user-override"),
        configuration("back_log", "80", "80", "Integer", "False", "True", "system-default"),
        configuration("auto_increment_offset", "1", "1", "Integer", "True", "False", "system-default"),
    ]}


for document in documents():
    print(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
