#!/usr/bin/env python3
"""Writes the table of real Azure CLI commands that the fixes are tested against, or checks command lines with the CLI itself.

    python3 -m venv /tmp/cli && /tmp/cli/bin/pip install azure-cli
    /tmp/cli/bin/python .github/azure_cli_table.py > tests/it/data/azure-cli-commands.json
    /tmp/cli/bin/python .github/azure_cli_table.py check < lines.txt

The table is read out of the installed CLI: no sign-in, no request. It holds, for every command that the fixes use, its
options with all spellings, which are required, the values that the CLI lists, and what is deprecated; and REFUSALS, facts
that were read in the CLI's source. A refusal names the file and the function; when that function is gone, or its text is
no longer the one that was read, this script fails, and the fact is to be read again.

`check` takes a command line from every line of standard input that starts with `az `, puts a stand-in for variables, and
gives it to the CLI's own parser and argument validators, up to the point where they would ask Azure.
"""

import hashlib
import importlib
import inspect
import json
import os
import shlex
import sys
import tempfile

# An empty configuration: no extensions, no defaults of whoever runs this.
os.environ["AZURE_CONFIG_DIR"] = tempfile.mkdtemp(prefix="azure-cli-table-")
os.environ["AZURE_EXTENSION_DIR"] = tempfile.mkdtemp(prefix="azure-cli-table-")

from azure.cli.core import __version__ as core_version, get_default_cli  # noqa: E402
from azure.cli.core.commands.arm import register_global_subscription_argument  # noqa: E402
from azure.cli.core.commands.events import (  # noqa: E402
    EVENT_INVOKER_POST_LOAD_ARGUMENTS,
    EVENT_INVOKER_PRE_LOAD_ARGUMENTS,
)

# Every command that a fix uses. A command that is not here makes the test of the fixes fail.
COMMANDS = [
    "keyvault key rotate",
    "keyvault key rotation-policy update",
    "keyvault key set-attributes",
    "keyvault update",
    "keyvault update-hsm",
    "lock create",
    "lock delete",
    "monitor diagnostic-settings create",
    "monitor diagnostic-settings delete",
    "mysql flexible-server ad-admin create",
    "mysql flexible-server ad-admin delete",
    "mysql flexible-server advanced-threat-protection-setting update",
    "mysql flexible-server backup create",
    "mysql flexible-server backup delete",
    "mysql flexible-server firewall-rule create",
    "mysql flexible-server firewall-rule delete",
    "mysql flexible-server identity assign",
    "mysql flexible-server parameter set",
    "mysql flexible-server restart",
    "mysql flexible-server update",
    "mysql flexible-server upgrade",
    "network nsg rule update",
    "network private-endpoint create",
    "network private-endpoint delete",
    "network private-endpoint dns-zone-group create",
    "network private-endpoint-connection approve",
    "network private-endpoint-connection reject",
    "network vnet subnet update",
    "policy assignment create",
    "policy assignment delete",
    "rest",
    "security pricing create",
    "tag update",
]

MYSQL = "azure.cli.command_modules.mysql."
SERVER = "mysql flexible-server "

