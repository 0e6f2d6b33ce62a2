//! Which members of documents keep their name, and which keep their value.

/// Members whose values are words of Azure: states, sizes, versions, regions, kinds.
const KEPT_VALUES: [&str; 72] = [
    "access",
    "action",
    "administratorType",
    "autoGrow",
    "autoIoScaling",
    "availabilityZone",
    "backupType",
    "batchOfMaintenance",
    "bypass",
    "category",
    "categoryGroup",
    "complianceState",
    "createMode",
    "createdByType",
    "customWindow",
    "dataType",
    "defaultAction",
    "destinationPortRange",
    "destinationPortRanges",
    "direction",
    "exemptionCategory",
    "family",
    "fullVersion",
    "geoRedundantBackup",
    "groupIds",
    "groupId",
    "isConfigPendingRestart",
    "isDynamicConfig",
    "isReadOnly",
    "keyOps",
    "key_ops",
    "kind",
    "kty",
    "lastModifiedByType",
    "level",
    "location",
    "locations",
    "logOnDisk",
    "mode",
    "patchStrategy",
    "policyDefinitionAction",
    "policyDefinitionVersion",
    "policyEvaluationResult",
    "policySetDefinitionVersion",
    "pricingTier",
    "primaryLocation",
    "principalType",
    "privateEndpointNetworkPolicies",
    "privateLinkServiceNetworkPolicies",
    "protocol",
    "provisioningState",
    "publicNetworkAccess",
    "recoveryLevel",
    "region",
    "replicationRole",
    "resourceType",
    "service",
    "serviceName",
    "source",
    "sourcePortRange",
    "sourcePortRanges",
    "standbyAvailabilityZone",
    "state",
    "status",
    "storageRedundancy",
    "storageSku",
    "subPlan",
    "tier",
    "type",
    "version",
    "zones",
    "curveName",
];

/// Members that name addresses or the tags of Microsoft's services.
const ADDRESSES: [&str; 4] = [
    "sourceAddressPrefix",
    "sourceAddressPrefixes",
    "destinationAddressPrefix",
    "destinationAddressPrefixes",
];

/// Members beside those that keep their values which documents have, by name.
const MEMBERS: [&str; 1] = [""];

/// Whether a value that stands in the member `name`, of one that stands in the member `above`, keeps a plain word.
pub fn is_kept_value(above: &str, name: &str) -> bool {
    KEPT_VALUES.contains(&name) || ADDRESSES.contains(&name) || (above == "sku" && name == "name")
}

/// Whether a member keeps its name.
pub fn is_known_member(name: &str) -> bool {
    KEPT_VALUES.contains(&name) || ADDRESSES.contains(&name) || MEMBERS.contains(&name)
}
