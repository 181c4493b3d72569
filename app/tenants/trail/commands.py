"""The commands of this room: `heed audit verify`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TextIO
from uuid import UUID

import click

from app.kernel.scope import directory_scope, tenant_scope
from app.tenants import queries as tenants_room
from app.tenants.trail import checking, queries
from app.tenants.trail.rules import Fault, Head

FAULT_WORDS = {
    "seal_missing": "seal {seq} is missing: it was deleted, with its row or without",
    "chain_broken": "seal {seq} does not follow from the one before: one of them was changed, moved or put in",
    "seal_misdated": "seal {seq} was made in the future, or before the one in front of it, by the time that it bears",
    "row_missing": "the row of seal {seq} is gone: {event}",
    "row_changed": "the row of seal {seq} is not as it was sealed: {event}",
    "row_without_seal": "a row has no seal and waits for none, so Heed did not write it: {event}",
    "tail_cut": "seals behind {seq} were cut off",
    "head_missing": "seal {seq} of the earlier head is gone: the tail was cut off",
    "head_differs": "seal {seq} is another than in the earlier head: the chain was written anew",
    "tenant_missing": "the earlier heads name this tenant, which is not here",
}


@click.group()
def audit() -> None:
    """Prove what was done."""


@audit.command()
@click.option("--tenant", "slug", help="Only this tenant; else all of them.")
@click.option("--head", "earlier", type=click.File("r", "utf-8"), help="What an earlier run printed with --json.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(slug: str | None, earlier: TextIO | None, as_json: bool) -> int:
    """Check that no audit row was changed, deleted, put in or moved since it was sealed.

    Prints the head of each tenant's chain. Keep it where nobody who can write to the database can write; with --head a
    later run proves that everything up to there still stands. Exit status 1 when anything is wrong.
    """
    heads = _heads(earlier)
    with directory_scope():
        tenants = queries.list_tenants(slug)
    if slug and not tenants:
        raise click.UsageError(f"There is no tenant {slug}.")
    told = [_check(*tenant, heads.pop(str(tenant[0]), None), as_json) for tenant in tenants]
    if not slug:
        told += [_gone(tenant_id, as_json) for tenant_id in heads]
    if as_json:
        click.echo(json.dumps({"tenants": told}))
    return int(any(tenant["faults"] for tenant in told))


def _heads(file: TextIO | None) -> dict[str, Head]:
    if file is None:
        return {}
    try:
        tenants = json.load(file)["tenants"]
        return {str(UUID(one["tenant_id"])): Head(**one["head"]) for one in tenants if one["head"] is not None}
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError("--head is not what `heed audit verify --json` prints.") from error


def _check(tenant_id: UUID, slug: str, earlier: Head | None, as_json: bool) -> dict[str, Any]:
    with tenant_scope(tenant_id):
        found = asdict(checking.verify_audit(earlier))
    told = {"tenant": slug, "tenant_id": str(tenant_id), **found}
    if not as_json:
        _say(told)
    return told


def _gone(tenant_id: str, as_json: bool) -> dict[str, Any]:
    """A tenant of the earlier heads: one that was deleted has its last head in the proof of that."""
    with directory_scope():
        tombstone = tenants_room.find_tenant(UUID(tenant_id))
    is_deleted = tombstone is not None and tombstone.closed_at is not None
    faults = [] if is_deleted else [asdict(Fault("tenant_missing"))]
    found = {**asdict(checking.Report()), "faults": faults}
    told = {"tenant": None, "tenant_id": tenant_id, **found}
    if not as_json:
        _say(told)
    return told


def _say(told: Mapping[str, Any]) -> None:
    head = told["head"]
    up_to = f"head {head['seq']} {head['hash']} {head['at']}" if head else "no seal yet"
    waiting = f", {told['waiting']} rows wait for theirs" if told["waiting"] else ""
    let_go = f", {told['let_go']} of their rows let go" if told["let_go"] else ""
    name = told["tenant"] or told["tenant_id"]
    click.echo(f"{name}: {'WRONG' if told['faults'] else 'whole'}, {told['seals']} seals{let_go}{waiting}; {up_to}")
    for fault in told["faults"]:
        click.echo("  " + FAULT_WORDS[fault["kind"]].format(**fault))
