"""Refusals as RFC 9457 problems: a stable `code`, the field, and a sentence in the caller's language."""

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.core.locale import Locale, say, sentence


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["phone"])
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["请填写此项。"])


class Problem(BaseModel):
    """An RFC 9457 problem document, `application/problem+json`."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"], description="Stable: programs may rely on it.")
    detail: str = Field(examples=["没有找到，或它不属于您。"], description="A sentence for a person.")
    instance: str = Field(examples=["0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"], description="The request's id.")
    errors: list[FieldProblem] = Field(default=[], description="The fields it is about.")
    present: dict[str, Any] | None = Field(
        default=None, description="With 412 and some 409: the state as it is now."
    )


_MEANINGS = {
    400: "A header is missing or cannot be read",
    401: "Not signed in, or no longer",
    403: "Seen, but not yours to do",
    404: "No such thing, or it is not yours",
    409: "In conflict with the present state; `code` says how",
    412: "Changed since you read it; `present` is how it stands",
    413: "The body is over its limit",
    415: "The body is of a type that is not taken here",
    416: "No such part of it",
    460: "What arrived does not have the checksum that came with it",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of a route's own refusals, besides those every route shares."""
    return {status: problem_documented(_MEANINGS[status]) for status in statuses}


def problem_documented(description: str) -> dict[str, Any]:
    """One refusal in the OpenAPI document. `Problem` itself is put among its components by `backend/app.py`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def problem_response(
    *,
    locale: Locale,
    request_id: str,
    status: int,
    code: str,
    params: dict[str, Any] | None = None,
    errors: list[FieldProblem] | None = None,
    present: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The HTTP response of one refusal."""
    problem = Problem(
        type="about:blank",
        title=say(locale, f"problem.title_{status}"),
        status=status,
        code=code,
        detail=sentence(locale, code, params or {}),
        instance=request_id,
        errors=errors or [],
        present=present,
    )
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=status,
        media_type="application/problem+json",
        headers={**(headers or {}), "content-language": locale},
    )
