# SPDX-License-Identifier: GPL-2.0-or-later
"""Schemas of docs/openapi.yaml, for tests that hold answers against them."""


def nullable(node):
    """OpenAPI 3.0's nullable, as JSON Schema knows it."""
    if isinstance(node, list):
        return [nullable(n) for n in node]
    if not isinstance(node, dict):
        return node
    node = {key: nullable(value) for key, value in node.items()}
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    return node
