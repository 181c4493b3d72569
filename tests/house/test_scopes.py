"""Who works without a tenant, in the past, or with SQL by hand: short lists that only grow on purpose."""

from __future__ import annotations

import ast

from tests.house.source import modules

DIRECTORY_CALLERS = {
    "app/billing/commands.py",  # the tenants that pay
    "app/custody/commands.py",  # a tenant that is deleted has to be outlived
    "app/custody/departing/aftermath.py",  # whether somebody works anywhere else
    "app/billing/service/hearing.py",  # the tenant that a customer of Stripe's is, once the signature is verified
    "app/delivery/webhooks/courier.py",  # which tenants have a delivery that is due
    "app/kernel/db.py",  # ping
    "app/kernel/outbox.py",  # which tenants have something due
    "app/runtime/health.py",  # is the database there, and at the newest revision
    "app/tenants/access.py",  # slug and membership look-up, public pages
    "app/tenants/accounts/commands.py",  # the person that a command names
    "app/tenants/accounts/views/links.py",  # the person for whom a link that is signed was made
    "app/tenants/commands.py",  # the tenant that a command names
    "app/tenants/sessions.py",  # the user of a session
    "app/tenants/trail/commands.py",  # the tenants whose audit is verified
}
# The invented year, of the demo tenant and of examples: nobody else may turn the clock back.
IN_THE_PAST = {"app/demo/shop/example.py", "app/demo/shop/service.py", "app/demo/shop/telling.py"}
RAW_SQL = {
    "app/delivery/webhooks/courier.py",
    "app/kernel/db.py",
    "app/kernel/outbox.py",
    "app/runtime/health.py",
}


def _callers(name: str) -> set[str]:
    return {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
    }


def test_directory_scope_has_few_callers() -> None:
    assert _callers("directory_scope") == DIRECTORY_CALLERS


def test_the_clock_is_turned_back_for_the_demo_tenant_alone() -> None:
    assert _callers("as_of") == IN_THE_PAST


def test_raw_sql_stands_in_reviewed_files() -> None:
    found = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) in ("text", "sa.text", "sqlalchemy.text"))
        and "model" not in path
    }
    assert found <= RAW_SQL
    assert "__table__" not in {n.attr for t in modules().values() for n in ast.walk(t) if isinstance(n, ast.Attribute)}


def test_no_session_wide_settings() -> None:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "set_config(" not in node.value or path == "app/kernel/wall.py", path