# What the CLI refuses beyond its table of options. `digest` is that of the function's source as it was read.
#
# together   the options come all or not at all           needs      an option asks for another one
# alone      beside it, the other options of the command are dropped in silence
# range      a whole number from `least` to `most`        form       the value has this form
# one-of     the value, without case, is one of these     server     refused for a server in this state
REFUSALS = [
    {"command": SERVER + "update", "kind": "together", "options": ["--identity", "--key"],
     "source": "_validators:_mysql_byok_validator"},
    {"command": SERVER + "update", "kind": "together", "options": ["--backup-identity", "--backup-key"],
     "source": "_validators:_mysql_byok_validator"},
    {"command": SERVER + "update", "kind": "needs", "option": "--backup-identity", "needs": "--identity",
     "source": "_validators:_mysql_byok_validator"},
    {"command": SERVER + "update", "kind": "excludes", "options": ["--disable-data-encryption", "--key"],
     "source": "_validators:_mysql_byok_validator"},
    {"command": SERVER + "update", "kind": "server", "options": ["--key", "--disable-data-encryption"],
     "state": {"/properties/replicationRole": "Replica"}, "source": "_validators:_mysql_byok_validator"},
    {"command": SERVER + "update", "kind": "server", "options": ["--identity"], "without": "--backup-identity",
     "state": {"/properties/backup/geoRedundantBackup": "Enabled"}, "source": "_validators:_mysql_byok_validator"},
    # The upper end comes from Azure's capabilities for the region; Microsoft's page on backups names 35 days for all.
    {"command": SERVER + "update", "kind": "range", "option": "--backup-retention", "least": 1, "most": 35,
     "source": "_validators:mysql_retention_validator"},
    {"command": SERVER + "update", "kind": "form", "option": "--maintenance-window", "form": "maintenance-window",
     "source": "_validators:maintenance_window_validator"},
    {"command": SERVER + "update", "kind": "alone", "option": "--maintenance-window",
     "source": "custom:flexible_server_update_custom_func"},
    {"command": SERVER + "update", "kind": "server", "options": ["--high-availability"],
     "values": ["ZoneRedundant", "SameZone"], "state": {"/sku/tier": "Burstable"},
     "source": "_validators:_mysql_high_availability_validator"},
    {"command": SERVER + "update", "kind": "server", "options": ["--storage-auto-grow"], "values": ["Disabled"],
     "state": {"/properties/replicationRole": "Replica"}, "source": "_validators:mysql_auto_grow_validator"},
    {"command": SERVER + "update", "kind": "server", "options": ["--storage-auto-grow"], "values": ["Disabled"],
     "state": {"/properties/replicationRole": "Source"}, "source": "_validators:mysql_auto_grow_validator"},
    {"command": SERVER + "update", "kind": "server", "options": ["--storage-auto-grow"], "values": ["Disabled"],
     "state": {"/properties/highAvailability/mode": "ZoneRedundant"},
     "source": "_validators:mysql_auto_grow_validator"},
    {"command": SERVER + "firewall-rule create", "kind": "form", "option": "--rule-name", "form": "firewall-rule-name",
     "source": "_validators:firewall_rule_name_validator"},
    {"command": SERVER + "firewall-rule delete", "kind": "form", "option": "--rule-name", "form": "firewall-rule-name",
     "source": "_validators:firewall_rule_name_validator"},
    {"command": SERVER + "firewall-rule create", "kind": "form", "option": "--start-ip-address", "form": "ipv4",
     "source": "_validators:ip_address_validator"},
    {"command": SERVER + "firewall-rule create", "kind": "form", "option": "--end-ip-address", "form": "ipv4",
     "source": "_validators:ip_address_validator"},
    {"command": SERVER + "firewall-rule create", "kind": "server", "options": ["--rule-name"],
     "state": {"/properties/network/publicNetworkAccess": "Disabled"},
     "source": "_validators:validate_public_access_server"},
    {"command": SERVER + "firewall-rule delete", "kind": "server", "options": ["--rule-name"],
     "state": {"/properties/network/publicNetworkAccess": "Disabled"},
     "source": "_validators:validate_public_access_server"},
    {"command": SERVER + "ad-admin create", "kind": "server", "options": ["--server-name"],
     "state": {"/properties/replicationRole": "Replica"}, "source": "custom:flexible_server_ad_admin_set"},
    {"command": SERVER + "ad-admin delete", "kind": "server", "options": ["--server-name"],
     "state": {"/properties/replicationRole": "Replica"}, "source": "custom:flexible_server_ad_admin_delete"},
    {"command": SERVER + "identity assign", "kind": "server", "options": ["--server-name"],
     "state": {"/properties/replicationRole": "Replica"}, "source": "custom:flexible_server_identity_assign"},
    {"command": SERVER + "upgrade", "kind": "server", "options": ["--name"], "state": {"/sku/tier": "Burstable"},
     "source": "custom:flexible_server_version_upgrade"},
    {"command": "security pricing create", "kind": "one-of", "option": "--tier", "values": ["free", "standard"],
     "source": "azure.cli.command_modules.security._validators:validate_pricing_tier"},
    {"command": "lock create", "kind": "needs", "option": "--resource-type", "needs": "--resource-group",
     "source": "azure.cli.command_modules.resource._validators:internal_validate_lock_parameters"},
    {"command": "lock create", "kind": "needs", "option": "--resource-name", "needs": "--resource-type",
     "source": "azure.cli.command_modules.resource._validators:internal_validate_lock_parameters"},
    {"command": "lock delete", "kind": "needs", "option": "--resource-type", "needs": "--resource-group",
     "source": "azure.cli.command_modules.resource._validators:internal_validate_lock_parameters"},
    {"command": "network private-endpoint-connection approve", "kind": "together",
     "options": ["--name", "--resource-group", "--resource-name", "--type"],
     "source": "azure.cli.command_modules.network._validators:process_private_endpoint_connection_id_argument"},
    {"command": "network private-endpoint-connection reject", "kind": "together",
     "options": ["--name", "--resource-group", "--resource-name", "--type"],
     "source": "azure.cli.command_modules.network._validators:process_private_endpoint_connection_id_argument"},
    # A value that starts with @, or that does after its first =, is replaced by the content of that file.
    {"command": "*", "kind": "form", "option": "*", "form": "no-file",
     "source": "azure.cli.core.commands:_expand_file_prefixed_files"},
]

