"""Departments: put, read, list."""

from __future__ import annotations

from typing import Any, Literal

from app.api.base import ApiModel, Key, KeyPath, ListQuery, Name, blueprint, listing
from app.journeys import queries, service
from app.journeys.models import Department
from app.tenants.access import api_scope

bp = blueprint("departments", "Departments")


class DepartmentIn(ApiModel):
    """A department as it is sent; `layer` says whether customers meet it."""

    name: Name
    layer: Literal["frontline", "support"]


class DepartmentOut(DepartmentIn):
    """A department."""

    key: Key


class DepartmentList(ApiModel):
    """Some departments."""

    data: list[DepartmentOut]
    next_cursor: str | None


@bp.put("/departments/<key>", responses={200: DepartmentOut, 201: DepartmentOut})
@api_scope("admin")
def put_department(path: KeyPath, body: DepartmentIn) -> tuple[dict[str, Any], int]:
    """Make a department, or give it this name and layer."""
    department, is_new = service.put_department(path.key, body.name, body.layer)
    return _out(department), 201 if is_new else 200


@bp.get("/departments/<key>", responses={200: DepartmentOut})
@api_scope("read")
def get_department(path: KeyPath) -> dict[str, Any]:
    """One department."""
    return _out(queries.get_department_by_key(path.key))


@bp.get("/departments", responses={200: DepartmentList})
@api_scope("read")
def list_departments(query: ListQuery) -> dict[str, Any]:
    """The departments, by key."""
    return listing(queries.page_of_departments(query.cursor, query.limit), _out)


def _out(department: Department) -> dict[str, Any]:
    return {"key": department.key, "name": department.name, "layer": department.layer}
