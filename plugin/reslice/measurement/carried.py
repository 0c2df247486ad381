"""Values that come without their geometry, as some files carry them: kept as the sender's, never computed."""

from typing import Any

from pydantic import Field, ValidationError, model_validator

from reslice.measurement.document import Code, refusal, require_tool
from reslice.measurement.fields import Body, CodeText, Description, Label, Number
from reslice.measurement.tools import Tool, Type
from reslice.measurement.values import Value


class CarriedValue(Body):
    """One number of the sender's."""

    name: CodeText
    value: Number
    unit: CodeText
    code: CodeText | None = None


class Carried(Body):
    """What is known of a measurement without geometry."""

    type: Type
    tool: Tool
    label: Label = ""
    description: Description = ""
    finding: Code | None = None
    site: Code | None = None
    values: tuple[CarriedValue, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _has_a_tool_of_its_type(self) -> "Carried":
        require_tool(self.type, self.tool)
        return self

    def to_json(self) -> dict[str, Any]:
        """As a record holds it."""
        said = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {**said, "Values": [Value(v.name, v.value, v.unit).to_json() for v in self.values]}


def carried_of(value: dict[str, Any]) -> Carried:
    """The same of decoded JSON, other keys left out. Raises InvalidMeasurement."""
    known = {field.alias: value.get(str(field.alias)) for field in Carried.model_fields.values()}
    try:
        return Carried.model_validate({key: part for key, part in known.items() if part is not None})
    except ValidationError as error:
        raise refusal(error) from None