# The functions behind REFUSALS, each as it was read: the start of the SHA-256 of their source, in azure-cli 2.91.0.
READ = {
    "_validators:_mysql_byok_validator": "e87d933a2e44",
    "_validators:_mysql_high_availability_validator": "18cc8d5f2be2",
    "_validators:firewall_rule_name_validator": "b7e26d9b5d55",
    "_validators:ip_address_validator": "e32927faaa4a",
    "_validators:maintenance_window_validator": "a50f6a6243ba",
    "_validators:mysql_auto_grow_validator": "fd8bd289e755",
    "_validators:mysql_retention_validator": "6eac98b61549",
    "_validators:validate_public_access_server": "b6600cd40a0f",
    "azure.cli.command_modules.network._validators:process_private_endpoint_connection_id_argument": "151ed0cbe524",
    "azure.cli.command_modules.resource._validators:internal_validate_lock_parameters": "0d5f7af1ea79",
    "azure.cli.command_modules.security._validators:validate_pricing_tier": "4cb2bcfef614",
    "azure.cli.core.commands:_expand_file_prefixed_files": "3a0e05bb3363",
    "custom:flexible_server_ad_admin_delete": "287f7b62bb24",
    "custom:flexible_server_ad_admin_set": "e521cd4dd71b",
    "custom:flexible_server_identity_assign": "94050f88c79d",
    "custom:flexible_server_update_custom_func": "11bd7d39d661",
    "custom:flexible_server_version_upgrade": "a0ee33b69de3",
}


def invoker(command):
    """The CLI with this one command loaded, and its parser."""
    cli = get_default_cli()
    found = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls
    )
    cli.invocation = found
    loader = found.commands_loader
    loader.load_command_table(command.split())
    if command not in loader.command_table:
        sys.exit(f"the installed CLI has no command {command!r}")
    loader.command_table = {command: loader.command_table[command]}
    loader.command_name = command
    found.data["command_string"] = command
    register_global_subscription_argument(cli)
    cli.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
    loader.load_arguments(command)
    cli.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
    found.parser.cli_ctx = cli
    found.parser.load_command_table(loader)
    return found


def source_of(name):
    """The function that a refusal was read in."""
    module, function = name.split(":")
    if "." not in module:
        module = MYSQL + module
    return inspect.getsource(getattr(importlib.import_module(module), function))


