"""The departments, and the touchpoints that each answers for."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys import queries, service
from app.journeys.forms import DepartmentForm
from app.journeys.views.blueprints import bp
from app.journeys.views.shared import go_to, page
from app.partners.forms import SENTENCES
from app.tenants.access import permission
from app.web.forms import carried_out


@bp.get("/departments/")
@permission("journeys.read")
def departments() -> str:
    """Every department."""
    return _list(DepartmentForm(formdata=None) if "add" in request.args else None)


@bp.post("/departments/")
@permission("journeys.edit")
def add_department() -> tuple[str, int] | Response:
    """Add a department."""
    form = DepartmentForm()
    if form.validate() and carried_out(
        form, lambda: service.add_department(form.name.data, form.layer.data, form.key.data or ""), SENTENCES
    ):
        flash(_("%(name)s is added.", name=form.name.data), "success")
        return go_to("journeys.departments")
    return _list(form), 422


@bp.get("/departments/<key>/edit")
@permission("journeys.edit")
def edit_department(key: str) -> str:
    """The form of a department."""
    department = queries.get_department_by_key(key)
    form = DepartmentForm(formdata=None, data={"name": department.name, "layer": department.layer})
    return page("department_edit.html", department=department, form=form)


@bp.post("/departments/<key>/edit")
@permission("journeys.edit")
def save_department(key: str) -> tuple[str, int] | Response:
    """Change a department."""
    department, form = queries.get_department_by_key(key), DepartmentForm()
    if form.validate() and carried_out(
        form, lambda: service.put_department(key, form.name.data, form.layer.data), SENTENCES
    ):
        flash(_("Saved."), "success")
        return go_to("journeys.departments")
    return page("department_edit.html", department=department, form=form), 422


def _list(form: DepartmentForm | None) -> str:
    return page(
        "departments.html", departments=queries.list_departments(), counts=queries.count_by_department(), form=form
    )
