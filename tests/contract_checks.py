"""The OpenAPI document as a judge: whether an answer is one that it declares."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from requests.structures import CaseInsensitiveDict

from clients import Answer

METHODS = ("get", "put", "post", "delete")
PLACEHOLDERS = {"uuid": "[^/]*[0-9-][^/]*", "file": ".+"}


def closed(schema: Any) -> Any:
    """The same schema, refusing keys that it doesn't name: clients must expect them, we must have told them."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if found.get("type") == "object" and isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


class Judge:
    """The operations of a document, and the answers that they declare."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @property
    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Method, template and what is told of each."""
        return [
            (method.upper(), template, item[method])
            for template, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The template and the operation that a request means; words come before placeholders."""
        found = [(t, o) for m, t, o in self.operations if m == method and self._patterns[t].fullmatch(path)]
        return min(found, key=lambda pair: pair[0].count("{"), default=None)

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {
            template: re.compile(re.sub(r"\{(\w+)\}", lambda m: PLACEHOLDERS.get(m[1], "[^/]+"), template))
            for template in self.document["paths"]
        }

    def assert_declared(self, method: str, path: str, answer: Answer) -> None:
        """Status, media type, headers and body are declared."""
        found = self.operation(method, path.partition("?")[0])
        assert found is not None, (method, path)
        self.assert_declared_by(found[1], answer, f"{method} {path}")

    def assert_declared_by(self, operation: Mapping[str, Any], answer: Answer, request: str) -> None:
        """The same of an operation that is known."""
        where = f"{request}: {answer.status} {answer.content[:300]!r}"
        response = self.resolved(operation["responses"].get(str(answer.status)))
        assert response is not None, f"{where}: not among {list(operation['responses'])}"
        self._assert_headers(response, answer, where)
        if "content" in response:
            assert answer.media_type in response["content"], f"{where}: {answer.media_type}"
            if answer.media_type == "application/json":
                self.assert_fits(response["content"][answer.media_type]["schema"], answer.content, where)

    def _assert_headers(self, response: Mapping[str, Any], answer: Answer, where: str) -> None:
        declared = CaseInsensitiveDict(response.get("headers", {}))
        missing = [name for name, header in declared.items() if header.get("required") and name not in answer.headers]
        assert not missing, f"{where}: without {missing}"
        ours = {name for name in answer.headers if name.lower().startswith("reslice-")}
        undeclared = [name for name in ours if name not in declared]
        assert not undeclared, f"{where}: {undeclared} undeclared"
        for name in ours:
            schema = declared[name]["content"]["application/json"]["schema"]
            if "Truncated" not in answer.headers[name]:
                self.assert_fits(schema, answer.headers[name].encode(), f"{where}: {name}")

    def resolved(self, value: Any) -> Any:
        """What a reference to a response means."""
        if isinstance(value, dict) and "$ref" in value:
            return self.document["components"]["responses"][value["$ref"].rpartition("/")[2]]
        return value

    def assert_fits(self, schema: Any, body: bytes, where: str) -> None:
        """A body is what a schema says, with no key that it doesn't name."""
        whole = {**closed(schema), "components": {"schemas": self._closed_schemas}}
        problems = list(Draft202012Validator(whole).iter_errors(json.loads(body)))
        assert not problems, f"{where}: {[(list(p.absolute_path), p.message[:300]) for p in problems[:3]]}"

    @cached_property
    def _closed_schemas(self) -> Any:
        return closed(self.document["components"]["schemas"])