def options(command):
    """What the command takes, by the first spelling of every option."""
    table = {}
    for argument in command.arguments.values():
        settings = argument.type.settings
        action = settings.get("action")
        if getattr(action, "__name__", "") == "IgnoreAction":
            continue
        spellings = settings.get("options_list") or argument.options_list
        if isinstance(spellings, str):
            spellings = [spellings]
        names = sorted((str(getattr(it, "target", it)) for it in spellings), key=lambda it: (-len(it), it))
        count = settings.get("nargs")
        values = "none" if action in ("store_true", "store_false") else {None: "one", "?": "maybe"}.get(count, "many")
        fact = {"values": values}
        if settings.get("required"):
            fact["required"] = True
        if choices := settings.get("choices"):
            fact["choices"] = sorted(str(it) for it in choices)
        if settings.get("deprecate_info"):
            fact["deprecated"] = True
        if len(names) > 1:
            fact["also"] = names[1:]
        table[names[0]] = fact
    return dict(sorted(table.items()))


def table():
    """Everything, in one order."""
    commands = {}
    for name in sorted(COMMANDS):
        command = invoker(name).commands_loader.command_table[name]
        fact = {"options": options(command)}
        if command.deprecate_info:
            fact["deprecated"] = True
        if command.preview_info:
            fact["preview"] = True
        commands[name] = fact
    refusals = []
    for refusal in REFUSALS:
        digest = hashlib.sha256(source_of(refusal["source"]).encode()).hexdigest()[:12]
        known = READ.get(refusal["source"])
        if known != digest:
            sys.exit(f"{refusal['source']} was read as {known} and is {digest}: read it again, then note the digest")
        refusals.append(refusal)
    return {
        "about": "Facts about the Azure CLI. Written by .github/azure_cli_table.py, which says how; not to be edited.",
        "azure-cli": core_version,
        "global": ["--debug", "--help", "--only-show-errors", "--output", "--query", "--verbose"],
        "commands": commands,
        "refusals": refusals,
    }


def written(facts):
    """JSON with an option or a refusal a line: short, and a change shows in one line."""
    def line(value):
        return json.dumps(value, ensure_ascii=False)

    def members(value, depth):
        pad = " " * depth
        if depth < 4 and isinstance(value, dict) and any(isinstance(it, (dict, list)) for it in value.values()):
            inside = (f"{pad} {line(key)}: {members(it, depth + 1)}" for key, it in value.items())
            return "{\n" + ",\n".join(inside) + f"\n{pad}}}"
        if depth == 1 and isinstance(value, list) and any(isinstance(it, dict) for it in value):
            return "[\n" + ",\n".join(f"{pad} {line(it)}" for it in value) + f"\n{pad}]"
        return line(value)

    return members(facts, 0)


def words_of(line):
    """The words of a line for a POSIX shell, with a stand-in for every variable that must be set."""
    for word in shlex.split(line):
        while "${" in word:
            start = word.index("${")
            end = word.index("}", start)
            name = word[start + 2:end].partition(":")[0]
            stand_in = {
                "SUBNET_ID": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
                "EXPIRES": "2030-01-01T00:00:00Z",
                "MAINTENANCE_WINDOW": "Sun:02:00",
            }.get(name, "stand-in")
            word = word[:start] + stand_in + word[end + 1:]
        yield word


def check(lines):
    """Gives every line to the CLI's own parser."""
    bad = count = 0
    cache = {}
    for line in lines:
        line = line.strip()
        if not line.startswith("az "):
            continue
        words = list(words_of(line))[1:]
        depth = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
        name = " ".join(words[:depth])
        try:
            found = cache.setdefault(name, None) or invoker(name)
            cache[name] = found
            parsed = found.parser.parse_args(words)
            parsed.cmd = parsed._cmd = found.commands_loader.command_table[name]
            found._validation(parsed)
            count += 1
        except (SystemExit, Exception) as error:  # the CLI ends a wrong line in many ways
            if "az login" in str(error):
                # The validators went as far as they can without an account.
                count += 1
                continue
            bad += 1
            print(f"refused: {line}\n         {error}", file=sys.stderr)
    print(f"{count} lines accepted, {bad} refused by azure-cli {core_version}")
    return 1 if bad or not count else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check(sys.stdin))
    if sys.argv[1:]:
        sys.exit(__doc__)
    print(written(table()))
