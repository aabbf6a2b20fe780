"""The OpenAPI document holds: whatever fits it is answered as it says, and everything that goes in has a bound."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import Tenant

CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SESSION_ENDS = {"/api/v1/auth/logout", "/api/v1/auth/password"}
"""They end the session that the other requests are made with; they have tests of their own."""


def _problems(app: Flask, tenant: Tenant, examples: int) -> list[str]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    candidate = tenant.candidate()
    problems: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in SESSION_ENDS:
            continue
        token = candidate.bearer if operation.path.startswith("/api/v1/session") else tenant.token
        problem = _try(operation, {"Authorization": f"Bearer {token}"}, examples)
        if problem:
            problems.append(f"{operation.label}: {problem}")
    return problems


def _try(operation: Any, headers: dict[str, str], examples: int) -> str | None:
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers)
        if answer.status_code != 503:
            case.validate_response(answer, checks=[not_a_server_error])
        case.validate_response(answer, checks=list(CHECKS))

    try:
        check()
    except Exception as failure:
        return str(failure)[:1500]
    return None


def test_what_fits_the_document_is_answered_as_it_says(app: Flask, tenant: Tenant) -> None:
    assert not (problems := _problems(app, tenant, 12)), "\n\n".join(problems)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_and_so_is_a_great_deal_more_of_it(app: Flask, tenant: Tenant) -> None:
    assert not (problems := _problems(app, tenant, 300)), "\n\n".join(problems)


def test_everything_that_goes_in_is_bounded(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    unbounded: list[str] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            for parameter in [*operation.get("parameters", ()), *methods.get("parameters", ())]:
                if "$ref" not in parameter:
                    name = f"{method} {path} {parameter['name']}"
                    unbounded += _unbounded(parameter["schema"], document, name, ())
            for media in operation.get("requestBody", {}).get("content", {}).values():
                unbounded += _unbounded(media["schema"], document, f"{method} {path}", ())
    assert not unbounded, "\n".join(unbounded)


def _unbounded(schema: dict[str, Any], document: dict[str, Any], where: str, above: tuple[str, ...]) -> list[str]:
    """The parts of a schema of input that a client could make as large as it likes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in above:
            return [f"{where}: {name} nests in itself without end"]
        return _unbounded(document["components"]["schemas"][name], document, where, (*above, name))
    found: list[str] = []
    for alternative in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += _unbounded(alternative, document, where, above)
    if found or "allOf" in schema or "anyOf" in schema or "oneOf" in schema or "enum" in schema:
        return found
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        match kind:
            case "string" if schema.get("format") not in {"uuid", "date-time", "date"} and "maxLength" not in schema:
                found.append(f"{where}: a string without maxLength")
            case "integer" | "number" if not (_has(schema, "aximum") and _has(schema, "inimum")):
                found.append(f"{where}: a number without minimum and maximum")
            case "array":
                if "maxItems" not in schema:
                    found.append(f"{where}: an array without maxItems")
                found += _unbounded(schema.get("items", {}), document, f"{where}[]", above)
            case "object":
                if "properties" not in schema and "maxProperties" not in schema:
                    found.append(f"{where}: an object of any size")
                for name, inner in schema.get("properties", {}).items():
                    found += _unbounded(inner, document, f"{where}.{name}", above)
                if isinstance(extra := schema.get("additionalProperties"), dict):
                    found += _unbounded(extra, document, f"{where}.*", above)
    return found


def _has(schema: dict[str, Any], limit: str) -> bool:
    return f"m{limit}" in schema or f"exclusiveM{limit}" in schema
