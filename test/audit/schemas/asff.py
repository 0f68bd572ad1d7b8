"""Writes asff.json: the parameters of Security Hub's BatchImportFindings as a JSON schema.

    pip install botocore && python asff.py > asff.json

Source: botocore's data/securityhub service model (Apache License 2.0), of which shapes, required members, patterns and
limits are taken; unknown members are refused, as botocore's validator does. The lengths are those that the model states
in words only.
"""
import json

import botocore
import botocore.session

model = botocore.session.get_session().get_service_model("securityhub")
WANTED = {
    "AwsSecurityFinding": {
        "SchemaVersion", "Id", "ProductArn", "Region", "GeneratorId", "AwsAccountId", "Types", "FirstObservedAt",
        "LastObservedAt", "CreatedAt", "UpdatedAt", "Severity", "Title", "Description", "ProductFields", "Network",
        "Resources", "Compliance", "RecordState",
    },
    "Resource": {"Type", "Id", "Partition", "Region"},
    "Compliance": {"Status"},
}
LENGTHS = {("AwsSecurityFinding", "Title"): 256, ("AwsSecurityFinding", "Description"): 1024}
TYPES = {"integer": "integer", "long": "integer", "double": "number", "boolean": "boolean"}


def schema(shape):
    if shape.type_name == "structure":
        wanted = WANTED.get(shape.name, set(shape.members))
        properties = {}
        for name, member in shape.members.items():
            if name in wanted:
                properties[name] = schema(member)
                if (shape.name, name) in LENGTHS:
                    properties[name]["maxLength"] = LENGTHS[shape.name, name]
        return {
            "type": "object",
            "properties": properties,
            "required": shape.required_members,
            "additionalProperties": False,
        }
    if shape.type_name == "list":
        limits = {"minItems": shape.metadata.get("min"), "maxItems": shape.metadata.get("max")}
        return {"type": "array", "items": schema(shape.member)} | {k: v for k, v in limits.items() if v is not None}
    if shape.type_name == "map":
        return {"type": "object", "additionalProperties": schema(shape.value)}
    if shape.type_name in ("string", "timestamp"):
        made = {"type": "string"}
        if shape.enum:
            made["enum"] = shape.enum
        if "pattern" in shape.metadata:
            made["pattern"] = shape.metadata["pattern"]
        elif made == {"type": "string"} and shape.type_name == "string":
            made["minLength"] = 1
        return made
    return {"type": TYPES[shape.type_name]}


findings = schema(model.operation_model("BatchImportFindings").input_shape.members["Findings"])
findings["items"]["properties"]["ProductFields"] |= {"maxProperties": 50, "propertyNames": {"maxLength": 128}}
findings["items"]["properties"]["ProductFields"]["additionalProperties"]["maxLength"] = 2048
print(json.dumps({"$comment": f"Made by asff.py of botocore {botocore.__version__} (Apache License 2.0).", **findings}, indent=2))
